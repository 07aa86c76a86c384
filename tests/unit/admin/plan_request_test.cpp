#include "admin/plan_request.hpp"

#include <gtest/gtest.h>

namespace revenge::admin {
namespace {

using plugin::Verb;

plugin::Plan parsed(std::string_view json) {
  auto plan = parsePlan(json);
  EXPECT_TRUE(plan) << plan.error().message;
  return plan.value_or(plugin::Plan{});
}

std::string refusal(std::string_view json) {
  const auto plan = parsePlan(json);
  if (plan) return "";
  EXPECT_EQ(plan.error().code, base::Errc::kInvalid);
  return plan.error().message;
}

std::string refusalOfChange(std::string_view members) {
  return refusal(fmt::format(R"({{"changes": [{{"plugin": "a", "reload": true}}, {{{}}}]}})", members));
}

TEST(PlanRequest, TakesEveryVerbInOrder) {
  const plugin::Plan plan = parsed(R"({"generation": 7, "changes": [
    {"plugin": "a", "swap": "/new/a", "config": {"x": ["\t", 1.5]}}, {"plugin": "b", "enable": true},
    {"plugin": "c", "disable": true}, {"plugin": "d", "rollback": true, "config": {}},
    {"plugin": "e", "reload": true}]})");
  EXPECT_EQ(plan.generation, 7U);
  ASSERT_EQ(plan.intents.size(), 5U);
  EXPECT_EQ(plan.intents[0].folder, "/new/a");
  EXPECT_EQ(plan.intents[0].config, R"({"x":["\t",1.5]})");
  EXPECT_EQ(plan.intents[3].config, "{}");
  EXPECT_EQ(plan.intents[4].config, std::nullopt);
  constexpr Verb kOrder[] = {Verb::kSwap, Verb::kEnable, Verb::kDisable, Verb::kRollback, Verb::kReload};
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(plan.intents[i].verb, kOrder[i]);
}

TEST(PlanRequest, WithoutAGenerationAnyWillDo) {
  EXPECT_EQ(parsed(R"({"changes": [{"plugin": "a", "reload": true}]})").generation, std::nullopt);
}

TEST(PlanRequest, NamesThePlaceAndWhatWasExpected) {
  EXPECT_EQ(refusal(R"({"change": []})"), "change: unknown key; did you mean changes?");
  EXPECT_EQ(refusal("[]"), "plan: expected an object, got an array of 0 items");
  EXPECT_EQ(refusal(R"({"changes": []})"),
            "changes: expected an array of 1 to 256 items, got an array of 0 items");
  EXPECT_EQ(refusalOfChange(R"("plugin": "b", "swop": "/x")"),
            "changes[1].swop: unknown key; did you mean swap?");
  EXPECT_EQ(refusalOfChange(R"("plugin": "b", "swap": "x")"),
            R"(changes[1].swap: expected an absolute folder, got "x")");
  EXPECT_EQ(refusalOfChange(R"("plugin": "b", "swap": "/a\u0000b")"),
            R"(changes[1].swap: expected an absolute folder, got "/a\u0000b")");
  EXPECT_EQ(refusalOfChange(R"("plugin": "b", "enable": false)"),
            "changes[1].enable: expected true, got false");
  EXPECT_EQ(refusalOfChange(R"("plugin": "b", "reload": true, "config": [])"),
            "changes[1].config: expected an object, got an array of 0 items");
  EXPECT_EQ(refusalOfChange(R"("plugin": "b", "disable": true, "config": {})"),
            "changes[1].config: a plugin that is disabled takes none");
  EXPECT_EQ(refusalOfChange(R"("reload": true)"),
            "changes[1]: missing key plugin; expected a string that is not empty");
}

TEST(PlanRequest, WantsExactlyOneVerb) {
  EXPECT_EQ(refusalOfChange(R"("plugin": "b")"),
            "changes[1]: expected one of swap, enable, disable, rollback and reload, got none");
  EXPECT_EQ(refusalOfChange(R"("plugin": "b", "swap": "/x", "enable": true)"),
            "changes[1]: expected one of swap, enable, disable, rollback and reload, got swap and enable");
}

TEST(PlanRequest, RefusesGenerationsThatAreNone) {
  for (const char* number : {"-1", "1.5", "\"1\"", "null", "1e30", "9223372036854775808"}) {
    const std::string why = refusal(
        fmt::format(R"({{"generation": {}, "changes": [{{"plugin": "a", "reload": true}}]}})", number));
    EXPECT_TRUE(why.starts_with("generation: expected an integer from 0 to 9007199254740991, got "))
        << number << why;
  }
}

TEST(PlanRequest, RefusesMoreChangesThanItMayHold) {
  const auto changes = [](int count) {
    std::string text = R"({"changes": [)";
    for (int i = 0; i < count; ++i)
      text += fmt::format(R"({}{{"plugin": "p{}", "reload": true}})", i == 0 ? "" : ", ", i);
    return text + "]}";
  };
  EXPECT_EQ(parsed(changes(256)).intents.size(), 256U);
  EXPECT_TRUE(refusal(changes(257)).starts_with("changes: expected an array of 1 to 256 items"));
}

TEST(PlanRequest, BrokenJsonNamesTheLine) {
  EXPECT_TRUE(refusal("{\n\"changes\": [}").starts_with("plan:2: "));
  EXPECT_TRUE(refusal("").starts_with("plan:"));
  EXPECT_NE(refusal(std::string(kMaxPlanBytes + 1, ' ')), "");
}

}  // namespace
}  // namespace revenge::admin
