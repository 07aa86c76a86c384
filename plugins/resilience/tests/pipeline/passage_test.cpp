// Permits: each is given back once, whatever way a run ends.
#include "pipeline/passage.hpp"

#include <stdexcept>

#include "pipeline_fixture.hpp"

namespace revenge::resilience {
namespace {

struct PassageTest : PipelineTest {
  // F7: the order that configurations begin with.
  std::shared_ptr<RetryBudget> budget = std::make_shared<RetryBudget>(RetryBudgetSettings{});
  std::shared_ptr<Breaker> circuit = breaker(100);
  std::shared_ptr<Bulkhead> slots = bulkhead(2);
  std::shared_ptr<AdaptiveLimiter> learned =
      std::make_shared<AdaptiveLimiter>("adaptive", AdaptiveLimiterSettings{});
  Pipeline usual = of(fallback(), timeout(ms(1000)), retry(growing(3), budget), circuit, rate(1000, 1000),
                      slots, learned, timeout(ms(50)));

  void expectAllGivenBack() {
    EXPECT_EQ(slots->running(), 0);
    EXPECT_EQ(slots->report().stray_releases, 0u);
    EXPECT_EQ(learned->running(), 0);
    EXPECT_EQ(learned->report().stray_releases, 0u);
    EXPECT_EQ(budget->levels().calls, 0u);
    EXPECT_EQ(budget->levels().retries, 0u);
  }
  std::uint64_t outcomes(Verdict verdict) {
    return circuit->report(scheduler.now()).outcomes[static_cast<std::size_t>(verdict)];
  }
};

TEST_F(PassageTest, F7_OnSuccess) {
  EXPECT_TRUE(run(usual, scheduler, repeatable(), failing(0)));
  expectAllGivenBack();
  EXPECT_EQ(outcomes(Verdict::kSuccess), 1u);
}

TEST_F(PassageTest, F7_OnError) {
  EXPECT_FALSE(run(usual, scheduler, repeatable(), alwaysFailing()));
  expectAllGivenBack();
  EXPECT_EQ(outcomes(Verdict::kFailure), 3u);
}

TEST_F(PassageTest, F7_OnAnException) {
  EXPECT_FALSE(
      run(usual, scheduler, repeatable(), [](Attempt&) -> int { throw std::runtime_error("down"); }));
  expectAllGivenBack();
  EXPECT_EQ(outcomes(Verdict::kFailure), 3u);
}

TEST_F(PassageTest, F7_OnATimeout) {
  EXPECT_TRUE(run(usual, scheduler, {}, taking(ms(60))).error().is(RejectionKind::kTimeout));
  expectAllGivenBack();
  EXPECT_EQ(outcomes(Verdict::kFailure), 1u);
}

TEST_F(PassageTest, F7_OnCancel) {
  std::stop_source stop;
  Call call = repeatable();
  call.stop = stop.get_token();
  EXPECT_FALSE(run(usual, scheduler, call, [&](Attempt&) -> std::expected<int, int> {
    stop.request_stop();
    return std::unexpected(1);
  }));
  expectAllGivenBack();
  EXPECT_EQ(outcomes(Verdict::kIgnored), 1u);
}

TEST_F(PassageTest, F7_WhenTheRecordIsDropped) {
  const Call call = repeatable();
  {
    Passage passage(usual, call, HasFallback::kNo, nullptr);
    ASSERT_EQ(passage.begin(at(0)).kind, StepKind::kGranted);
    EXPECT_EQ(slots->running(), 1);
  }
  expectAllGivenBack();
  EXPECT_EQ(outcomes(Verdict::kAbandoned), 1u);
}

TEST_F(PassageTest, F8_ARejectionFurtherInIsNoFailureForTheBreaker) {
  const auto one = breaker(1);
  const auto full = bulkhead(1);
  const auto slot = full->acquire(at(0));
  EXPECT_TRUE(
      run(of(one, full), scheduler, repeatable(), failing(0)).error().is(RejectionKind::kBulkheadFull));
  const auto empty = rate(1, 1);
  ASSERT_TRUE(empty->allow(at(0)));
  EXPECT_TRUE(
      run(of(one, empty), scheduler, repeatable(), failing(0)).error().is(RejectionKind::kRateLimited));
  const auto open = breaker(1);
  open->open(at(0));
  EXPECT_TRUE(
      run(of(one, open), scheduler, repeatable(), failing(0)).error().is(RejectionKind::kCircuitOpen));
  EXPECT_EQ(one->state(), BreakerState::kClosed);
  EXPECT_EQ(calls, 0);
  full->settle(slot->permit, Verdict::kSuccess, at(0));
}

TEST_F(PassageTest, B12_ARetryDoesNotSpinAroundAFullBulkhead) {
  const auto full = bulkhead(1);
  const auto slot = full->acquire(at(0));
  const auto outcome = run(of(retry(7), full), scheduler, repeatable(), failing(0));
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(outcome.error().is(RejectionKind::kBulkheadFull));
  EXPECT_EQ(full->report().rejected, 1u);
  full->settle(slot->permit, Verdict::kSuccess, at(0));
}

TEST_F(PassageTest, ARunThatWaitsForASlotGoesOnWhenItIsFree) {
  const auto one = bulkhead(1, 1);
  const auto slot = one->acquire(at(0));
  struct Release : Timer {
    Release(Bulkhead& its_bulkhead, const BulkheadPermit& its_permit)
        : Timer([](Timer& timer, Moment now) noexcept {
            auto& self = static_cast<Release&>(timer);
            (void)self.bulkhead.release(self.permit, now);
          }),
          bulkhead(its_bulkhead),
          permit(its_permit) {}
    Bulkhead& bulkhead;
    BulkheadPermit permit;
  } release(*one, slot->permit);
  scheduler.at(at(50), release);
  EXPECT_TRUE(run(of(one), scheduler, {}, failing(0)));
  EXPECT_EQ(scheduler.now(), at(50));
  EXPECT_EQ(one->running(), 0);
  EXPECT_FALSE(scheduler.hasTimers());
}

TEST_F(PassageTest, ARunThatWaitsTooLongIsRefused) {
  const auto one = bulkhead(1, 1, ms(80));
  const auto slot = one->acquire(at(0));
  const auto outcome = run(of(one), scheduler, {}, failing(0));
  EXPECT_TRUE(outcome.error().is(RejectionKind::kBulkheadFull));
  EXPECT_EQ(outcome.error().ending.rejection.full, FullReason::kWaitTimeout);
  EXPECT_EQ(scheduler.now(), at(80));
  one->settle(slot->permit, Verdict::kSuccess, at(80));
  EXPECT_EQ(one->running(), 0);
}

TEST_F(PassageTest, ARunThatIsCancelledWhileItWaitsLeavesTheQueue) {
  const auto one = bulkhead(1, 1);
  const auto slot = one->acquire(at(0));
  struct Cancel : Timer {
    Cancel()
        : Timer([](Timer& timer, Moment) noexcept { static_cast<Cancel&>(timer).stop.request_stop(); }) {}
    std::stop_source stop;
  } cancel;
  scheduler.at(at(10), cancel);
  Call call;
  call.stop = cancel.stop.get_token();
  EXPECT_TRUE(run(of(one), scheduler, call, failing(0)).error().is(RejectionKind::kCancelled));
  EXPECT_EQ(scheduler.now(), at(10));
  EXPECT_EQ(one->queued(), 0);
  one->settle(slot->permit, Verdict::kSuccess, at(10));
}

TEST_F(PassageTest, APermitThatIsPromisedIsWaitedForAndGivenBackWhenNotUsed) {
  const auto slow = rate(10, 1, ms(500));
  ASSERT_TRUE(slow->allow(at(0)));
  EXPECT_TRUE(run(of(slow), scheduler, {}, failing(0)));
  EXPECT_EQ(scheduler.now(), at(100));
  const auto open = breaker(1);
  open->open(scheduler.now());
  EXPECT_FALSE(run(of(slow, open), scheduler, {}, failing(0)));
  EXPECT_EQ(slow->report(scheduler.now()).cancelled, 1u) << "the breaker further in has refused";
}

TEST_F(PassageTest, AWaitThatWouldPassTheDeadlineIsNotBegun) {
  const auto slow = rate(10, 1, ms(500));
  ASSERT_TRUE(slow->allow(at(0)));
  Call call;
  call.deadline = at(99);
  EXPECT_TRUE(run(of(slow), scheduler, call, failing(0)).error().is(RejectionKind::kRateLimited));
  EXPECT_EQ(scheduler.now(), at(0));
}

TEST_F(PassageTest, E2_DetachedGoesOnAtOnceAndKeepsTheSlotUntilTheBodyEnds) {
  const auto one = bulkhead(1);
  const auto limit = timeout(ms(20), TimeoutStyle::kDetached);
  const Pipeline pipeline = of(one, limit);
  const Call call;
  KeptSlots kept;
  Passage passage(pipeline, call, HasFallback::kNo, nullptr);
  ASSERT_EQ(passage.begin(at(0)).until, at(20));
  EXPECT_EQ(passage.limitAfter(at(0)).style, TimeoutStyle::kDetached);
  EXPECT_EQ(passage.detach(at(20), kept).kind, StepKind::kEnded);
  EXPECT_TRUE(passage.ending().isRejected(RejectionKind::kTimeout));
  EXPECT_EQ(limit->abandoned(), 1u);
  EXPECT_EQ(one->running(), 1) << "B13: the body still works";
  kept.release(at(200));
  EXPECT_EQ(one->running(), 0);
}

TEST_F(PassageTest, ADetachedAttemptIsMadeAgainWithASlotOfItsOwn) {
  const auto two = bulkhead(2);
  const Pipeline pipeline = of(retry(2), two, timeout(ms(20), TimeoutStyle::kDetached));
  const Call call = repeatable();
  KeptSlots kept;
  Passage passage(pipeline, call, HasFallback::kNo, nullptr);
  (void)passage.begin(at(0));
  EXPECT_EQ(passage.detach(at(20), kept).kind, StepKind::kGranted);
  EXPECT_EQ(two->running(), 2);
  EXPECT_EQ(passage.settle(at(30), Settlement{}).kind, StepKind::kEnded);
  EXPECT_TRUE(passage.ending().isSuccess());
  EXPECT_EQ(two->running(), 1);
  kept.release(at(40));
  EXPECT_EQ(two->running(), 0);
}

}  // namespace
}  // namespace revenge::resilience
