#include "document/json.hpp"

#include <gtest/gtest.h>

namespace revenge::document {
namespace {

std::string refusal(std::string_view text, const Limits& limits = {}) {
  const auto value = parseJson(text, "f.json", limits);
  return value ? "accepted" : value.error().message;
}

TEST(Json, KeepsKindsOrderAndPositions) {
  const auto value =
      parseJson("{\n  \"z\": [1, -2.5,\n true],\n  \"a\": {\"n\" :  null, \"s\": \"x\\n\"}\n}", "f.json");
  ASSERT_TRUE(value) << value.error().message;
  EXPECT_EQ(writeJson(*value), R"({"z":[1,-2.5,true],"a":{"n":null,"s":"x\n"}})");
  EXPECT_EQ(value->position.line, 1U);
  EXPECT_EQ(value->member("z")->keyAt.line, 2U);
  EXPECT_EQ(value->member("z")->keyAt.column, 3U);
  EXPECT_EQ(value->at("/z/1")->position.column, 12U);
  EXPECT_EQ(value->at("/z/2")->position.line, 3U);
  EXPECT_EQ(value->at("/z/2")->position.column, 2U);
  EXPECT_EQ(value->at("/a/n")->position.column, 16U);
  EXPECT_EQ(value->at("/a/s")->position.line, 4U);
}

TEST(Json, PrettyTextParsesToTheSameValue) {
  const auto value = parseJson(R"({"a":[{},[],{"b":0.1}],"c":"\u0000\ud83d\ude00"})", "f.json");
  ASSERT_TRUE(value);
  EXPECT_EQ(parseJson(writeJson(*value, Layout::kPretty), "again").value(), *value);
  EXPECT_EQ(value->find("c")->text()->size(), 5U);
}

TEST(Json, DuplicateKeyIsRefusedWithItsLine) {
  EXPECT_EQ(refusal("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}"),
            "f.json:3: duplicate key \"a\"; remove one of them");
  EXPECT_EQ(refusal(R"({"a":{"b":1,"\u0062":2}})"), "f.json:1: duplicate key \"b\"; remove one of them");
  EXPECT_EQ(refusal(R"([{"a":1},{"a":{"a":2}}])"), "accepted");
}

TEST(Json, DepthIsBounded) {
  EXPECT_EQ(refusal(std::string(100, '[') + std::string(100, ']')), "accepted");
  EXPECT_EQ(refusal(std::string(101, '[') + std::string(101, ']')),
            "f.json:1: nested deeper than 100 levels");
  EXPECT_EQ(refusal(std::string(500'000, '[')), "f.json:1: nested deeper than 100 levels");
}

TEST(Json, SizeIsBounded) {
  EXPECT_EQ(refusal("\"" + std::string(10 << 20, 'x') + "\""),
            "f.json:1: 10485762 bytes, at most 1048576 are read");
  EXPECT_EQ(refusal("[1,2]", {.maxBytes = 5}), "accepted");
  EXPECT_EQ(refusal("[1,2]", {.maxBytes = 4}), "f.json:1: 5 bytes, at most 4 are read");
  EXPECT_EQ(refusal("[1,\n2,\n3]", {.maxValues = 3}), "f.json:3: more than 3 values");
}

TEST(Json, WhatIsNotJsonIsRefusedWithItsLine) {
  for (const std::string& text : std::vector<std::string>{"",
                                                          " \n",
                                                          "{\"a\":\n}",
                                                          "[1,\n]",
                                                          "[1]\nx",
                                                          "[1]\n[2]",
                                                          "{'a':\n1}",
                                                          "[01\n]",
                                                          "[\n\"a\nb\"]",
                                                          "[\n\"\xff\"]",
                                                          "[\n\"\xc0\xaf\"]",
                                                          "[\n\"\xed\xa0\x80\"]",
                                                          "[\"\\ud800\"\n]",
                                                          "\n{\"a\" 1}",
                                                          "[NaN\n]",
                                                          "[1e999\n]",
                                                          std::string("[1]\0", 4),
                                                          "// no\n1",
                                                          "{\"a\":1,}\n",
                                                          "tru\n"}) {
    const std::string message = refusal(text);
    EXPECT_EQ(message.rfind("f.json:", 0), 0U) << text << ": " << message;
    EXPECT_EQ(message.find('\n'), std::string::npos);
  }
  EXPECT_EQ(refusal("{\n\"a\": 1,\n\"b\": nul\n}").substr(0, 9), "f.json:3:");
  EXPECT_EQ(refusal("[1]\n\nx").substr(0, 9), "f.json:3:");
}

TEST(Json, MessageStaysShortWhateverTheToken) {
  EXPECT_LT(refusal("[\"" + std::string(900'000, 'x')).size(), 220U);
  EXPECT_LT(
      refusal("{\"" + std::string(100'000, 'x') + "\":1,\"" + std::string(100'000, 'x') + "\":1}").size(),
      220U);
}

TEST(Json, IntegersBeyondSixtyFourBitsBecomeDoubles) {
  const auto value = parseJson("[9223372036854775807, -9223372036854775808, 9223372036854775808]", "f.json");
  EXPECT_EQ(value->at("/0")->integer(), INT64_MAX);
  EXPECT_EQ(value->at("/1")->integer(), INT64_MIN);
  EXPECT_EQ(value->at("/2")->kind(), Kind::kNumber);
}

TEST(Json, WritingIsAlwaysValid) {
  EXPECT_EQ(writeJson(Value("\xff")), "\"\xEF\xBF\xBD\"");
  EXPECT_EQ(writeJson(Value(std::numeric_limits<double>::infinity())), "null");
  EXPECT_EQ(writeJson(Value(std::string("\0", 1))), R"("\u0000")");
}

TEST(Json, EveryPrefixOfAValidTextIsRefusedNotFatal) {
  const std::string text = R"({"a":[1,-2.5e3,"x\u00e9",true,null,{}],"b":{"c":[[]]}})";
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_NE(refusal(text.substr(0, length)), "accepted") << length;
  }
}

}  // namespace
}  // namespace revenge::document
