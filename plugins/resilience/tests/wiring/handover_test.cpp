#include <chrono>
#include <random>

#include "tests/policy/seed.hpp"
#include "tests/wiring/caller.hpp"
#include "wiring/state.hpp"

namespace revenge::resilience {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kSuccess = REVENGE_RESILIENCE_SUCCESS;
constexpr std::uint32_t kFailure = REVENGE_RESILIENCE_FAILURE;
constexpr auto kPipeline =
    R"({"budgets": {"b": {}}, "pipelines": {"p": [{"retry": {"budget": "b"}}, "breaker", "rate", "adaptive", "bulkhead"]}})";

class Handover : public CallerTest {};

TEST_F(Handover, AnOpenBreakerStaysOpenAndAPermitIsSettledByWhoeverIsThere) {
  std::optional<Plugin> before(load(kPipeline));
  const std::uint64_t token = hold();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(kFailure), REVENGE_OK);
  host_.advance(10s);
  const auto state = (*before).save();
  ASSERT_TRUE(state);
  before.reset();
  auto next = load(kPipeline);
  ASSERT_TRUE(next.restore(*state, "0.1.0"));
  EXPECT_TRUE(list().contains(R"("in_flight": 1, "most": 10)")) << list();
  revenge_resilience_permit permit{};
  EXPECT_EQ(acquire(permit), REVENGE_UNAVAILABLE);
  EXPECT_EQ(permit.retry_after_ns, 20'000'000'000);
  EXPECT_EQ(settle(token, kSuccess, permit), REVENGE_OK);
  EXPECT_EQ(permit.token, 0u);
  EXPECT_TRUE(list().contains(R"("in_flight": 0, "most": 10)")) << list();
  EXPECT_TRUE(list().contains(R"("in_flight": 0, "limit": 20)")) << list();
  EXPECT_EQ(settle(token, kSuccess, permit), REVENGE_GONE);
}

TEST_F(Handover, ThePermitOfATrialDecidesInTheNextVersion) {
  std::optional<Plugin> before(load(kPipeline));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(kFailure), REVENGE_OK);
  host_.advance(30s);
  const std::uint64_t trial = hold();
  const auto state = (*before).save();
  before.reset();
  auto next = load(kPipeline);
  ASSERT_TRUE(next.restore(*state, "0.1.0"));
  revenge_resilience_permit permit{};
  EXPECT_EQ(acquire(permit), REVENGE_UNAVAILABLE);
  EXPECT_EQ(settle(trial, kSuccess, permit), REVENGE_OK);
  EXPECT_EQ(call(kSuccess), REVENGE_OK);
}

TEST_F(Handover, WhoWaitsIsToldToAskAgainAndARetryIsNotMade) {
  auto plugin = load(R"({"pipelines": {"p": ["retry", {"bulkhead": {"max_concurrent": 1}}]}})");
  revenge_resilience_permit permit{};
  ASSERT_EQ(acquire(permit, REVENGE_RESILIENCE_REPEATABLE), REVENGE_OK);
  const std::uint64_t first = permit.token;
  Done queued;
  ASSERT_EQ(acquire(permit, 0, &queued), REVENGE_PENDING);
  ASSERT_TRUE(plugin.save());
  EXPECT_EQ(queued.status, REVENGE_BUSY);
  plugin.raw().resume(plugin.raw().self);
  Done delayed;
  ASSERT_EQ(settle(first, kFailure, permit, &delayed), REVENGE_PENDING);
  ASSERT_TRUE(plugin.save());
  EXPECT_EQ(delayed.status, REVENGE_OK);
  EXPECT_EQ(delayed.permit.token, 0u);
  plugin.raw().resume(plugin.raw().self);
  EXPECT_EQ(call(kSuccess), REVENGE_OK);
  EXPECT_TRUE(list().contains(R"("in_flight": 0)")) << list();
}

