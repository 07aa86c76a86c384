#include "flags/evaluate.hpp"

#include <chrono>
#include <cstdlib>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

using Attributes = std::vector<Attribute>;

class Evaluate : public testing::Test {
 protected:
  void define(std::string_view flags, std::string_view segments = "") {
    definitions_ = defined(fileOf(flags, segments));
  }

  // "on SPLIT", "off TARGETING_MATCH 1" with the rule's index, "- DISABLED" for the caller's default.
  std::string says(std::string_view flag, std::string_view user = "",
                   const Attributes& attributes = {}) const {
    return shown(evaluate(definitions_, definitions_.find(flag), {user, attributes}, clock_));
  }
  std::string saysAs(Type type, std::string_view flag) const {
    return shown(evaluateAs(type, definitions_, definitions_.find(flag), {"ada"}, clock_));
  }
  // The variant alone.
  std::string variant(std::string_view flag, const Attributes& attributes) const {
    const std::string said = says(flag, "", attributes);
    return said.substr(0, said.find(' '));
  }
  bool couldServe(std::string_view flag) const {
    return flags::couldServe(definitions_, definitions_.find(flag), clock_.wall());
  }

  static std::string shown(const Outcome& outcome) {
    std::string text = outcome.variant != nullptr ? outcome.variant->name : "-";
    text += fmt::format(" {}", name(outcome.reason));
    if (outcome.fault != Fault::kNone) text += fmt::format(" {}", name(outcome.fault));
    if (outcome.rule >= 0) text += fmt::format(" {}", outcome.rule);
    if (outcome.prerequisite != nullptr) text += " <- " + outcome.prerequisite->flag;
    return text;
  }

  base::ManualClock clock_;
  Definitions definitions_;
};

constexpr std::string_view kCards =
    "type: string, variants: [{name: clubs, value: c}, {name: diamonds, value: d}, {name: hearts, value: h}, "
    "{name: spades, value: s}]";

TEST_F(Evaluate, F1_WeightsDealAsPublished) {
  define(fmt::format(
      "  fractional-flag: {{{}, by: user.name, split: [{{variant: clubs, weight: 25}}, {{variant: diamonds, "
      "weight: 25}}, {{variant: hearts, weight: 25}}, {{variant: spades, weight: 25}}]}}\n",
      kCards));
  std::vector<std::string> dealt;
  for (const std::string_view user : {"jack", "queen", "ten", "nine", "3"})
    dealt.push_back(variant("fractional-flag", {{"user.name", user}}));
  EXPECT_THAT(dealt, ElementsAre("hearts", "spades", "clubs", "diamonds", "clubs"));
}

TEST_F(Evaluate, F3_AWeightThatIsNotGivenIsOne) {
  define(
      "  fractional-flag-shorthand: {type: string, by: email, variants: [{name: heads, value: h}, {name: "
      "tails, value: "
      "t}], split: [{variant: heads}, {variant: tails, weight: 1}]}\n");
  EXPECT_EQ(variant("fractional-flag-shorthand", {{"email", "jon@company.com"}}), "heads");
  EXPECT_EQ(variant("fractional-flag-shorthand", {{"email", "jane@company.com"}}), "tails");
}

TEST_F(Evaluate, F6_ASplitThatDecidesNothingGivesTheDefault) {
  define(fmt::format(
      "  flag: {{{0}, default: spades, split: [{{variant: clubs}}]}}\n"
      "  zero: {{{0}, default: spades, split: [{{variant: clubs, weight: 0}}]}}\n"
      "  negative: {{{0}, split: [{{variant: clubs, weight: -50}}, {{variant: diamonds, weight: 100}}]}}\n",
      kCards));
  EXPECT_EQ(says("flag"), "spades DEFAULT");
  EXPECT_EQ(says("flag", "ada"), "clubs SPLIT");
  EXPECT_EQ(says("zero", "ada"), "spades DEFAULT");
  EXPECT_EQ(says("negative", "ada"), "diamonds SPLIT");
}

TEST_F(Evaluate, AKeyThatIsRequiredAndMissingIsAnError) {
  define("  flag: {key: required, percentage: 100}\n");
  EXPECT_EQ(says("flag"), "- ERROR TARGETING_KEY_MISSING");
  EXPECT_EQ(says("flag", "ada"), "on SPLIT");
}

