// Timeouts, fallbacks and the order of layers, on the calling thread.
#include "pipeline/run.hpp"

#include <stdexcept>

#include "pipeline_fixture.hpp"

namespace revenge::resilience {
namespace {

using RunTest = PipelineTest;

TEST_F(RunTest, AnEmptyPipelineIsAPlainCall) { EXPECT_EQ(run(of(), scheduler, {}, failing(0)).value(), 1); }

TEST_F(RunTest, ABodyMayReturnNothing) {
  EXPECT_TRUE(run(of(retry(3)), scheduler, repeatable(), [&](Attempt&) { ++calls; }).has_value());
  EXPECT_EQ(calls, 1);
}

TEST_F(RunTest, E2_CooperativeReturnsWithTheBody) {
  const auto limit = timeout(ms(20));
  bool asked = false;
  const auto outcome = run(of(limit), scheduler, {}, [&](Attempt& attempt) {
    scheduler.move(ms(200));
    asked = attempt.stopRequested();
    return 1;
  });
  EXPECT_EQ(scheduler.now(), at(200));
  EXPECT_TRUE(asked);
  EXPECT_TRUE(outcome.error().is(RejectionKind::kTimeout));
  EXPECT_EQ(limit->fired(), 1u);
}

TEST_F(RunTest, E2_TheTokenIsAskedAtTheLimitAndNotBefore) {
  std::vector<bool> asked;
  (void)run(of(timeout(ms(20))), scheduler, {}, [&](Attempt& attempt) {
    const std::stop_token token = attempt.stopToken();
    scheduler.move(ms(19));
    asked.push_back(token.stop_requested());
    scheduler.move(ms(1));
    asked.push_back(token.stop_requested());
    return 1;
  });
  EXPECT_EQ(asked, (std::vector{false, true}));
  EXPECT_FALSE(scheduler.hasTimers());
}

TEST_F(RunTest, E3_TheInnerTimeoutFiresAlone) {
  const auto outer = timeout(ms(500)), inner = timeout(ms(100));
  EXPECT_TRUE(run(of(outer, inner), scheduler, {}, taking(ms(150))).error().is(RejectionKind::kTimeout));
  EXPECT_EQ(inner->fired(), 1u);
  EXPECT_EQ(outer->fired(), 0u);
}

TEST_F(RunTest, E3_TheOuterTimeoutFiresAlone) {
  const auto outer = timeout(ms(200)), inner = timeout(ms(1000));
  (void)run(of(outer, inner), scheduler, {}, [&](Attempt& attempt) {
    while (!attempt.stopRequested()) scheduler.move(ms(1));
    return 1;
  });
  EXPECT_EQ(scheduler.now(), at(200));
  EXPECT_EQ(outer->fired(), 1u);
  EXPECT_EQ(inner->fired(), 0u);
}

TEST_F(RunTest, E5_ATimeoutIsAFailureForABreakerAroundIt) {
  const auto circuit = breaker(1);
  EXPECT_TRUE(
      run(of(circuit, timeout(ms(50))), scheduler, {}, taking(ms(100))).error().is(RejectionKind::kTimeout));
  EXPECT_EQ(circuit->state(), BreakerState::kOpen);
}

TEST_F(RunTest, E6_AFallbackAroundARetryAnswersAfterThreeCalls) {
  const auto outcome = run(of(fallback(), retry(3)), scheduler, repeatable(), alwaysFailing(),
                           [](const Failure<std::string>& failure) -> std::expected<int, std::string> {
                             EXPECT_TRUE(failure.is(RejectionKind::kRetriesExceeded));
                             EXPECT_EQ(failure.error, "down");
                             return 7;
                           });
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(outcome.value(), 7);
}

TEST_F(RunTest, E6_AFallbackInsideOfARetryAnswersAfterOneCall) {
  const auto outcome = run(of(retry(3), fallback()), scheduler, repeatable(), alwaysFailing(),
                           [](const Failure<std::string>&) -> std::expected<int, std::string> { return 7; });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(outcome.value(), 7);
}

TEST_F(RunTest, AFallbackDoesNotAnswerWhoHasCancelled) {
  std::stop_source stop;
  Call call = repeatable();
  call.stop = stop.get_token();
  const auto outcome = run(
      of(fallback(), retry(3)), scheduler, call,
      [&](Attempt&) -> std::expected<int, int> {
        ++calls;
        stop.request_stop();
        return std::unexpected(1);
      },
      [](const Failure<int>&) -> std::expected<int, int> { return 7; });
  EXPECT_EQ(calls, 1);
  EXPECT_TRUE(outcome.error().is(RejectionKind::kCancelled));
}

TEST_F(RunTest, AFallbackThatThrowsIsTheFailure) {
  const auto outcome = run(of(fallback()), scheduler, {}, alwaysFailing(),
                           [](const Failure<std::string>&) -> std::expected<int, std::string> {
                             throw std::runtime_error("no copy");
                           });
  EXPECT_THROW(outcome.error().rethrowIfException(), std::runtime_error);
}

TEST_F(RunTest, AFallbackOfRejectionsAloneLeavesErrorsAlone) {
  const auto only = fallback({.on_failure = false});
  const auto answer = [](const Failure<std::string>&) -> std::expected<int, std::string> { return 7; };
  EXPECT_FALSE(run(of(only), scheduler, {}, alwaysFailing(), answer));
  const auto circuit = breaker(1);
  circuit->open(scheduler.now());
  EXPECT_EQ(run(of(only, circuit), scheduler, {}, failing(0), answer).value(), 7);
}

TEST_F(RunTest, AnExpiredOrCancelledCallIsNotMade) {
  scheduler.move(ms(10));
  Call late;
  late.deadline = at(10);
  EXPECT_TRUE(run(of(), scheduler, late, failing(0)).error().is(RejectionKind::kTimeout));
  std::stop_source stop;
  stop.request_stop();
  Call cancelled;
  cancelled.stop = stop.get_token();
  EXPECT_TRUE(run(of(), scheduler, cancelled, failing(0)).error().is(RejectionKind::kCancelled));
  EXPECT_EQ(calls, 0);
}

TEST_F(RunTest, F1_ARetryAroundABreakerStopsWhenItOpens) {
  const auto circuit = breaker(3);
  const auto outcome = run(of(retry(7), circuit), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(circuit->state(), BreakerState::kOpen);
  ASSERT_TRUE(outcome.error().is(RejectionKind::kRetriesExceeded));
  EXPECT_EQ(outcome.error().ending.last_rejection.kind, RejectionKind::kCircuitOpen);
  EXPECT_EQ(outcome.error().error, "down");
}

TEST_F(RunTest, F2_ABreakerAroundARetrySeesOneFailure) {
  const auto circuit = breaker(3);
  (void)run(of(circuit, retry(7)), scheduler, repeatable(), alwaysFailing());
  EXPECT_EQ(calls, 7);
  EXPECT_EQ(circuit->state(), BreakerState::kClosed);
  EXPECT_EQ(circuit->report(scheduler.now()).counts.failures, 1);
}

TEST_F(RunTest, F5_TheDefaultOrderAnswersByTheFallback) {
  const auto circuit = breaker(5);
  const auto outcome = run(of(fallback(), retry(3), circuit), scheduler, repeatable(), alwaysFailing(),
                           [](const Failure<std::string>&) -> std::expected<int, std::string> { return 7; });
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(outcome.value(), 7);
  EXPECT_EQ(circuit->state(), BreakerState::kClosed);
  EXPECT_EQ(circuit->report(scheduler.now()).counts.failures, 3);
}

TEST_F(RunTest, WhatReplacesALayerCountsOnWhereItDid) {
  const auto again = retry(2);
  const auto limit = timeout(ms(20));
  const auto answers = fallback();
  const auto answer = [](const Failure<NoError>&) { return 7; };
  (void)run(of(answers, again, limit), scheduler, repeatable(), taking(ms(30)), answer);
  const auto new_retry = std::make_shared<Retry>("retry", growing(3), nullptr, 1, again.get());
  const auto new_limit = std::make_shared<Timeout>("timeout", TimeoutSettings{ms(10)}, limit.get());
  const auto new_answers = std::make_shared<Fallback>("fallback", FallbackSettings{}, answers.get());
  EXPECT_EQ(
      run(of(new_answers, new_retry, new_limit), scheduler, repeatable(), taking(ms(30)), answer).value(), 7);
  EXPECT_EQ(new_retry->counts().retries, 1u + 2u);
  EXPECT_EQ(new_retry->counts().exhausted, 2u);
  EXPECT_EQ(new_limit->fired(), 2u + 3u);
  EXPECT_EQ(new_answers->used(), 2u);
}

}  // namespace
}  // namespace revenge::resilience
