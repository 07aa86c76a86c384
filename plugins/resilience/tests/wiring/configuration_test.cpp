#include <chrono>

#include "tests/wiring/caller.hpp"

namespace revenge::resilience {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kFailure = REVENGE_RESILIENCE_FAILURE;

class Configuration : public CallerTest {
 protected:
  // Why it is refused; empty: it is not.
  std::string refusal(const std::string& json) {
    const auto loaded = host_.tryLoad<ResiliencePlugin>(json);
    return loaded ? "" : loaded.error().message;
  }
};

TEST_F(Configuration, WhatCannotWorkIsRefusedByItsKey) {
  const auto of = [&](const std::string& layer) {
    return refusal(R"({"pipelines": {"p": [)" + layer + "]}}");
  };
  EXPECT_EQ(of(R"("braker")"),
            "configuration pipelines.p.0: `braker` is neither a policy nor the name of one");
  EXPECT_TRUE(of(R"({"breaker": {"open_wait_s": -1}})")
                  .starts_with("configuration pipelines.p.0.breaker.open_wait_s: "))
      << of(R"({"breaker": {"open_wait_s": -1}})");
  EXPECT_EQ(of(R"({"breaker": {"open_wait": 1}})"),
            "configuration pipelines.p.0.breaker.open_wait: is no key of breaker");
  EXPECT_TRUE(of(R"({"retry": {"backoff": {"initial_ms": -1}}})").contains("p.0.retry.backoff.initial_ms"))
      << of(R"({"retry": {"backoff": {"initial_ms": -1}}})");
  EXPECT_TRUE(of(R"({"timeout": {"limit_s": 1e300}})").contains("timeout.limit_s: is no time"));
  EXPECT_TRUE(of(R"({"rate": {"permits": 2000000000}})").contains("p.0.rate.permits"));
  EXPECT_TRUE(of(R"({"retry": {"budget": "b"}})").contains("there is no `b` among budgets"));
  EXPECT_TRUE(
      of(R"({"breaker": {"window": "weekly"}})").contains("expected one of consecutive, count, time"));
  EXPECT_EQ(of(R"({"breaker": {"window": "time", "failure_rate": 0.5, "open_wait_s": 0.5}})"), "");
}

TEST_F(Configuration, ASharedBulkheadTwiceInOnePipelineIsRefused) {
  const std::string why = refusal(R"({"policies": {"b": {"bulkhead": {}}}, "pipelines": {"p": ["b", "b"]}})");
  EXPECT_TRUE(why.contains("pipelines.p.1: bulkhead")) << why;
}

TEST_F(Configuration, AnOrderThatHidesFailuresIsWarnedOf) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker", "retry"]}})");
  EXPECT_TRUE(host_.hasLogged("pipelines.p.0: breaker: around a retry it sees one failure"));
}

TEST_F(Configuration, PipelinesShareWhatTheyName) {
  auto plugin =
      load(R"({"policies": {"up": {"breaker": {"failures": 2}}}, "pipelines": {"p": ["up"], "q": ["up"]}})");
  EXPECT_EQ(call(kFailure), REVENGE_OK);
  pipeline_ = "q";
  EXPECT_EQ(call(kFailure), REVENGE_OK);
  EXPECT_EQ(call(kFailure), REVENGE_UNAVAILABLE);
}

TEST_F(Configuration, AChangeKeepsStatesAndTakesEffectAtOnce) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker", "bulkhead"]}})");
  const std::uint64_t held = hold();
  for (int i = 0; i < 4; ++i) EXPECT_EQ(call(kFailure), REVENGE_OK);
  ASSERT_TRUE(plugin.configure(R"({"pipelines": {"p": ["breaker", {"bulkhead": {"max_concurrent": 3}}]}})"));
  EXPECT_TRUE(list().contains(R"("in_flight": 1, "most": 3)")) << list();
  EXPECT_EQ(call(kFailure), REVENGE_OK);
  EXPECT_EQ(call(kFailure), REVENGE_UNAVAILABLE);
  ASSERT_TRUE(plugin.configure(R"({"pipelines": {}})"));
  EXPECT_EQ(call(kFailure), REVENGE_NOT_FOUND);
  revenge_resilience_permit next{};
  EXPECT_EQ(settle(held, REVENGE_RESILIENCE_SUCCESS, next), REVENGE_OK);
}

TEST_F(Configuration, ARefusedChangeChangesNothing) {
  auto plugin = load(R"({"pipelines": {"p": [{"breaker": {"failures": 1}}]}})");
  EXPECT_FALSE(plugin.configure(R"({"pipelines": {"p": [{"breaker": {"failures": -1}}]}})"));
  EXPECT_EQ(call(kFailure), REVENGE_OK);
  EXPECT_EQ(call(kFailure), REVENGE_UNAVAILABLE);
}

TEST_F(Configuration, AWaitAboveItsMaximumIsRefusedByBothKeys) {
  auto plugin = load(R"({"pipelines": {}})");
  const auto refused = plugin.configure(R"({"pipelines": {"p": [{"breaker": {"open_wait_s": 600}}]}})");
  ASSERT_FALSE(refused);
  EXPECT_TRUE(refused.error().message.contains(
      "pipelines.p.0.breaker.max_open_wait_s: 300 s is less than the 600 s of open_wait_s"))
      << refused.error().message;
}