TEST_F(Evaluate, AKeyThatIsNoTextIsMissing) {
  define("  flag: {by: age, percentage: 100}\n");
  EXPECT_EQ(says("flag", "ada", {{"age", 36.0}}), "off DEFAULT");
  EXPECT_EQ(says("flag", "ada", {{"age", "36"}}), "on SPLIT");
}

constexpr std::string_view kVersions =
    "  flag: {type: string, default: none, variants: [{name: none, value: n}, {name: equal, value: e}, "
    "{name: greater, "
    "value: g}, {name: lesser, value: l}], rules: [{if: [{attribute: version, semver: \"= 2.0.0\"}], serve: "
    "equal}, {if: "
    "[{attribute: version, semver: \"> 2.0.0\"}], serve: greater}, {if: [{attribute: version, semver: \"< "
    "2.0.0\"}], serve: "
    "lesser}]}\n";

TEST_F(Evaluate, F7_RulesCompareVersions) {
  define(kVersions);
  const auto of = [&](std::string_view version) { return says("flag", "", {{"version", version}}); };
  EXPECT_EQ(of("2.0.0"), "equal TARGETING_MATCH 0");
  EXPECT_EQ(of("2.1.0"), "greater TARGETING_MATCH 1");
  EXPECT_EQ(of("1.9.0"), "lesser TARGETING_MATCH 2");
  EXPECT_EQ(of("2.0.0-alpha"), "lesser TARGETING_MATCH 2");
  // F9
  EXPECT_EQ(of("2.0.0.0"), "none DEFAULT");
  EXPECT_EQ(says("flag", "", {{"version", 2.0}}), "equal TARGETING_MATCH 0");
  EXPECT_EQ(says("flag", "", {{"version", 1.2}}), "lesser TARGETING_MATCH 2");
  EXPECT_EQ(says("flag", "", {{"version", true}}), "none DEFAULT");
}

TEST_F(Evaluate, F10_AnOperatorGivenAWrongTypeMatchesNothing) {
  define(
      "  flag: {default: off, rules: [{if: [{attribute: num, prefix: abc}], serve: on}, {if: [{attribute: "
      "num, prefix: "
      "abc, not: true}], serve: on}]}\n");
  EXPECT_EQ(says("flag", "", {{"num", 123.0}}), "off DEFAULT");
  EXPECT_EQ(says("flag", "", {{"num", "abcd"}}), "on TARGETING_MATCH 0");
  EXPECT_EQ(says("flag", "", {{"num", "xyz"}}), "on TARGETING_MATCH 1");
}

TEST_F(Evaluate, F11_ADisabledFlagLeavesTheCallersDefault) {
  define(fmt::format(
      "  boolean: {{enabled: false, default: on}}\n  string: {{{}, enabled: false, default: clubs}}\n"
      "  integer: {{type: integer, enabled: false, default: x, variants: [{{name: x, value: 1}}]}}\n"
      "  object: {{type: object, enabled: false, default: x, variants: [{{name: x, value: {{}}}}]}}\n",
      kCards));
  for (const char* flag : {"boolean", "string", "integer", "object"})
    EXPECT_EQ(says(flag, "ada"), "- DISABLED") << flag;
}

TEST_F(Evaluate, F12_UnknownFlagsAndWrongTypesAreErrors) {
  define(fmt::format("  string: {{{}, default: clubs}}\n", kCards));
  EXPECT_EQ(says("missing"), "- ERROR FLAG_NOT_FOUND");
  EXPECT_EQ(saysAs(Type::kInteger, "missing"), "- ERROR FLAG_NOT_FOUND");
  EXPECT_EQ(saysAs(Type::kInteger, "string"), "- ERROR TYPE_MISMATCH");
  EXPECT_EQ(saysAs(Type::kString, "string"), "clubs STATIC");
}

TEST_F(Evaluate, F13_ANullDefaultLeavesTheCallersDefault) {
  define("  bare: {default: null}\n  ruled: {default: null, rules: [{serve: null}]}\n");
  EXPECT_EQ(says("bare"), "- DEFAULT");
  EXPECT_EQ(says("ruled"), "- DEFAULT 0");
}

