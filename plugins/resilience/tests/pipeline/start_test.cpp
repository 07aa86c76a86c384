// Runs that do not block, and detached timeouts.

#include <stdexcept>

#include "start_fixture.hpp"

namespace revenge::resilience {
namespace {

using AsyncTest = StartTest;

TEST_F(AsyncTest, ABodyMayEndAtOnceOrLater) {
  start<int, std::string>(
      sharedOf(retry(3)), scheduler, {}, [](Attempt&, Done done) { done(5); }, into(outcome));
  EXPECT_EQ(outcome->value(), 5);
  outcome.reset();
  start<int, std::string>(sharedOf(retry(3)), scheduler, {}, taking({30}), into(outcome, &ended_at));
  EXPECT_FALSE(outcome);
  scheduler.move(ms(100));
  EXPECT_EQ(outcome->value(), 1);
  EXPECT_EQ(ended_at, at(30));
}

TEST_F(AsyncTest, D3_WaitsTheBackoffByATimer) {
  start<int, std::string>(
      sharedOf(retry(growing(3))), scheduler, repeatable(),
      [&](Attempt&, Done done) {
        if (++calls < 3)
          done(std::unexpected("down"));
        else
          done(7);
      },
      into(outcome, &ended_at));
  scheduler.move(ms(1000));
  EXPECT_EQ(outcome->value(), 7);
  EXPECT_EQ(ended_at, at(300));
}

TEST_F(AsyncTest, D13_CancelledDuringTheDelay) {
  std::stop_source stop;
  Call call = repeatable();
  call.stop = stop.get_token();
  start<int, std::string>(
      sharedOf(retry(growing(3))), scheduler, call,
      [&](Attempt&, Done done) {
        ++calls;
        done(std::unexpected("down"));
      },
      into(outcome, &ended_at));
  scheduler.move(ms(40));
  stop.request_stop();
  scheduler.work();
  EXPECT_TRUE(outcome->error().is(RejectionKind::kCancelled));
  EXPECT_EQ(ended_at, at(40));
  EXPECT_FALSE(scheduler.hasTimers());
}

TEST_F(AsyncTest, AnAttemptUnderWayIsAskedToStop) {
  std::stop_source stop;
  Call call;
  call.stop = stop.get_token();
  start<int, std::string>(sharedOf(retry(3)), scheduler, call, taking({50}), into(outcome));
  stop.request_stop();
  scheduler.work();
  EXPECT_TRUE(tokens[0].stop_requested());
  EXPECT_FALSE(outcome) << "the body has not ended";
  scheduler.move(ms(50));
  EXPECT_EQ(outcome->value(), 1);
}

TEST_F(AsyncTest, F7_ABodyThatThrowsOrLosesItsCompletionGivesEverythingBack) {
  const auto slots = bulkhead(1);
  const auto circuit = breaker(5);
  start<int, std::string>(
      sharedOf(circuit, slots), scheduler, {}, [](Attempt&, Done) { throw std::runtime_error("down"); },
      into(outcome));
  EXPECT_THROW(outcome->error().rethrowIfException(), std::runtime_error);
  EXPECT_EQ(slots->running(), 0);
  outcome.reset();
  start<int, std::string>(sharedOf(circuit, slots), scheduler, {}, [](Attempt&, Done) {}, into(outcome));
  EXPECT_EQ(outcome->error().ending.verdict, Verdict::kAbandoned);
  EXPECT_EQ(slots->running(), 0);
  EXPECT_EQ(circuit->report(at(0)).outcomes[static_cast<std::size_t>(Verdict::kAbandoned)], 1u);
}

TEST_F(AsyncTest, E2_DetachedReturnsAtTheLimitAndTheSlotAtTheEnd) {
  const auto limit = timeout(ms(20), TimeoutStyle::kDetached);
  const auto slots = bulkhead(1);
  start<int, std::string>(sharedOf(slots, limit), scheduler, {}, taking({200}), into(outcome, &ended_at));
  scheduler.move(ms(199));
  ASSERT_TRUE(outcome);
  EXPECT_TRUE(outcome->error().is(RejectionKind::kTimeout));
  EXPECT_EQ(ended_at, at(20));
  EXPECT_TRUE(tokens[0].stop_requested());
  EXPECT_EQ(limit->abandoned(), 1u);
  EXPECT_EQ(slots->running(), 1) << "B13";
  scheduler.move(ms(1));
  EXPECT_EQ(slots->running(), 0);
}

TEST_F(AsyncTest, E2_CooperativeReturnsWithTheBody) {
  start<int, std::string>(sharedOf(timeout(ms(20))), scheduler, {}, taking({200}), into(outcome, &ended_at));
  scheduler.move(ms(300));
  EXPECT_TRUE(outcome->error().is(RejectionKind::kTimeout));
  EXPECT_EQ(ended_at, at(200));
}

TEST_F(AsyncTest, ADetachedTimeoutBehindACooperativeOneStillComes) {
  start<int, std::string>(sharedOf(timeout(ms(100), TimeoutStyle::kDetached), timeout(ms(20))), scheduler, {},
                          taking({500}), into(outcome, &ended_at));
  scheduler.move(ms(20));
  EXPECT_TRUE(tokens[0].stop_requested());
  EXPECT_FALSE(outcome);
  scheduler.move(ms(480));
  EXPECT_TRUE(outcome->error().is(RejectionKind::kTimeout));
  EXPECT_EQ(ended_at, at(100));
}

TEST_F(AsyncTest, ADetachedAttemptIsMadeAgain) {
  const auto slots = bulkhead(2);
  start<int, std::string>(sharedOf(retry(2), slots, timeout(ms(20), TimeoutStyle::kDetached)), scheduler,
                          repeatable(), taking({200, 10}), into(outcome, &ended_at));
  scheduler.move(ms(50));
  EXPECT_EQ(outcome->value(), 2);
  EXPECT_EQ(ended_at, at(30));
  EXPECT_EQ(slots->running(), 1);
  scheduler.move(ms(200));
  EXPECT_EQ(slots->running(), 0);
}

TEST_F(AsyncTest, ABodyThatEndsWhileItIsDetachedGivesItsSlotBack) {
  const auto circuit = breaker(1);
  const auto slots = bulkhead(1);
  std::optional<Done> body;
  // The breaker is told of the timeout in the middle of the detaching, and so is who listens to it.
  const auto listening = circuit->notices().listen([&](const BreakerEvent&) { (*body)(1); });
  start<int, std::string>(
      sharedOf(circuit, slots, timeout(ms(20), TimeoutStyle::kDetached)), scheduler, {},
      [&](Attempt&, Done done) { body.emplace(std::move(done)); }, into(outcome));
  scheduler.move(ms(20));
  EXPECT_TRUE(outcome->error().is(RejectionKind::kTimeout));
  EXPECT_EQ(circuit->state(), BreakerState::kOpen);
  EXPECT_EQ(slots->running(), 0);
}

TEST_F(AsyncTest, ARunThatWaitsForASlotGoesOnElsewhere) {
  const auto slots = bulkhead(1, 1);
  const auto pipeline = sharedOf(slots);
  std::optional<Outcome<int, std::string>> second;
  start<int, std::string>(pipeline, scheduler, {}, taking({50, 10}), into(outcome));
  start<int, std::string>(pipeline, scheduler, {}, taking({50, 10}), into(second, &ended_at));
  EXPECT_EQ(calls, 1);
  scheduler.move(ms(100));
  EXPECT_EQ(second->value(), 2);
  EXPECT_EQ(ended_at, at(60));
  EXPECT_EQ(slots->running(), 0);
}

TEST_F(AsyncTest, ARunKeepsThePipelineItHasBegunWith) {
  auto pipeline = sharedOf(retry(growing(2)));
  const std::weak_ptr<const Pipeline> watched = pipeline;
  start<int, std::string>(std::move(pipeline), scheduler, repeatable(), taking({50}), into(outcome));
  EXPECT_FALSE(watched.expired());
  scheduler.move(ms(50));
  EXPECT_TRUE(watched.expired());
}

}  // namespace
}  // namespace revenge::resilience
