#include <chrono>
#include <set>

#include "tests/wiring/caller.hpp"

namespace revenge::resilience {
namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t kSuccess = REVENGE_RESILIENCE_SUCCESS;
constexpr std::uint32_t kFailure = REVENGE_RESILIENCE_FAILURE;

class Table : public CallerTest {};

TEST_F(Table, ACallIsLetThroughAndSettledOnce) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker", "bulkhead"]}})");
  revenge_resilience_permit permit{};
  ASSERT_EQ(acquire(permit), REVENGE_OK);
  EXPECT_NE(permit.token, 0u);
  EXPECT_EQ(permit.attempts, 1u);
  EXPECT_EQ(permit.until_ns, std::numeric_limits<std::int64_t>::max());
  EXPECT_TRUE(list().contains(R"("in_flight": 1)")) << list();
  revenge_resilience_permit next{};
  EXPECT_EQ(settle(permit.token, kSuccess, next), REVENGE_OK);
  EXPECT_EQ(next.token, 0u);
  EXPECT_TRUE(list().contains(R"("in_flight": 0)")) << list();
  EXPECT_EQ(settle(permit.token, kSuccess, next), REVENGE_GONE);
}

TEST_F(Table, FiveFailuresOpenAndThePermitSaysUntilWhen) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker"]}})");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(call(kFailure), REVENGE_OK);
  host_.advance(1s);
  revenge_resilience_permit permit{};
  EXPECT_EQ(acquire(permit), REVENGE_UNAVAILABLE);
  EXPECT_EQ(permit.refused_by, std::uint32_t{REVENGE_RESILIENCE_CIRCUIT_OPEN});
  EXPECT_EQ(permit.retry_after_ns, 29'000'000'000);
  EXPECT_EQ(boundary::text(error_), "p.breaker: the circuit is open");
  host_.advance(29s);
  EXPECT_EQ(call(kSuccess), REVENGE_OK);
  EXPECT_EQ(call(kSuccess), REVENGE_OK);
}

TEST_F(Table, WhatIsNotThereOrNoneIsSaid) {
  auto plugin = load(R"({"pipelines": {"p": []}})");
  revenge_resilience_permit permit{};
  pipeline_ = "q";
  EXPECT_EQ(acquire(permit), REVENGE_NOT_FOUND);
  EXPECT_EQ(boundary::text(error_), "no pipeline `q`");
  pipeline_ = "p";
  EXPECT_EQ(settle(hold(), 9, permit), REVENGE_INVALID);
  EXPECT_EQ(settle(12345, kSuccess, permit), REVENGE_GONE);
}

TEST_F(Table, APermitIsItsCallersAlone) {
  auto plugin = load(R"({"pipelines": {"p": ["bulkhead"]}})");
  caller_ = 7;
  const std::uint64_t token = hold();
  revenge_resilience_permit next{};
  caller_ = 8;
  EXPECT_EQ(settle(token, kSuccess, next), REVENGE_GONE);
  caller_ = 7;
  EXPECT_EQ(settle(token, kSuccess, next), REVENGE_OK);
}

TEST_F(Table, ARetryComesWithItsDelayByTheCompletion) {
  auto plugin = load(R"({"pipelines": {"p": [{"retry": {"backoff": {"jitter": "none"}}}]}})");
  revenge_resilience_permit permit{};
  ASSERT_EQ(acquire(permit, REVENGE_RESILIENCE_REPEATABLE), REVENGE_OK);
  Done done;
  ASSERT_EQ(settle(permit.token, kFailure, permit, &done), REVENGE_PENDING);
  host_.advance(99ms);
  EXPECT_FALSE(done.status);
  host_.advance(1ms);
  ASSERT_EQ(done.status, REVENGE_OK);
  EXPECT_EQ(done.permit.attempts, 2u);
  Done last;
  ASSERT_EQ(settle(done.permit.token, kFailure, permit, &last), REVENGE_PENDING);
  host_.advance(200ms);
  ASSERT_EQ(last.status, REVENGE_OK);
  EXPECT_EQ(settle(last.permit.token, kFailure, permit), REVENGE_LIMIT);
  EXPECT_EQ(permit.refused_by, std::uint32_t{REVENGE_RESILIENCE_RETRIES_EXCEEDED});
  EXPECT_EQ(permit.attempts, 3u);
}