TEST_F(Evaluate, F14_APrerequisiteThatFailsTurnsTheFlagOffAndIsNamed) {
  define(
      "  parent: {default: off}\n  child: {default: on, prerequisites: [{flag: parent}]}\n"
      "  grandchild: {default: on, prerequisites: [{flag: child}]}\n"
      "  orphan: {default: on, prerequisites: [{flag: nobody}]}\n"
      "  odd: {default: on, prerequisites: [{flag: parent, variant: maybe}]}\n"
      "  contrary: {default: on, prerequisites: [{flag: parent, variant: off}]}\n");
  EXPECT_EQ(says("child"), "off DEFAULT <- parent");
  EXPECT_EQ(says("grandchild"), "off DEFAULT <- child");
  EXPECT_EQ(says("orphan"), "off DEFAULT <- nobody");
  EXPECT_EQ(says("odd"), "off DEFAULT <- parent");
  EXPECT_EQ(says("contrary"), "on DEFAULT");
}

TEST_F(Evaluate, F18_NumbersConvertWithoutLossOnly) {
  define(
      "  pi: {type: number, default: x, variants: [{name: x, value: 3.14}]}\n"
      "  ten: {type: number, default: x, variants: [{name: x, value: 10.0}]}\n"
      "  huge: {type: number, default: x, variants: [{name: x, value: 1.0e300}]}\n"
      "  count: {type: integer, default: x, variants: [{name: x, value: 7}]}\n");
  EXPECT_EQ(saysAs(Type::kInteger, "pi"), "- ERROR TYPE_MISMATCH");
  EXPECT_EQ(saysAs(Type::kInteger, "ten"), "x STATIC");
  EXPECT_EQ(saysAs(Type::kInteger, "huge"), "- ERROR TYPE_MISMATCH");
  EXPECT_EQ(saysAs(Type::kNumber, "count"), "x STATIC");
}

TEST_F(Evaluate, AKillSwitchGoesBeforeEverythingButDisabled) {
  define(
      "  killed: {kill: true, default: on, rules: [{serve: on}]}\n  both: {kill: true, enabled: false}\n"
      "  string: {type: string, kill: true, default: a, off: b, variants: [{name: a, value: a}, {name: b, "
      "value: b}]}\n");
  EXPECT_EQ(says("killed"), "off DISABLED");
  EXPECT_EQ(says("both"), "- DISABLED");
  EXPECT_EQ(says("string"), "b DISABLED");
}

TEST_F(Evaluate, AScheduleBeginsAndEndsToTheSecond) {
  // The manual clock begins an hour after 2023-11-14T22:13:20Z.
  define(
      "  flag: {default: on, schedule: {from: \"2023-11-14T23:13:30Z\", until: \"2023-11-14T23:13:40Z\"}}\n");
  clock_.advance(9s);
  EXPECT_EQ(says("flag"), "off DEFAULT");
  EXPECT_FALSE(couldServe("flag"));
  EXPECT_EQ(nextChange(definitions_, clock_.wall()), clock_.wall() + 1s);
  clock_.advance(1s);
  EXPECT_EQ(says("flag"), "on DEFAULT");
  EXPECT_TRUE(couldServe("flag"));
  clock_.advance(9s);
  EXPECT_EQ(says("flag"), "on DEFAULT");
  clock_.advance(1s);
  EXPECT_EQ(says("flag"), "off DEFAULT");
  EXPECT_EQ(nextChange(definitions_, clock_.wall()), std::nullopt);
}

// Whether the one condition lets somebody in.
class Operators : public Evaluate {
 protected:
  bool matches(std::string_view condition, const Attributes& attributes, std::string_view user = "") {
    define(fmt::format("  flag: {{rules: [{{if: [{{{}}}], serve: on}}]}}\n", condition),
           "segments: {staff: {any: [{attribute: email, suffix: \"@example.org\"}, {attribute: role, in: "
           "[admin, editor]}]}, "
           "grown: {all: [{attribute: age, min: 18}, {attribute: verified, equals: true}]}}\n");
    return says("flag", user, attributes).starts_with("on TARGETING_MATCH 0");
  }
};

TEST_F(Operators, EqualityIsOfOneType) {
  EXPECT_TRUE(matches("attribute: x, equals: 1", {{"x", 1.0}}));
  EXPECT_FALSE(matches("attribute: x, equals: 1", {{"x", "1"}}));
  EXPECT_FALSE(matches("attribute: x, equals: \"1\"", {{"x", 1.0}}));
  EXPECT_TRUE(matches("attribute: x, equals: true", {{"x", true}}));
  EXPECT_FALSE(matches("attribute: x, equals: true", {{"x", "true"}}));
  EXPECT_FALSE(matches("attribute: x, equals: Ada", {{"x", "ada"}}));
  EXPECT_TRUE(matches("attribute: key, equals: ada", {}, "ada"));
}