TEST_F(Handover, WhatAnEndedCallerHeldOfTheVersionBeforeComesBack) {
  std::optional<Plugin> before(load(kPipeline));
  caller_ = 7;
  (void)hold();
  const auto state = (*before).save();
  before.reset();
  auto next = load(kPipeline);
  ASSERT_TRUE(next.restore(*state, "0.1.0"));
  ASSERT_EQ(host_.services().leases(), 1u);
  for (revenge_handle handle = revenge::testing::kBeforeHandles; host_.services().leases() == 1; ++handle)
    host_.services().endLease(handle);
  EXPECT_TRUE(list().contains(R"("in_flight": 0, "most": 10)")) << list();
}

TEST_F(Handover, APermitOfARateThatWasNotUsedAfterAllComesBack) {
  constexpr auto kRates =
      R"({"pipelines": {"p": [{"rate": {"burst": 10}}, {"keyed_rate": {"burst": 5, "permits": 1, "per_s": 3600}}]}})";
  std::optional<Plugin> before(load(kRates));
  key_ = "k";
  const std::uint64_t unused = hold();
  const std::uint64_t used = hold();
  const auto state = (*before).save();
  before.reset();
  auto next = load(kRates);
  ASSERT_TRUE(next.restore(*state, "0.1.0"));
  EXPECT_TRUE(list().contains(R"("remaining": 8, "most": 10)")) << list();
  revenge_resilience_permit permit{};
  EXPECT_EQ(settle(used, kFailure, permit), REVENGE_OK);
  EXPECT_TRUE(list().contains(R"("remaining": 8, "most": 10)")) << list();
  EXPECT_EQ(settle(unused, REVENGE_RESILIENCE_ABANDONED, permit), REVENGE_OK);
  EXPECT_TRUE(list().contains(R"("remaining": 9, "most": 10)")) << list();
  ASSERT_EQ(acquire(permit), REVENGE_OK);
  EXPECT_EQ(permit.limit, 5u);
  EXPECT_EQ(permit.remaining, 3u);
}

TEST_F(Handover, APolicyThatIsThereNoMoreTakesItsPermitsAlong) {
  std::optional<Plugin> before(load(kPipeline));
  const std::uint64_t token = hold();
  const auto state = (*before).save();
  before.reset();
  auto next = load(R"({"pipelines": {"p": ["breaker"]}})");
  ASSERT_TRUE(next.restore(*state, "0.1.0"));
  revenge_resilience_permit permit{};
  EXPECT_EQ(settle(token, kSuccess, permit), REVENGE_OK);
}

TEST_F(Handover, BytesThatAreNoStateAreRefusedOrHarmless) {
  std::optional<Plugin> before(load(
      R"({"pipelines": {"p": [{"breaker": {"window": "time"}}, "keyed_rate", "rate", "bulkhead", "adaptive"],
                        "q": [{"breaker": {"window": "count"}}]}})"));
  key_ = "k";
  (void)hold();
  const auto state = (*before).save();
  ASSERT_TRUE(state);
  auto plugin = load(
      R"({"pipelines": {"p": [{"breaker": {"window": "time"}}, "keyed_rate", "rate", "bulkhead", "adaptive"],
                        "q": [{"breaker": {"window": "count"}}]}})");
  for (std::size_t length = 0; length < state->size(); ++length)
    EXPECT_FALSE(plugin.restore(state->substr(0, length), "0.1.0")) << length;
  EXPECT_FALSE(plugin.restore(*state + "x", "0.1.0"));
  std::mt19937_64 random(testSeed());
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes = *state;
    for (std::uint64_t flips = random() % 4 + 1; flips > 0; --flips)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    (void)plugin.restore(bytes, "0.1.0");
    (void)list();
  }
}

// Its permits would be counted twice, and given back once.
TEST(HandoverState, ATokenIsThereOnce) {
  State state;
  state.runs.resize(3);
  for (std::size_t i = 0; i < state.runs.size(); ++i) state.runs[i].token = 65 + i;
  EXPECT_TRUE(stateOf(bytesOf(state)).has_value());
  state.runs.back().token = 65;
  EXPECT_FALSE(stateOf(bytesOf(state)).has_value());
}

}  // namespace
}  // namespace revenge::resilience