TEST_F(Table, AWaiterGetsTheSlotThatComesBack) {
  auto plugin = load(R"({"pipelines": {"p": [{"bulkhead": {"max_concurrent": 1}}]}})");
  const std::uint64_t first = hold();
  revenge_resilience_permit permit{};
  Done done;
  ASSERT_EQ(acquire(permit, 0, &done), REVENGE_PENDING);
  EXPECT_FALSE(done.status);
  ASSERT_EQ(settle(first, kSuccess, permit), REVENGE_OK);
  host_.runJobs();
  ASSERT_EQ(done.status, REVENGE_OK);
  EXPECT_EQ(settle(done.permit.token, kSuccess, permit), REVENGE_OK);
  EXPECT_TRUE(list().contains(R"("in_flight": 0)")) << list();
}

TEST_F(Table, AWaitEndsAtItsLimitAndWithItsCancelling) {
  auto plugin = load(R"({"pipelines": {"p": [{"bulkhead": {"max_concurrent": 1, "max_wait_ms": 500}}]}})");
  const std::uint64_t first = hold();
  revenge_resilience_permit permit{};
  Done late;
  Done cancelled;
  ASSERT_EQ(acquire(permit, 0, &late), REVENGE_PENDING);
  ASSERT_EQ(acquire(permit, 0, &cancelled), REVENGE_PENDING);
  host_.services().cancel(wait_);
  EXPECT_EQ(cancelled.status, REVENGE_CANCELLED);
  EXPECT_TRUE(list().contains(R"("queued": 1)")) << list();
  host_.advance(500ms);
  EXPECT_EQ(late.status, REVENGE_LIMIT);
  EXPECT_EQ(late.permit.refused_by, std::uint32_t{REVENGE_RESILIENCE_BULKHEAD_FULL});
  EXPECT_EQ(settle(first, kSuccess, permit), REVENGE_OK);
  EXPECT_TRUE(list().contains(R"("in_flight": 0)")) << list();
}

TEST_F(Table, AThreadThatMustNotBlockIsToldSo) {
  auto plugin = load(R"({"pipelines": {"p": [{"bulkhead": {"max_concurrent": 1}}]}})");
  host_.refuseBlocking();
  const std::uint64_t first = hold();
  revenge_resilience_permit permit{};
  EXPECT_EQ(acquire(permit), REVENGE_BUSY);
  EXPECT_TRUE(list().contains(R"("queued": 0)")) << list();
  EXPECT_EQ(settle(first, kSuccess, permit), REVENGE_OK);
}

TEST_F(Table, AFallbackIsAskedForWhereTheCallerHasOne) {
  auto plugin = load(R"({"pipelines": {"p": ["fallback", "breaker"]}})");
  revenge_resilience_permit permit{};
  ASSERT_EQ(acquire(permit, REVENGE_RESILIENCE_FALLBACK), REVENGE_OK);
  EXPECT_FALSE(permit.is_fallback);
  ASSERT_EQ(settle(permit.token, kFailure, permit), REVENGE_OK);
  EXPECT_TRUE(permit.is_fallback);
  EXPECT_EQ(settle(permit.token, kSuccess, permit), REVENGE_OK);
  EXPECT_EQ(permit.token, 0u);
}

