// Attempts, delays, hints, deadlines and budgets of a retry, on the calling thread.
#include "pipeline/retry.hpp"

#include <stdexcept>

#include "pipeline_fixture.hpp"

namespace revenge::resilience {
namespace {

using RetryTest = PipelineTest;

TEST_F(RetryTest, D1_ThreeAttemptsAreThreeCalls) {
  const auto outcome = run(of(retry(3)), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(calls, 3);
  EXPECT_FALSE(outcome);
}

TEST_F(RetryTest, D1_UnlimitedGoesOnUntilSuccess) {
  RetrySettings settings = growing(1);
  settings.unlimited = true;
  EXPECT_EQ(run(of(retry(settings)), scheduler, repeatable(), failing(5)).value(), 1);
  EXPECT_EQ(calls, 6);
}

TEST_F(RetryTest, D3_WaitsTheBackoffBetweenAttempts) {
  std::vector<std::int64_t> begun;
  (void)run(of(retry(growing(5))), scheduler, repeatable(), [&](Attempt&) -> std::expected<int, int> {
    begun.push_back(scheduler.now().nanoseconds() / 1000000);
    return std::unexpected(5);
  });
  EXPECT_EQ(begun, (std::vector<std::int64_t>{0, 100, 300, 700, 1500}));
  EXPECT_FALSE(scheduler.hasTimers());
}

TEST_F(RetryTest, D7_AnAbortIsHandedBackAsItIs) {
  const auto outcome =
      run(of(retry(6)), scheduler, repeatable(), [&](Attempt& attempt) -> std::expected<int, std::string> {
        if (++calls == 1) return std::unexpected("e");
        attempt.judge({Verdict::kFailure, {}, Again::kNever});
        return std::unexpected("abort");
      });
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(outcome.error().ending.cause, Cause::kBody);
  EXPECT_EQ(outcome.error().error, "abort");
}

TEST_F(RetryTest, D8_ExhaustedCarriesAttemptsLastErrorAndElapsed) {
  const auto outcome = run(of(retry(growing(4))), scheduler, repeatable(), alwaysFailing());
  ASSERT_TRUE(outcome.error().is(RejectionKind::kRetriesExceeded));
  EXPECT_EQ(outcome.error().ending.attempts, 4u);
  EXPECT_EQ(outcome.error().ending.last, Cause::kBody);
  EXPECT_EQ(outcome.error().ending.elapsed, ms(700));
  EXPECT_EQ(outcome.error().error, "down");
}

TEST_F(RetryTest, D8_TheLastErrorAloneByOption) {
  RetrySettings settings = growing(4);
  settings.return_last = true;
  const auto outcome = run(of(retry(settings)), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(outcome.error().ending.cause, Cause::kBody);
  EXPECT_EQ(outcome.error().error, "down");
}

TEST_F(RetryTest, D10_TheTimeOfAllAttemptsEndsThem) {
  RetrySettings settings;
  settings.max_attempts = 10;
  settings.backoff.kind = BackoffKind::kNone;
  settings.max_elapsed = ms(100);
  const auto outcome =
      run(of(retry(settings)), scheduler, repeatable(), [&](Attempt&) -> std::expected<int, int> {
        if (++calls == 2) scheduler.move(ms(120));
        return std::unexpected(1);
      });
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(outcome.error().is(RejectionKind::kRetriesExceeded));
}

TEST_F(RetryTest, D11_StopsWhenTheNextDelayWouldPassTheDeadline) {
  Call call = repeatable();
  call.deadline = at(250);
  const auto outcome = run(of(retry(growing(9))), scheduler, call, alwaysFailing());
  EXPECT_EQ(scheduler.now(), at(100)) << "no sleep up to the deadline";
  EXPECT_EQ(calls, 2);
  ASSERT_TRUE(outcome.error().is(RejectionKind::kTimeout));
  EXPECT_EQ(outcome.error().ending.rejection.full, FullReason::kDeadline);
  EXPECT_EQ(outcome.error().ending.rejection.retry_after, ms(200));
  EXPECT_EQ(outcome.error().error, "down");
}

TEST_F(RetryTest, D11_AnAttemptThatWouldBeginAtTheDeadlineIsNotMade) {
  Call call = repeatable();
  call.deadline = at(300);
  (void)run(of(retry(growing(9))), scheduler, call, alwaysFailing());
  EXPECT_EQ(calls, 2);
  calls = 0;
  call.deadline = scheduler.now() + ms(301);
  (void)run(of(retry(growing(9))), scheduler, call, alwaysFailing());
  EXPECT_EQ(calls, 3);
}

TEST_F(RetryTest, D11_ATimeoutFurtherOutIsSuchADeadline) {
  (void)run(of(timeout(ms(250)), retry(growing(9))), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(scheduler.now(), at(100));
}

TEST_F(RetryTest, D12_WaitsAtLeastAsLongAsTheServerAsks) {
  (void)run(of(retry(growing(2))), scheduler, repeatable(), [&](Attempt& attempt) -> std::expected<int, int> {
    ++calls;
    attempt.judge({Verdict::kFailure, ms(700), Again::kAllowed});
    return std::unexpected(503);
  });
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(scheduler.now(), at(700));
}

TEST_F(RetryTest, D12_AHintPastTheDeadlineStops) {
  Call call = repeatable();
  call.deadline = at(600);
  (void)run(of(retry(growing(2))), scheduler, call, [&](Attempt& attempt) -> std::expected<int, int> {
    ++calls;
    attempt.judge({Verdict::kFailure, ms(700), Again::kAllowed});
    return std::unexpected(503);
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(scheduler.now(), at(0));
}

TEST_F(RetryTest, D13_CancelledDuringTheDelayMakesNoFurtherCall) {
  struct Cancel : Timer {
    Cancel()
        : Timer([](Timer& timer, Moment) noexcept { static_cast<Cancel&>(timer).stop.request_stop(); }) {}
    std::stop_source stop;
  } cancel;
  Call call = repeatable();
  call.stop = cancel.stop.get_token();
  scheduler.at(at(30), cancel);
  const auto outcome = run(of(retry(growing(9))), scheduler, call, alwaysFailing());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(scheduler.now(), at(30));
  EXPECT_TRUE(outcome.error().is(RejectionKind::kCancelled));
}

TEST_F(RetryTest, D18_TheBudgetIsGivenBackWhenTheBodyThrows) {
  const auto budget = std::make_shared<RetryBudget>(RetryBudgetSettings{.rate = 0, .min_concurrent = 1});
  const auto outcome = run(of(retry(3, budget)), scheduler, repeatable(), [&](Attempt&) -> int {
    ++calls;
    throw std::runtime_error("down");
  });
  EXPECT_EQ(calls, 3);
  EXPECT_THROW(outcome.error().rethrowIfException(), std::runtime_error);
  EXPECT_EQ(budget->levels().retries, 0u);
  EXPECT_EQ(budget->levels().calls, 0u);
}

TEST_F(RetryTest, ABudgetThatIsSpentEndsTheRun) {
  const auto budget = std::make_shared<RetryBudget>(RetryBudgetSettings{.rate = 0, .min_concurrent = 0});
  const auto outcome = run(of(retry(3, budget)), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(outcome.error().is(RejectionKind::kBudgetExceeded));
  EXPECT_EQ(outcome.error().error, "down");
}

TEST_F(RetryTest, D20_AnOpenBreakerIsAskedOnce) {
  const auto circuit = breaker(1);
  circuit->open(scheduler.now());
  const auto outcome = run(of(retry(growing(6)), circuit), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(outcome.error().is(RejectionKind::kCircuitOpen));
  EXPECT_EQ(circuit->report(scheduler.now()).rejected, 1u);
  EXPECT_EQ(scheduler.now(), at(0));
}

TEST_F(RetryTest, D20_AnOpenBreakerIsWaitedForByOption) {
  const auto circuit = breaker(1);
  circuit->open(scheduler.now());
  RetrySettings settings = growing(2);
  settings.wait_for_policies = true;
  EXPECT_EQ(run(of(retry(settings), circuit), scheduler, repeatable(), failing(0)).value(), 1);
  EXPECT_EQ(scheduler.now(), at(30000));
}

TEST_F(RetryTest, D20_ButNotPastTheDeadline) {
  const auto circuit = breaker(1);
  circuit->open(scheduler.now());
  RetrySettings settings = growing(2);
  settings.wait_for_policies = true;
  Call call = repeatable();
  call.deadline = at(29000);
  EXPECT_FALSE(run(of(retry(settings), circuit), scheduler, call, failing(0)));
  EXPECT_EQ(scheduler.now(), at(0));
}

TEST_F(RetryTest, WhatIsNotRepeatableIsCalledOnce) {
  const auto outcome = run(of(retry(3)), scheduler, {}, alwaysFailing());
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(outcome.error().ending.cause, Cause::kBody);
}

TEST_F(RetryTest, WhatWasNotEvenCalledMayBeRetriedAnyway) {
  const auto circuit = breaker(1);
  circuit->openFor(ms(90), scheduler.now());
  EXPECT_EQ(run(of(retry(growing(2)), circuit), scheduler, {}, failing(0)).value(), 1);
  EXPECT_EQ(scheduler.now(), at(100)) << "the backoff is longer than the breaker's wait";
}

TEST_F(RetryTest, AnIgnoredErrorIsNeitherRetriedNorCounted) {
  const auto circuit = breaker(1);
  const auto outcome =
      run(of(circuit, retry(3)), scheduler, repeatable(), [&](Attempt& attempt) -> std::expected<int, int> {
        ++calls;
        attempt.judge({Verdict::kIgnored, {}, Again::kAllowed});
        return std::unexpected(404);
      });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(outcome.error().error, 404);
  EXPECT_EQ(circuit->state(), BreakerState::kClosed);
}

TEST_F(RetryTest, AttemptTwoThousandIsReached) {
  RetrySettings settings = growing(2000);
  const auto outcome = run(of(retry(settings)), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(calls, 2000);
  EXPECT_EQ(outcome.error().ending.attempts, 2000u);
}

TEST_F(RetryTest, F4_RetriesMayBeNested) {
  EXPECT_EQ(run(of(retry(10), retry(2)), scheduler, repeatable(), failing(5)).value(), 1);
  EXPECT_EQ(calls, 6);
}

}  // namespace
}  // namespace revenge::resilience
