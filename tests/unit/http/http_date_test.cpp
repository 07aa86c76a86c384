#include "http/http_date.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace revenge::http {
namespace {

TEST(HttpDate, ReadsTheThreeFormsAndWritesTheFirst) {
  const auto written = formatHttpDate(784111777);
  EXPECT_EQ(std::string(written.data(), written.size()), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parseHttpDate("Sunday, 06-Nov-94 08:49:37 GMT"), 784111777);
  EXPECT_EQ(parseHttpDate("Sun Nov  6 08:49:37 1994"), 784111777);
}

TEST(HttpDate, WritesTheNearestThatFourDigitsOfAYearCanSay) {
  const auto first = formatHttpDate(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(std::string(first.data(), first.size()), "Sat, 01 Jan 0000 00:00:00 GMT");
  const auto last = formatHttpDate(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(std::string(last.data(), last.size()), "Fri, 31 Dec 9999 23:59:59 GMT");
}

TEST(HttpDate, RefusesWhatIsNoDate) {
  for (const char* text : {"", "yesterday", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nox 1994 08:49:37 GMT", "784111777"}) {
    EXPECT_EQ(parseHttpDate(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace revenge::http
