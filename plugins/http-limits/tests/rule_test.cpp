#include "limits/rule.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

Rule rule(const char* name, const char* pattern, std::vector<std::string> methods = {}) {
  Rule made{.name = name, .pattern = RoutePattern::parse(pattern).value(), .exempt = {}};
  made.methods = methodsOf(methods);
  return made;
}

class Rules : public testing::Test {
 protected:
  std::string find(Method method, std::string_view path) const {
    const Rule* found = table_.find(method, path);
    return found == nullptr ? "none" : found->name;
  }
  RuleTable table_{{rule("all", "/*"), rule("stream", "/stream/*"),
                    rule("upload", "/stream/*", {"POST", "PUT"}), rule("health", "/stream/health"),
                    rule("first", "/a/*/c"), rule("second", "/a/b*/c"), rule("get", "/get", {"GET"})}};
};

TEST_F(Rules, TheMostSpecificMatches) {
  EXPECT_EQ(find(Method::kGet, "/stream/7/x.ts"), "stream");
  EXPECT_EQ(find(Method::kGet, "/stream/health"), "health");
  EXPECT_EQ(find(Method::kGet, "/other"), "all");
  EXPECT_EQ(find(Method::kGet, "/a/bb/c"), "second");
}

TEST_F(Rules, OfEqualPatternsTheOneThatNamesMethodsMatches) {
  EXPECT_EQ(find(Method::kPost, "/stream/7"), "upload");
  EXPECT_EQ(find(Method::kDelete, "/stream/7"), "stream");
}

TEST_F(Rules, ARuleForGetIsForHeadToo) {
  EXPECT_EQ(find(Method::kHead, "/get"), "get");
  EXPECT_EQ(find(Method::kOptions, "/get"), "all");
}

TEST_F(Rules, OfEqualsTheFirstWrittenMatches) {
  const RuleTable table({rule("x", "/a/*"), rule("y", "/a/*")});
  EXPECT_EQ(table.find(Method::kGet, "/a/1")->name, "x");
}

TEST_F(Rules, NoneMatchesInAnEmptyTable) { EXPECT_EQ(RuleTable().find(Method::kGet, "/"), nullptr); }

TEST(Methods, HaveTheNamesOfHttp) {
  EXPECT_EQ(methodOf("GET"), Method::kGet);
  EXPECT_EQ(methodOf("OPTIONS"), Method::kOptions);
  EXPECT_EQ(methodOf("get"), std::nullopt);
  EXPECT_TRUE(methodsOf({}).areAll());
}

class Exemptions : public testing::Test {
 protected:
  bool holds(Asker asker, bool own_address = true) const { return exempt_.holds(asker, own_address); }
  static Asker from(const char* address) {
    return {.user = {}, .api_key = {}, .address = *Address::parse(address)};
  }
  Exempt exempt_{.addresses = NetworkSet(std::vector{*Network::parse("10.0.0.0/8")}),
                 .users = {"ada", "bob"},
                 .api_keys = {{1, 2}},
                 .patterns = {RoutePattern::parse("/health").value()}};
};

TEST_F(Exemptions, HoldForAddressesUsersKeysAndPaths) {
  EXPECT_TRUE(holds(from("10.1.2.3")));
  EXPECT_FALSE(holds(from("11.1.2.3")));
  Asker asker = from("203.0.113.7");
  asker.user = "bob";
  EXPECT_TRUE(holds(asker));
  asker.user = "bo";
  EXPECT_FALSE(holds(asker));
  asker.api_key = KeyedHash{1, 2};
  EXPECT_TRUE(holds(asker));
  EXPECT_TRUE(exempt_.holdsPath("/health"));
  EXPECT_FALSE(exempt_.holdsPath("/healthy"));
}

TEST_F(Exemptions, AnAddressThatMayBeAProxysIsNone) { EXPECT_FALSE(holds(from("10.1.2.3"), false)); }

}  // namespace
}  // namespace revenge::http_limits
