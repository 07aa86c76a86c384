#include "flags/edit.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kFile =
    "# of the playback team\n"
    "bucketing: 1\n"
    "flags:\n"
    "  # the new one\n"
    "  new-player:   # see the board\n"
    "    owner: playback   # ask there\n"
    "    percentage: 10   # since Monday\n"
    "  theme: {type: string, variants: [{name: a, value: x}, {name: b, value: y}], default: a}\n"
    "  dealt: {type: string, variants: [{name: a, value: x}], split: [{variant: a}]}\n"
    "  dead: {kill: true, enabled: false}\n";

std::string made(const Edit& edit, std::string_view text = kFile) {
  const auto now = text.empty() ? Definitions{} : defined(std::string(text));
  const auto changed = edited(text, "flags.yaml", now, edit);
  if (!changed) return changed.error().message;
  EXPECT_TRUE(readDefinitions(*changed, "flags.yaml")) << *changed;
  return *changed;
}
std::string set(std::string key, std::string variant, std::string_view text = kFile) {
  return made({.kind = Edit::Kind::kSet, .key = std::move(key), .variant = std::move(variant)}, text);
}
std::string rollOut(std::string key, double percentage, std::string_view text = kFile) {
  return made({.kind = Edit::Kind::kRollOut, .key = std::move(key), .percentage = percentage}, text);
}
std::string with(std::string_view from, std::string_view to) {
  return std::string(kFile).replace(kFile.find(from), from.size(), to);
}

TEST(EditFlag, ARollOutChangesItsNumberAndNothingElse) {
  EXPECT_EQ(rollOut("new-player", 30), with("percentage: 10 ", "percentage: 30 "));
  EXPECT_EQ(rollOut("new-player", 0.125), with("percentage: 10 ", "percentage: 0.125 "));
}

TEST(EditFlag, OnAndOffCountForEverybody) {
  const std::string on = set("new-player", "on");
  EXPECT_THAT(on, HasSubstr("    percentage: 100   # since Monday\n"));
  EXPECT_THAT(on, HasSubstr("    default: on\n"));
  EXPECT_THAT(on, HasSubstr("# the new one\n  new-player:   # see the board\n"));
  EXPECT_THAT(set("new-player", "off"), HasSubstr("    percentage: 0   # since Monday\n"));
  EXPECT_THAT(set("dead", "on"), HasSubstr("dead: {kill: false, enabled: true, default: on}"));
}

TEST(EditFlag, AFlagThatIsNotThereIsDefined) {
  EXPECT_EQ(set("database", "off", "bucketing: 1\nflags: {}\n"),
            "bucketing: 1\nflags: {database: {\"default\":\"off\"}}\n");
  EXPECT_EQ(set("database", "off", ""), "bucketing: 1\nflags:\n  database:\n    default: off\n");
  EXPECT_THAT(set("database", "off"), HasSubstr("  database:\n    default: off\n"));
  EXPECT_EQ(set("database", "blue"),
            "no flag 'database' in flags.yaml; only on and off can be said of one that is not there");
}

TEST(EditFlag, ARollOutOfWhatIsOnForAllBeginsFromOff) {
  EXPECT_EQ(rollOut("x", 5, "bucketing: 1\nflags:\n  x:\n    default: on\n"),
            "bucketing: 1\nflags:\n  x:\n    default: off\n    percentage: 5\n");
}

TEST(EditFlag, WhatCannotBeSaidOfAFlagIsRefusedWithItsReason) {
  EXPECT_EQ(set("theme", "c"), "flag 'theme' has no variant 'c'; expected one of a, b");
  EXPECT_EQ(set("dealt", "a"), "flags.yaml:9: flags.dealt.split decides before the default; edit the file");
  EXPECT_EQ(rollOut("theme", 10), "flags.yaml:8: flags.theme: a share of users needs a split to give them");
  EXPECT_EQ(rollOut("new-player", 101), "percentage: expected a number from 0 to 100, got 101");
  EXPECT_EQ(rollOut("new-player", std::numeric_limits<double>::quiet_NaN()),
            "percentage: expected a number from 0 to 100, got nan");
}

TEST(EditFlag, WhatStillDecidesBeforeItIsTold) {
  const auto now = defined(fileOf(
      "  a: {rules: [{serve: on}], prerequisites: [{flag: b}], schedule: {until: '2100-01-01T00:00:00Z'}}\n"
      "  b: {}\n"));
  EXPECT_THAT(hindrances(now.flags[0], {}),
              ElementsAre("1 rule decides first", "its schedule says when it is in force",
                          "it needs 'on' of flag 'b'"));
  EXPECT_THAT(hindrances(now.flags[1], {}), IsEmpty());
}

}  // namespace
}  // namespace revenge::flags