TEST_F(Configuration, PipelinesAreListedWithTheirLayersInOrder) {
  auto plugin = load(R"({"policies": {"up": {"breaker": {}}},
                         "pipelines": {"of-two": ["retry", "up"], "none": [], "p": ["timeout", "up", "timeout"]}})");
  const std::string listed = list();
  EXPECT_TRUE(listed.contains(R"({"name": "of-two", "layers": ["of-two.retry", "up"]})")) << listed;
  EXPECT_TRUE(listed.contains(R"({"name": "none", "layers": []})")) << listed;
  EXPECT_TRUE(listed.contains(R"({"name": "p", "layers": ["p.timeout", "up", "p.timeout.2"]})")) << listed;
}

TEST_F(Configuration, NamesOfEveryLengthAreFoundAndNoOthers) {
  std::string pipelines;
  std::vector<std::string> names;
  for (std::size_t length = 1; length <= 40; ++length)
    for (const char middle : {'a', 'b'}) {
      std::string name(length, 'x');
      name[length / 2] = middle;
      names.push_back(name);
      pipelines += (pipelines.empty() ? "\"" : ", \"") + name + "\": []";
    }
  auto plugin = load("{\"pipelines\": {" + pipelines + "}}");
  revenge_resilience_permit permit{};
  for (const std::string& name : names) {
    pipeline_ = name;
    EXPECT_EQ(acquire(permit), REVENGE_OK) << name;
    pipeline_[name.size() / 2] = 'c';
    EXPECT_EQ(acquire(permit), REVENGE_NOT_FOUND) << pipeline_;
  }
  pipeline_.clear();
  EXPECT_EQ(acquire(permit), REVENGE_NOT_FOUND);
}

TEST_F(Configuration, HealthNamesWhatLetsNothingThrough) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker", "bulkhead"], "q": ["breaker"]}})");
  EXPECT_TRUE(host_.check("policies"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(kFailure), REVENGE_OK);
  ASSERT_TRUE(host_.run("isolate", R"({"policy": "p.bulkhead", "reason": "moving"})"));
  ASSERT_TRUE(host_.run("force-open", R"({"policy": "q.breaker"})"));
  EXPECT_EQ(host_.check("policies").error().message,
            "p.breaker: open, p.bulkhead: isolated (moving), q.breaker: forced_open");
  ASSERT_TRUE(host_.run("release", R"({"policy": "p.bulkhead"})"));
  ASSERT_TRUE(host_.run("release", R"({"policy": "q.breaker"})"));
  ASSERT_TRUE(host_.run("reset", R"({"policy": "p.breaker"})"));
  EXPECT_TRUE(host_.check("policies"));
}

TEST_F(Configuration, HowLongCallsWaitedIsCountedInSeconds) {
  auto plugin = load(R"({"pipelines": {"p": [{"bulkhead": {"max_concurrent": 1}}]}})");
  const std::uint64_t first = hold();
  revenge_resilience_permit permit{};
  Done done;
  ASSERT_EQ(acquire(permit, 0, &done), REVENGE_PENDING);
  host_.advance(std::chrono::milliseconds(1500));
  ASSERT_EQ(settle(first, REVENGE_RESILIENCE_SUCCESS, permit), REVENGE_OK);
  host_.runJobs();
  EXPECT_TRUE(list().contains(R"("waited": 1, "waited_s": 1.500)")) << list();
  host_.advance(std::chrono::seconds(1));
  EXPECT_EQ(host_.metric(R"(waited_total{policy="p.bulkhead"})"), 1);
  EXPECT_DOUBLE_EQ(host_.metric(R"(waited_seconds_total{policy="p.bulkhead"})"), 1.5);
}

TEST_F(Configuration, TheOperatorForcesABreakerOpenAndReleasesIt) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker"]}})");
  ASSERT_TRUE(host_.run("isolate", R"({"policy": "p.breaker", "reason": "moving \"it\""})"));
  EXPECT_TRUE(list().contains(R"("mode": "isolated", "reason": "moving \"it\"")")) << list();
  revenge_resilience_permit permit{};
  EXPECT_EQ(acquire(permit), REVENGE_UNAVAILABLE);
  EXPECT_EQ(permit.refused_by, std::uint32_t{REVENGE_RESILIENCE_ISOLATED});
  ASSERT_TRUE(host_.run("release", R"({"policy": "p.breaker"})"));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(kFailure), REVENGE_OK);
  EXPECT_EQ(call(kFailure), REVENGE_UNAVAILABLE);
  ASSERT_TRUE(host_.run("reset", R"({"policy": "p.breaker"})"));
  EXPECT_EQ(call(kFailure), REVENGE_OK);
  EXPECT_EQ(host_.run("reset", R"({"policy": "q"})").error().message, "no policy 'q'; there are: p.breaker");
}

TEST_F(Configuration, WhatHappensToABreakerIsToldAndCounted) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker"]}})");
  for (int i = 0; i < 6; ++i) (void)call(kFailure);
  const auto published = host_.published();
  ASSERT_EQ(published.size(), 1u);
  EXPECT_EQ(published[0].kind, "resilience.changed");
  EXPECT_EQ(published[0].text, "p.breaker: closed -> open: failures");
  host_.advance(1s);
  EXPECT_EQ(host_.metric(R"(calls_total{policy="p.breaker",outcome="failure"})"), 5);
  EXPECT_EQ(host_.metric(R"(rejected_total{policy="p.breaker",kind="circuit_open"})"), 1);
  EXPECT_EQ(host_.metric(R"(state{policy="p.breaker"})"), 1);
}

}  // namespace
}  // namespace revenge::resilience