TEST_F(Table, AFallbackIsToldWhatItStandsInFor) {
  auto plugin = load(R"({"pipelines": {"p": ["fallback", {"breaker": {"failures": 1}}]}})");
  EXPECT_EQ(call(kFailure), REVENGE_OK);
  revenge_resilience_permit permit{};
  ASSERT_EQ(acquire(permit, REVENGE_RESILIENCE_FALLBACK), REVENGE_OK);
  EXPECT_TRUE(permit.is_fallback);
  EXPECT_EQ(permit.refused_by, std::uint32_t{REVENGE_RESILIENCE_CIRCUIT_OPEN});
  EXPECT_EQ(permit.retry_after_ns, 30'000'000'000);
  EXPECT_EQ(settle(permit.token, kSuccess, permit), REVENGE_OK);
}

TEST_F(Table, ACallThatIsNotMadeAfterAllGivesItsRateBack) {
  auto plugin = load(R"({"pipelines": {"p": [{"rate": {"burst": 10}}]}})");
  revenge_resilience_permit permit{};
  EXPECT_EQ(settle(hold(), REVENGE_RESILIENCE_ABANDONED, permit), REVENGE_OK);
  EXPECT_EQ(permit.attempts, 0u);
  EXPECT_TRUE(list().contains(R"("remaining": 10, "most": 10)")) << list();
  EXPECT_EQ(settle(hold(), kFailure, permit), REVENGE_OK);
  EXPECT_TRUE(list().contains(R"("remaining": 9, "most": 10)")) << list();
}

TEST_F(Table, CallsThatAreUnderWayTogetherEachHaveARunOfTheirOwn) {
  auto plugin = load(R"({"pipelines": {"p": [{"bulkhead": {"max_concurrent": 1000}}]}})");
  std::set<std::uint64_t> tokens;
  for (int i = 0; i < 200; ++i) tokens.insert(hold());
  EXPECT_EQ(tokens.size(), 200u);
  EXPECT_TRUE(list().contains(R"("in_flight": 200)")) << list();
  revenge_resilience_permit next{};
  for (const std::uint64_t token : tokens) EXPECT_EQ(settle(token, kSuccess, next), REVENGE_OK);
  EXPECT_TRUE(list().contains(R"("in_flight": 0)")) << list();
}

TEST_F(Table, C5_MoreThanTheBurstIsNoMatterOfTime) {
  auto plugin = load(R"({"pipelines": {"p": [{"rate": {"permits": 10, "burst": 20}}]}})");
  permits_ = 21;
  revenge_resilience_permit permit{};
  EXPECT_EQ(acquire(permit), REVENGE_INVALID);
  EXPECT_EQ(permit.refused_by, std::uint32_t{REVENGE_RESILIENCE_INVALID_ARGUMENT});
  permits_ = 20;
  ASSERT_EQ(acquire(permit), REVENGE_OK);
  EXPECT_EQ(permit.limit, 20u);
  EXPECT_EQ(permit.remaining, 0u);
  EXPECT_EQ(permit.reset_ns, 2'000'000'000);
  EXPECT_EQ(acquire(permit), REVENGE_LIMIT);
  EXPECT_EQ(permit.retry_after_ns, 2'000'000'000);
}

TEST_F(Table, TheDeadlineOfTheCallIsTheOutermostTimeout) {
  auto plugin = load(R"({"pipelines": {"p": [{"timeout": {"limit_s": 20}}]}})");
  host_.advance(1s);
  revenge_resilience_permit permit{};
  ASSERT_EQ(acquire(permit), REVENGE_OK);
  EXPECT_EQ(permit.until_ns, host_.clock().now().time_since_epoch().count() + 20'000'000'000);
  deadline_ns_ = host_.clock().now().time_since_epoch().count() + 5;
  ASSERT_EQ(acquire(permit), REVENGE_OK);
  EXPECT_EQ(permit.until_ns, deadline_ns_);
  host_.advance(1s);
  EXPECT_EQ(acquire(permit), REVENGE_TIMED_OUT);
}

TEST_F(Table, WhatACallerHoldsComesBackWhenItsInstanceEnds) {
  auto plugin = load(R"({"pipelines": {"p": ["bulkhead"]}})");
  caller_ = 7;
  (void)hold();
  caller_ = 8;
  const std::uint64_t other = hold();
  ASSERT_EQ(host_.services().leases(), 2u);
  for (revenge_handle handle = revenge::testing::kBeforeHandles; host_.services().leases() == 2; ++handle)
    host_.services().endLease(handle);
  EXPECT_TRUE(list().contains(R"("in_flight": 1)")) << list();
  EXPECT_EQ(host_.metric("abandoned_total"), 1);
  revenge_resilience_permit next{};
  EXPECT_EQ(settle(other, kSuccess, next), REVENGE_OK);
  // Nothing is held: the lease of the other is not needed any more, and a swap does not wait for it.
  host_.advance(1s);
  EXPECT_EQ(host_.services().leases(), 1u);
  host_.advance(1s);
  EXPECT_EQ(host_.services().leases(), 0u);
}

TEST_F(Table, APermitThatIsHeldTooLongComesBack) {
  auto plugin = load(R"({"max_hold_s": 60, "pipelines": {"p": ["bulkhead"]}})");
  const std::uint64_t token = hold();
  host_.advance(59s);
  EXPECT_TRUE(list().contains(R"("in_flight": 1)")) << list();
  host_.advance(2s);
  EXPECT_TRUE(list().contains(R"("in_flight": 0)")) << list();
  revenge_resilience_permit next{};
  EXPECT_EQ(settle(token, kSuccess, next), REVENGE_GONE);
}

}  // namespace
}  // namespace revenge::resilience
