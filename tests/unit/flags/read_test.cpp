#include "flags/read.hpp"

#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Problems problems(const std::string& file) {
  auto read = readDefinitions(file, "flags.yaml");
  return read ? Problems{"accepted"} : read.error();
}

TEST(ReadFlags, AnEmptyFileDefinesNone) {
  EXPECT_TRUE(defined("").flags.empty());
  EXPECT_TRUE(defined("bucketing: 1\n").flags.empty());
  EXPECT_TRUE(defined("bucketing: 1\nsegments:\nflags:\n").flags.empty());
}

TEST(ReadFlags, AcceptsTheFileThatIsShipped) {
  // config/flags.yaml of the checkout, four levels above this file.
  const auto path = std::filesystem::path(__FILE__).parent_path() / "../../../config/flags.yaml";
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  ASSERT_FALSE(text.empty()) << path;
  EXPECT_TRUE(defined(text).flags.empty());
}

TEST(ReadFlags, KnowsOwnerPlaceAndWhenToGo) {
  const Definitions read =
      defined(fileOf("  b: {owner: playback, remove_when: the old player is gone}\n  a: {}\n"));
  ASSERT_EQ(read.flags.size(), 2U);
  EXPECT_EQ(read.find("b")->owner, "playback");
  EXPECT_EQ(read.find("b")->remove_when, "the old player is gone");
  EXPECT_EQ(read.find("b")->line, 3U);
  EXPECT_EQ(read.find("c"), nullptr);
}

TEST(ReadFlags, RefusesWithPlaceKeyExpectedAndGot) {
  EXPECT_THAT(problems(fileOf("  a:\n    percentage: 101\n")),
              ElementsAre("flags.yaml:4: flags.a.percentage: expected a number from 0 to 100, got 101"));
  EXPECT_THAT(problems(fileOf("  a: {percentag: 10}\n")),
              ElementsAre("flags.yaml:3: flags.a.percentag: unknown key; did you mean percentage?"));
  EXPECT_THAT(
      problems(fileOf("  a: {default: maybe}\n")),
      ElementsAre("flags.yaml:3: flags.a.default: expected a variant of this flag (on, off), got \"maybe\""));
  EXPECT_THAT(problems(fileOf("  a: {enabled: 1}\n")),
              ElementsAre("flags.yaml:3: flags.a.enabled: expected true or false, got 1"));
}

TEST(ReadFlags, RefusesAnotherBucketing) {
  EXPECT_THAT(problems("bucketing: 2\n"), ElementsAre("flags.yaml:1: bucketing: expected 1, got 2"));
  EXPECT_THAT(problems("flags: {}\n"), ElementsAre(HasSubstr("bucketing")));
}

TEST(ReadFlags, RefusesAKeyThatStandsTwice) {
  EXPECT_THAT(problems(fileOf("  a: {}\n  a: {}\n")),
              ElementsAre(HasSubstr("flags.yaml:4: duplicate key \"a\"")));
}

TEST(ReadFlags, F9_RefusesUnknownOperators) {
  const auto condition = [](const std::string& text) {
    return problems(fileOf("  a: {rules: [{if: [" + text + "], serve: on}]}\n"));
  };
  EXPECT_THAT(
      condition("{attribute: v, semver: \"=== 1.0.0\"}"),
      ElementsAre(
          "flags.yaml:3: flags.a.rules[0].if[0].semver: expected one of = != < <= > >= ~ ^ and a version, "
          "as \">= 2.0.0\", got \"=== 1.0.0\""));
  EXPECT_THAT(condition("{attribute: v, semver: \"=\"}"), ElementsAre(HasSubstr("got \"=\"")));
  EXPECT_THAT(condition("{attribute: v, starts: x}"), ElementsAre(HasSubstr("if[0].starts: unknown key")));
  EXPECT_THAT(condition("{attribute: v, prefix: 1}"), ElementsAre(HasSubstr("expected a string")));
  EXPECT_THAT(condition("{attribute: v}"), ElementsAre(HasSubstr("got none")));
  EXPECT_THAT(condition("{attribute: v, equals: 1, min: 2}"),
              ElementsAre(HasSubstr("got equals and min, max, above or below")));
  EXPECT_THAT(condition("{equals: 1}"), ElementsAre(HasSubstr("if[0].attribute: expected the name")));
}

