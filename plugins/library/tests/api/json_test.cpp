#include "api/json.hpp"

#include <string>

#include <gtest/gtest.h>

namespace library::api {
namespace {

std::string nested(std::size_t levels) { return std::string(levels, '[') + std::string(levels, ']'); }

// "line:column: what", or "" when it is read.
std::string fault(std::string_view text) {
  const auto read = parseJson(text);
  if (read) return "";
  return std::to_string(read.error().line) + ':' + std::to_string(read.error().column) + ": " +
         read.error().what;
}

std::string textOf(const Json& json, std::string_view name) {
  const Json* const member = json.member(name);
  return member == nullptr || member->text() == nullptr ? "(none)" : *member->text();
}

TEST(Json, IsReadWithItsMembersInOrder) {
  const auto json = parseJson(R"({"b": "x", "a": [1, -2.5, true, null]})");
  ASSERT_TRUE(json);
  EXPECT_EQ(json->object()->front().name, "b");
  EXPECT_EQ(textOf(*json, "b"), "x");
  const Json::Array& list = *json->member("a")->array();
  EXPECT_EQ(std::get<std::int64_t>(list[0].value), 1);
  EXPECT_EQ(std::get<double>(list[1].value), -2.5);
  EXPECT_TRUE(list[3].isNull());
}

TEST(Json, TellsLineAndColumnOfWhatIsWrong) {
  EXPECT_TRUE(fault("{\"a\": 1,\n \"b\" 2}").starts_with("2:6: ")) << fault("{\"a\": 1,\n \"b\" 2}");
  EXPECT_TRUE(fault("").starts_with("1:1: ")) << fault("");
  EXPECT_TRUE(fault("[1] x").starts_with("1:5: ")) << fault("[1] x");
  EXPECT_TRUE(fault("[\"\u00e9\u00e9\", x]").starts_with("1:8: ")) << fault("[\"\u00e9\u00e9\", x]");
}

TEST(Json, RefusesNamesThatAreThereTwice) {
  EXPECT_TRUE(fault(R"({"a": 1, "a": 2})").ends_with("a name is there twice"));
  EXPECT_TRUE(fault(R"({"a": 1, "\u0061": 2})").ends_with("a name is there twice"));
  EXPECT_EQ(fault(R"([{"a": 1}, {"a": 2}])"), "");
}

TEST(Json, IsAtMost64LevelsDeep) {
  EXPECT_EQ(fault(nested(64)), "");
  EXPECT_TRUE(fault(nested(65)).ends_with("deeper than 64 levels"));
  EXPECT_NE(fault(std::string(1U << 20U, '[')), "");
}

TEST(Json, RefusesWhatIsNotUtf8) {
  EXPECT_NE(fault("[\"\xff\"]"), "");
  EXPECT_NE(fault("[\"\xc0\xaf\"]"), "");
  EXPECT_NE(fault("[\"\\ud800\"]"), "");
  EXPECT_EQ(fault("[\"\xf0\x9f\x8e\xac\"]"), "");
}

TEST(Json, ReadsNumbersExactlyOrRefusesThem) {
  EXPECT_EQ(fault("[9223372036854775807, -9223372036854775808]"), "");
  EXPECT_NE(fault("[9223372036854775808]"), "");
  EXPECT_NE(fault("[-9223372036854775809]"), "");
  EXPECT_NE(fault("[123456789012345678901234567890]"), "");
  EXPECT_NE(fault("[1e999]"), "");
  EXPECT_NE(fault("[NaN]"), "");
}

// The examples of RFC 7396, appendix A, as far as members are texts.
TEST(Json, MergesAPatch) {
  const auto merge = [](std::string_view target, std::string_view patch) {
    return merged(*parseJson(target), *parseJson(patch));
  };
  EXPECT_EQ(textOf(merge(R"({"a":"b"})", R"({"a":"c"})"), "a"), "c");
  EXPECT_EQ(merge(R"({"a":"b"})", R"({"b":"c"})").object()->size(), 2U);
  EXPECT_TRUE(merge(R"({"a":"b"})", R"({"a":null})").object()->empty());
  EXPECT_EQ(textOf(merge(R"({"a":["b"]})", R"({"a":"c"})"), "a"), "c");
  const Json inner = merge(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})");
  EXPECT_EQ(textOf(*inner.member("a"), "b"), "d");
  EXPECT_EQ(inner.member("a")->object()->size(), 1U);
  EXPECT_NE(merge(R"({"a":"foo"})", R"(["c"])").array(), nullptr);
  EXPECT_TRUE(merge(R"({"a":"foo"})", "null").isNull());
  EXPECT_TRUE(merge(R"({})", R"({"a":{"bb":{"ccc":null}}})").member("a")->member("bb")->object()->empty());
}

}  // namespace
}  // namespace library::api
