#include "observe/log_redaction.hpp"

#include <gtest/gtest.h>

#include "observe/log_format.hpp"

namespace revenge::observe {
namespace {

using Group = Attribute::Group;

class Redaction : public testing::Test {
 protected:
  std::string said(std::vector<Attribute> bound, std::vector<Attribute> own) {
    LogRecord record{};
    record.component = "test";
    record.message = "m";
    record.bound = bound;
    record.attributes = own;
    redaction.apply(record);
    std::string text;
    appendText(text, record);
    return text.substr(text.find(" m") + 2);
  }

  LogRedaction redaction{{"password", "token", "Api_Key"}};
};

TEST_F(Redaction, L5_HidesAKeyInAGroupAndOneBoundEarlier) {
  EXPECT_EQ(said({{"token", "t1"}, {"a", 1}}, {{"G", Group{2}}, {"token", "t2"}, {"b", 2}}),
            " token=[redacted] a=1 G.token=[redacted] G.b=2");
}

TEST_F(Redaction, L5_CaseAndSeparatorsMakeNoDifference) {
  for (const char* key :
       {"TOKEN", "access_token", "X-Csrf-Token", "sessionToken", "apikey", "API-KEY", "my.api.key"})
    EXPECT_TRUE(redaction.hides(key)) << key;
  for (const char* key : {"tokens", "token_count", "oken", "key", ""})
    EXPECT_FALSE(redaction.hides(key)) << key;
}

TEST_F(Redaction, L5_AHiddenGroupIsHiddenWhole) {
  EXPECT_EQ(said({}, {{"token", Group{2}}, {"raw", "t"}, {"bits", 256}, {"after", 1}}),
            " token.raw=[redacted] token.bits=[redacted] after=1");
  EXPECT_EQ(said({{"token", Attribute::OpenGroup{}}}, {{"raw", "t"}}), " token.raw=[redacted]");
}

TEST_F(Redaction, L5_ParametersOfAQueryAreKeysToo) {
  EXPECT_EQ(said({}, {{"query", "a=1&token=t&b=2"}}), R"( query="a=1&token=[redacted]&b=2")");
  EXPECT_EQ(said({}, {{"url", "http://h/x?api%5fkey=k&b#token=f"}}),
            R"( url="http://h/x?api%5fkey=[redacted]&b#token=[redacted]")");
  EXPECT_EQ(said({}, {{"url", "http://token=1/"}}), R"( url="http://token=1/")");
}

TEST_F(Redaction, LeavesALineAloneThatHasNoSecret) {
  const std::vector<Attribute> own{{"a", 1}};
  LogRecord record{};
  record.attributes = own;
  redaction.apply(record);
  EXPECT_EQ(record.attributes.data(), own.data());
}

TEST_F(Redaction, ANameWithoutALetterHidesNothing) {
  redaction = LogRedaction({"", "-"});
  EXPECT_EQ(said({}, {{"a", 1}}), " a=1");
}

}  // namespace
}  // namespace revenge::observe
