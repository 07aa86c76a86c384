#include "document/yaml.hpp"

#include <gtest/gtest.h>

#include "document/json.hpp"

namespace revenge::document {
namespace {

std::string asJson(std::string_view text, const Limits& limits = {}) {
  const auto value = parseYaml(text, "f.yaml", limits);
  return value ? writeJson(*value) : value.error().message;
}

TEST(Yaml, ScalarsFollowTheCoreSchema) {
  EXPECT_EQ(asJson("[true, False, null, ~, 12, -7, +3, 0x1F, 0o17, 1.5, -.5, 1e3, 012]"),
            "[true,false,null,null,12,-7,3,31,15,1.5,-0.5,1000.0,12]");
  EXPECT_EQ(asJson("[yes, no, on, 80a, 0x, 0xZZ, 1.2.3, 1e, ., '12', \"true\", !!str 5, 12:30, tRue]"),
            R"(["yes","no","on","80a","0x","0xZZ","1.2.3","1e",".","12","true","5","12:30","tRue"])");
  EXPECT_EQ(asJson("a:\nb: ''\n"), R"({"a":null,"b":""})");
  EXPECT_EQ(asJson(""), "null");
  EXPECT_EQ(asJson("[!!int 5, !!float 5, !!bool true, !!null ~, !!seq [], !!map {}]"),
            "[5,5.0,true,null,[],{}]");
}

TEST(Yaml, ValuesAndKeysKnowTheirPlace) {
  const auto value = parseYaml("# top\nhttp:\n  port: 80a\n  list:\n    - x\n", "f.yaml");
  ASSERT_TRUE(value);
  EXPECT_EQ(value->find("http")->member("port")->keyAt.line, 3U);
  EXPECT_EQ(value->at("/http/port")->position.line, 3U);
  EXPECT_EQ(value->at("/http/port")->position.column, 9U);
  EXPECT_EQ(value->at("/http/list/0")->position.line, 5U);
}

TEST(Yaml, DuplicateKeysAreRefusedWithTheLineOfTheSecond) {
  EXPECT_EQ(asJson("a: 1\nb: 2\na: 3\n"),
            "f.yaml:3: duplicate key \"a\", first in line 1; remove one of them");
  EXPECT_EQ(asJson("a: {x: 1,\n 'x': 2}\n"),
            "f.yaml:2: duplicate key \"x\", first in line 1; remove one of them");
}

TEST(Yaml, AliasesAreCopiesWithThePlaceOfTheAlias) {
  const auto value = parseYaml("a: &x [1, 2]\nb: *x\n", "f.yaml");
  ASSERT_TRUE(value);
  EXPECT_EQ(writeJson(*value), R"({"a":[1,2],"b":[1,2]})");
  EXPECT_EQ(value->at("/b")->position.line, 2U);
}

TEST(Yaml, ABillionLaughsAreRefused) {
  std::string text = "a: &a [x, x, x, x, x, x, x, x, x, x]\n";
  for (char name = 'b'; name <= 'k'; ++name) {
    const std::string before = fmt::format("*{}", static_cast<char>(name - 1));
    text += fmt::format("{}: &{} [{}", name, name, before);
    for (int i = 0; i < 9; ++i) text += ", " + before;
    text += "]\n";
  }
  EXPECT_EQ(asJson(text), "f.yaml:5: more than 200000 values, aliases expanded");
  EXPECT_EQ(asJson("a: &a [*a]"), "f.yaml:1: an alias inside the value it stands for");
  std::string deep = "a0: &a0 [x]\n";
  for (int i = 1; i <= 120; ++i) deep += fmt::format("a{}: &a{} [*a{}]\n", i, i, i - 1);
  EXPECT_NE(asJson(deep).find("nested deeper than 100 levels"), std::string::npos);
}

TEST(Yaml, WhatTheProjectDoesNotReadIsNamed) {
  EXPECT_EQ(asJson("a: &a {x: 1}\nb:\n  <<: *a\n"),
            "f.yaml:3: merge keys (<<) are not supported; write the keys out");
  EXPECT_EQ(asJson("a: 1\n---\nb: 2\n"), "f.yaml:2: a second document; only one is read");
  EXPECT_EQ(asJson("a:\n  - !!binary aGk=\n").substr(0, 10), "f.yaml:2: ");
  EXPECT_EQ(asJson("a: !home x").substr(0, 14), "f.yaml:1: tag ");
  EXPECT_EQ(asJson("a: !!set {x, y}").substr(0, 21), "f.yaml:1: unknown tag");
  EXPECT_EQ(asJson("a: !!int x").substr(0, 10), "f.yaml:1: ");
  EXPECT_EQ(asJson("[a]: 1"), "f.yaml:1: a key that is no text, or a bracket that is not closed");
  EXPECT_EQ(asJson(": 1"), asJson("[a]: 1"));
  EXPECT_EQ(asJson("? {a: 1}\n: 1"), asJson("[a]: 1"));
  EXPECT_EQ(asJson("x: 1\na: .inf"), "f.yaml:2: expected a finite number, got .inf");
}

TEST(Yaml, BrokenTextIsRefusedWithItsLine) {
  EXPECT_EQ(asJson("a: 1\nb: [1, 2\nc: 3\n").substr(0, 7), "f.yaml:");
  EXPECT_EQ(asJson("a: \"b\nc: 1\n").substr(0, 7), "f.yaml:");
  EXPECT_EQ(asJson("a: 'b\n").substr(0, 7), "f.yaml:");
  EXPECT_EQ(asJson("a: |+\n  b\n\n"), "{\"a\":\"b\\n\\n\"}");
  EXPECT_EQ(asJson("--- |\n b\n...\n"), "\"b\\n\"");
  EXPECT_EQ(asJson("# nothing\n"), "null");
  EXPECT_EQ(asJson("a: 1\n b: 2\n"), "f.yaml:2: broken YAML: illegal map value");
  EXPECT_EQ(asJson("a: 1\n\xff: 2\n"), "f.yaml:2: a NUL byte or invalid UTF-8");
  EXPECT_EQ(asJson(std::string_view("a: 1\nb: \0\n", 10)), "f.yaml:2: a NUL byte or invalid UTF-8");
  EXPECT_EQ(asJson("a: \xED\xA0\x80"), "f.yaml:1: a NUL byte or invalid UTF-8");
  EXPECT_EQ(asJson("a: \"\\0\""), "f.yaml:1: a NUL character");
  EXPECT_EQ(asJson("a: \"\\N\""), "f.yaml:1: the escape \\N or \\_ cannot be read; write \\u0085 or \\u00a0");
  EXPECT_EQ(asJson("\"\\_\": a"), asJson("a: \"\\N\""));
  EXPECT_EQ(asJson("a: \"\\x85\""), "{\"a\":\"\xC2\x85\"}");
  EXPECT_EQ(asJson("a: *nothing").substr(0, 9), "f.yaml:1:");
}

TEST(Yaml, SizeAndDepthAreBounded) {
  EXPECT_EQ(asJson(std::string(10 << 20, 'x')), "f.yaml:1: 10485760 bytes, at most 1048576 are read");
  EXPECT_EQ(asJson(std::string(100, '[') + std::string(100, ']')).substr(0, 4), "[[[[");
  EXPECT_EQ(asJson(std::string(101, '[') + std::string(101, ']')), "f.yaml:1: nested deeper than 100 levels");
  std::string dashes;
  for (int i = 0; i < 100'000; ++i) dashes += "- ";
  for (const std::string& text : {std::string(500'000, '['), std::string(500'000, '{'), dashes}) {
    EXPECT_EQ(asJson(text).substr(0, 7), "f.yaml:");
  }
  EXPECT_EQ(asJson("[1,\n2,\n3]", {.maxValues = 3}), "f.yaml:3: more than 3 values, aliases expanded");
}

TEST(Yaml, EveryPrefixEndsInAValueOrAMessage) {
  const std::string text =
      "a: &x {b: [1, \"two\", 'three'], ? c : |\n  text\n}\nd: *x\ne: >-\n  folded\n  text\n";
  for (std::size_t length = 0; length <= text.size(); ++length) {
    const auto value = parseYaml(text.substr(0, length), "f.yaml");
    EXPECT_EQ(value ? "f.yaml:" : value.error().message.substr(0, 7), "f.yaml:") << length;
  }
}

}  // namespace
}  // namespace revenge::document