TEST(ReadFlags, RefusesSegmentsThatAreNotThereOrNest) {
  EXPECT_THAT(
      problems(fileOf("  a: {rules: [{if: [{segment: staff}], serve: on}]}\n")),
      ElementsAre(
          "flags.yaml:3: flags.a.rules[0].if[0].segment: expected the name of a segment of this file, got "
          "\"staff\""));
  EXPECT_THAT(
      problems(fileOf("  a: {}\n",
                      "segments: {b: {all: [{segment: c}]}, c: {any: [{attribute: x, equals: 1}]}}\n")),
      ElementsAre(HasSubstr("segments.b.all[0].segment: expected none in a segment")));
  EXPECT_THAT(problems(fileOf("  a: {}\n", "segments: {b: {}}\n")), ElementsAre(HasSubstr("got neither")));
}

TEST(ReadFlags, F14_RefusesCyclesWithTheirPath) {
  EXPECT_THAT(problems(fileOf("  a: {prerequisites: [{flag: b}]}\n  b: {prerequisites: [{flag: c}]}\n"
                              "  c: {prerequisites: [{flag: a}]}\n")),
              ElementsAre("flags.yaml:3: flags.a.prerequisites: cycle: a -> b -> c -> a"));
  EXPECT_THAT(problems(fileOf("  a: {prerequisites: [{flag: a}]}\n")),
              ElementsAre(HasSubstr("cycle: a -> a")));
}

TEST(ReadFlags, RefusesFlagsThatAskTooManyOthers) {
  // Each asks the one before it twice: 2^n evaluations.
  std::string flags = "  f00: {}\n";
  for (int i = 1; i < 40; ++i)
    flags += fmt::format("  f{:02}: {{prerequisites: [{{flag: f{:02}}}, {{flag: f{:02}, variant: off}}]}}\n",
                         i, i - 1, i - 1);
  EXPECT_THAT(problems(fileOf(flags)).front(), HasSubstr("expected at most 1000 flags to be asked for one"));
}

TEST(ReadFlags, F15_RefusesASecondSplitOverTheSameHash) {
  const std::string variants =
      "type: string, variants: [{name: x, value: x}, {name: y, value: y}], "
      "split: [{variant: x}, {variant: y}], percentage: 10";
  EXPECT_THAT(
      problems(fileOf("  a: {" + variants + "}\n")),
      ElementsAre(
          "flags.yaml:3: flags.a.salt: expected one that no other percentage or split of this flag has, got "
          "nothing"));
  EXPECT_THAT(problems(fileOf("  a: {" + variants + ", salt: second}\n")), ElementsAre("accepted"));
}

TEST(ReadFlags, F18_RefusesNumbersThatAreNotTheSameEverywhere) {
  const auto value = [](const std::string& type, const std::string& number) {
    return problems(fileOf("  a: {type: " + type + ", variants: [{name: x, value: " + number + "}]}\n"));
  };
  EXPECT_THAT(
      value("integer", "9007199254740993"),
      ElementsAre(
          "flags.yaml:3: flags.a.variants[0].value: expected an integer of at most 9007199254740991 either "
          "way, got 9007199254740993"));
  EXPECT_THAT(value("integer", "9007199254740991"), ElementsAre("accepted"));
  EXPECT_THAT(value("number", "-9007199254740992"), ElementsAre(HasSubstr("got -9007199254740992")));
  EXPECT_THAT(value("integer", "3.14"), ElementsAre(HasSubstr("got 3.14")));
  EXPECT_THAT(value("integer", "10.0"), ElementsAre("accepted"));
  EXPECT_THAT(value("string", "1"), ElementsAre(HasSubstr("expected a string")));
}

TEST(ReadFlags, RefusesWeightsBeyondTheLine) {
  EXPECT_THAT(
      problems(fileOf("  a: {split: [{variant: on, weight: 2147483647}, {variant: off, weight: 1}]}\n")),
      ElementsAre(
          "flags.yaml:3: flags.a.split: expected weights of at most 2147483647 together, got 2147483648"));
}

TEST(ReadFlags, RefusesSchedulesThatEndBeforeTheyBegin) {
  EXPECT_THAT(problems(fileOf(
                  "  a: {schedule: {from: \"2026-12-02T00:00:00Z\", until: \"2026-12-01T00:00:00Z\"}}\n")),
              ElementsAre(HasSubstr("flags.a.schedule.until: expected a time after from")));
  EXPECT_THAT(problems(fileOf("  a: {schedule: {from: tomorrow}}\n")),
              ElementsAre(HasSubstr("got \"tomorrow\"")));
}

TEST(ReadFlags, NamesEveryCauseOfAFile) {
  EXPECT_EQ(problems(fileOf("  a: {default: x}\n  b: {off: y}\n")).size(), 2U);
}

}  // namespace
}  // namespace revenge::flags
