#include "flags/version.hpp"

#include <gtest/gtest.h>

namespace revenge::flags {
namespace {

// What `test` says of `version`; nothing when that is no version.
std::optional<bool> holds(std::string_view test, std::string_view version) {
  const auto parsed = Version::parse(version);
  return parsed ? std::optional(VersionTest::parse(test).value().holds(*parsed)) : std::nullopt;
}

TEST(FlagVersion, F7_ComparesByPrecedence) {
  EXPECT_EQ(holds("= 2.0.0", "2.0.0"), true);
  EXPECT_EQ(holds("> 2.0.0", "2.1.0"), true);
  EXPECT_EQ(holds("< 2.0.0", "1.9.0"), true);
  EXPECT_EQ(holds("< 2.0.0", "2.0.0-alpha"), true);
  EXPECT_EQ(holds("> 2.0.0", "2.0.0.0"), std::nullopt);
}

TEST(FlagVersion, F8_TakesALeadingVAndIgnoresBuilds) {
  EXPECT_EQ(holds("= v1.0.0", "1.0.0"), true);
  EXPECT_EQ(holds("= v1.0.0", "v1.0.0"), true);
  EXPECT_EQ(holds("= v1.0.0", "V1.0.0"), true);
  EXPECT_EQ(holds("= v1.0.0", "2.0.0"), false);
  EXPECT_EQ(holds("= 1.0.0+build", "1.0.0+other"), true);
}

TEST(FlagVersion, FillsUpPartialOnes) {
  EXPECT_EQ(holds("= 1.0.0", "1"), true);
  EXPECT_EQ(holds("= 1.2", "1.2.0"), true);
  for (const char* none : {"", "v", "1.", ".1", "01.0.0", "1.0.0-", "1.0.0+", "1.x", "-1", "99999999999"})
    EXPECT_EQ(holds("= 1.0.0", none), std::nullopt) << none;
}

TEST(FlagVersion, TildeAndCaretLookAtTheFirstNumbersOnly) {
  EXPECT_EQ(holds("~1.2.9", "1.2.0"), true);
  EXPECT_EQ(holds("~1.2.0", "1.3.0"), false);
  EXPECT_EQ(holds("^1.9.0", "1.0.0"), true);  // no lower bound: not npm's
  EXPECT_EQ(holds("^1.0.0", "2.0.0"), false);
}

TEST(FlagVersion, EveryOperatorAtItsBoundary) {
  const auto all = [](std::string_view version) {
    std::string verdict;
    for (const char* sign : {"=", "!=", "<", "<=", ">", ">="})
      verdict += holds(std::string(sign) + "1.0.0", version) == true ? 'y' : '-';
    return verdict;
  };
  EXPECT_EQ(all("0.9.9"), "-yyy--");
  EXPECT_EQ(all("1.0.0"), "y--y-y");
  EXPECT_EQ(all("1.0.1"), "-y--yy");
}

TEST(FlagVersion, F9_UnknownOperatorsAreNone) {
  for (const char* none : {"=== 1.0.0", "1.0.0", "=", "", "== 1.0.0", "=> 1.0.0", "> 1.0.0 2.0.0"})
    EXPECT_FALSE(VersionTest::parse(none).has_value()) << none;
}

}  // namespace
}  // namespace revenge::flags
