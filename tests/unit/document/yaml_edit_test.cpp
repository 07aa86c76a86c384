#include "document/yaml_edit.hpp"

#include <gtest/gtest.h>

#include "document/json.hpp"
#include "document/yaml.hpp"

namespace revenge::document {
namespace {

std::vector<std::string> stepsOf(std::string_view path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.') {
      steps.emplace_back();
    } else {
      steps.back() += c;
    }
  }
  return steps;
}

std::string put(std::string_view text, std::string_view path, const Value& value) {
  const auto made = withValue(text, "f.yaml", stepsOf(path), value);
  return made ? *made : made.error().message;
}
std::string taken(std::string_view text, std::string_view path) {
  const auto made = withoutValue(text, "f.yaml", stepsOf(path));
  return made ? *made : made.error().message;
}

constexpr std::string_view kFile =
    "# who wrote this\n"
    "http:\n"
    "  # the door\n"
    "  port: 80   # as the proxy expects\n"
    "  address: '::'\n"
    "\n"
    "# how loud\n"
    "log: {level: info}  # for now\n"
    "plugins:\n"
    "  stream:\n"
    "    folders:\n"
    "    - /a   # old\n"
    "    - /b\n"
    "  # nothing of thumbs\n";

TEST(YamlEdit, AValueIsReplacedAndAllElseStays) {
  std::string expected(kFile);
  expected.replace(expected.find("80"), 2, "8096");
  EXPECT_EQ(put(kFile, "http.port", 8096), expected);
  expected = kFile;
  expected.replace(expected.find("'::'"), 4, "localhost");
  EXPECT_EQ(put(kFile, "http.address", "localhost"), expected);
  expected = kFile;
  expected.replace(expected.find("info"), 4, "debug");
  EXPECT_EQ(put(kFile, "log.level", "debug"), expected);
}

TEST(YamlEdit, AListThatStoodInLinesStandsBesideItsKey) {
  EXPECT_EQ(put("a:\n  list:  # three\n  - 1\n  - {x: 2}\n  # of b\n  b: 1\n", "a.list", Array{7, "x y"}),
            "a:\n  list: [7,\"x y\"]  # three\n  # of b\n  b: 1\n");
  EXPECT_EQ(put("a: |\n  long\n  # no comment\nb: 1\n", "a", "short"), "a: short\nb: 1\n");
  EXPECT_EQ(put("a: one\n  two\nb: 1\n", "a", 2), "a: 2\nb: 1\n");
  EXPECT_EQ(put("a: [1,\n  2]  # both\nb: 1\n", "a", 2), "a: 2  # both\nb: 1\n");
}

TEST(YamlEdit, ANewKeyStandsAtTheEndOfItsSection) {
  EXPECT_EQ(put(kFile, "http.io_threads", 2),
            std::string(kFile).replace(kFile.find("\n\n# how") + 1, 0, "  io_threads: 2\n"));
  EXPECT_EQ(put(kFile, "log.format", "json"),
            std::string(kFile).replace(kFile.find("info}"), 5, "info, format: json}"));
  EXPECT_EQ(put(kFile, "plugins.stream.hidden", true),
            std::string(kFile).replace(kFile.find("    - /b\n") + 9, 0, "    hidden: true\n"));
  EXPECT_EQ(put("", "a.b.c", 1), "a:\n  b:\n    c: 1\n");
  EXPECT_EQ(put("# only a comment", "a", "yes"), "# only a comment\na: yes\n");
  EXPECT_EQ(put("a:\nb: 1\n", "a.c", 1), "a:\n  c: 1\nb: 1\n");
  EXPECT_EQ(put("a:  # later\n", "a", 1), "a: 1  # later\n");
  EXPECT_EQ(put("a: ~\n", "a.b", 1), "a: {\"b\":1}\n");
  EXPECT_EQ(put("a: {}", "a.b", 1), "a: {b: 1}");
  EXPECT_EQ(put("a: 1", "b.c", 1), "a: 1\nb:\n  c: 1\n");
}

TEST(YamlEdit, JsonAndOtherLineEndsAreKept) {
  EXPECT_EQ(put("{\"http\": {\"port\": 80, \"address\": \"x\"}}\n", "http.port", 81),
            "{\"http\": {\"port\": 81, \"address\": \"x\"}}\n");
  EXPECT_EQ(put("{\"http\": {\"port\": 80}}\n", "log.level", "info"),
            "{\"http\": {\"port\": 80}, log: {\"level\":\"info\"}}\n");
  EXPECT_EQ(put("a: 1\r\nb: 2\r\n", "a", 3), "a: 3\r\nb: 2\r\n");
  EXPECT_EQ(put("a:\r\n  b: 2\r\n", "a.c", 3), "a:\r\n  b: 2\r\n  c: 3\r\n");
}

TEST(YamlEdit, WhatIsNoPlainWordIsQuoted) {
  EXPECT_EQ(put("", "a", "true"), "a: \"true\"\n");
  EXPECT_EQ(put("", "a", "12"), "a: \"12\"\n");
  EXPECT_EQ(put("", "a", "x: y # z"), "a: \"x: y # z\"\n");
  EXPECT_EQ(put("", "a", ""), "a: \"\"\n");
  EXPECT_EQ(put("", "a b", "line\nline"), "\"a b\": \"line\\nline\"\n");
}

TEST(YamlEdit, AKeyGoesAndTheSectionsItLeavesEmpty) {
  EXPECT_EQ(taken(kFile, "http.address"), std::string(kFile).replace(kFile.find("  address"), 16, ""));
  EXPECT_EQ(taken(kFile, "log.level"),
            std::string(kFile).replace(kFile.find("log:"), kFile.find("plugins:") - kFile.find("log:"), ""));
  EXPECT_EQ(taken(kFile, "plugins.stream.folders"),
            std::string(kFile).replace(kFile.find("plugins:"),
                                       kFile.find("  # nothing") - kFile.find("plugins:"), ""));
  EXPECT_EQ(taken("{a: 1, b: {c: 2}}", "b.c"), "{a: 1}");
  EXPECT_EQ(taken("{a: 1, b: 2}", "a"), "{b: 2}");
  EXPECT_EQ(taken("{a: 1}", "a"), "{}");
  EXPECT_EQ(taken("a: 1\n", "b"), "f.yaml: has no such key");
}

TEST(YamlEdit, WhatOnlyAPersonCanChangeIsRefusedWithItsLine) {
  constexpr std::string_view kRefusal = "written in a way that only a person can change; edit the file";
  EXPECT_EQ(put("a: &x {b: 1}\nc: *x\n", "c.b", 2), fmt::format("f.yaml:1: {}", kRefusal));
  EXPECT_EQ(put("? a\n: 1\n", "a", 2), fmt::format("f.yaml:2: {}", kRefusal));
  EXPECT_EQ(put("a: 1\n", "a.b", 2), "f.yaml:1: expected a section that can hold b");
  EXPECT_EQ(put("a: [1\n", "a", 2).substr(0, 9), "f.yaml:2:");
}

}  // namespace
}  // namespace revenge::document