TEST_F(Operators, InTakesEachOfItsTypes) {
  EXPECT_TRUE(matches("attribute: x, in: [a, 2]", {{"x", 2.0}}));
  EXPECT_FALSE(matches("attribute: x, in: [a, 2]", {{"x", "2"}}));
  EXPECT_TRUE(matches("attribute: x, in: [a, b], not: true", {{"x", "c"}}));
}

TEST_F(Operators, WhatIsMissingNeverMatchesNegatedOrNot) {
  for (const char* asked :
       {"in: [a]", "equals: a", "prefix: a", "suffix: a", "semver: \"=1\"", "min: 1", "percentage: 100"}) {
    EXPECT_FALSE(matches(fmt::format("attribute: x, {}", asked), {})) << asked;
    EXPECT_FALSE(matches(fmt::format("attribute: x, {}, not: true", asked), {})) << asked;
  }
  EXPECT_FALSE(matches("segment: staff, not: true", {}));
  EXPECT_FALSE(matches("segment: staff, not: true", {{"role", "guest"}}));
  EXPECT_TRUE(matches("segment: staff, not: true", {{"role", "guest"}, {"email", "a@b"}}));
}

TEST_F(Operators, TextsBeginAndEnd) {
  EXPECT_TRUE(matches("attribute: x, prefix: ab", {{"x", "abc"}}));
  EXPECT_FALSE(matches("attribute: x, prefix: bc", {{"x", "abc"}}));
  EXPECT_TRUE(matches("attribute: x, suffix: bc", {{"x", "abc"}}));
}

TEST_F(Operators, RangesIncludeOrExcludeTheirBounds) {
  const auto at = [&](std::string_view range, double value) {
    return matches(fmt::format("attribute: x, {}", range), {{"x", value}});
  };
  EXPECT_TRUE(at("min: 1, max: 2", 1) && at("min: 1, max: 2", 2));
  EXPECT_FALSE(at("above: 1, below: 2", 1) || at("above: 1, below: 2", 2));
  EXPECT_TRUE(at("above: 1, below: 2", 1.5));
  EXPECT_FALSE(matches("attribute: x, min: 1", {{"x", "5"}}));
}

TEST_F(Operators, SegmentsTakeAnyOrAll) {
  EXPECT_TRUE(matches("segment: staff", {{"role", "admin"}}));
  EXPECT_TRUE(matches("segment: staff", {{"email", "ada@example.org"}}));
  EXPECT_FALSE(matches("segment: staff", {{"role", "guest"}}));
  EXPECT_TRUE(matches("segment: grown", {{"age", 18.0}, {"verified", true}}));
  EXPECT_FALSE(matches("segment: grown", {{"age", 18.0}}));
  EXPECT_TRUE(matches("segment: grown, not: true", {{"age", 17.0}}));
}

TEST_F(Operators, APercentageOfAnAttributeIsStickyByIt) {
  EXPECT_TRUE(matches("attribute: city, percentage: 100", {{"city", "Ulm"}}));
  EXPECT_FALSE(matches("attribute: city, percentage: 0", {{"city", "Ulm"}}));
  EXPECT_TRUE(matches("attribute: city, percentage: 0, not: true", {{"city", "Ulm"}}));
  EXPECT_TRUE(matches("percentage: 100", {}, "ada"));
  EXPECT_FALSE(matches("percentage: 100", {}));
}

TEST_F(Evaluate, AFlagCouldServeWhomeverItsDefinitionLetsIn) {
  define(
      "  on: {default: on}\n  off: {}\n  none: {percentage: 0}\n  few: {percentage: 0.001}\n"
      "  killed: {kill: true, percentage: 50}\n  disabled: {enabled: false}\n"
      "  targeted: {rules: [{if: [{attribute: x, equals: 1}], serve: on}]}\n"
      "  nobody: {rules: [{if: [{percentage: 0}], serve: on}]}\n"
      "  held: {default: on, prerequisites: [{flag: off}]}\n  free: {default: on, prerequisites: [{flag: "
      "few}]}\n"
      "  shut: {default: on, rules: [{serve: off}]}\n  weights: {split: [{variant: on, weight: 0}, {variant: "
      "off}]}\n");
  std::vector<std::string> could;
  for (const Flag& flag : definitions_.flags) {
    if (couldServe(flag.key)) could.push_back(flag.key);
  }
  EXPECT_THAT(could, ElementsAre("disabled", "few", "free", "on", "targeted"));
  EXPECT_TRUE(couldServe("missing"));
}

}  // namespace
}  // namespace revenge::flags
