#include "module/semver.hpp"

#include <gtest/gtest.h>

namespace revenge::module {
namespace {

TEST(Semver, OrdersAsTheStandardSays) {
  const std::vector<std::string> ascending{"0.9.10",     "1.0.0-alpha",  "1.0.0-alpha.1", "1.0.0-alpha.beta",
                                           "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",
                                           "1.0.0",      "1.0.1",        "1.10.0",        "2.0.0"};
  for (std::size_t i = 0; i + 1 < ascending.size(); ++i) {
    EXPECT_LT(*Semver::parse(ascending[i]), *Semver::parse(ascending[i + 1])) << ascending[i];
    EXPECT_GT(*Semver::parse(ascending[i + 1]), *Semver::parse(ascending[i])) << ascending[i];
  }
}

TEST(Semver, IgnoresBuildMetadataInComparisonAndKeepsItInText) {
  const auto version = Semver::parse("1.2.3-rc.1+g12ab");
  ASSERT_TRUE(version);
  EXPECT_EQ(version->text(), "1.2.3-rc.1+g12ab");
  EXPECT_EQ(*version, *Semver::parse("1.2.3-rc.1"));
}

TEST(Semver, RefusesWhatTheStandardRefuses) {
  for (const std::string_view text :
       {"", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.-3", "1.2.3-", "1.2.3-01", "1.2.3-a..b", "1.2.3+",
        "1.2.4294967296", "1.2.3 ", "1,2,3", "1.2.3-\xff"}) {
    const auto version = Semver::parse(text);
    ASSERT_FALSE(version) << text;
    EXPECT_NE(version.error().message.find("expected a semantic version"), std::string::npos);
  }
}

}  // namespace
}  // namespace revenge::module
