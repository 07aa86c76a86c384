// Equal calls that are one call.

#include <stdexcept>

#include "start_fixture.hpp"

namespace revenge::resilience {
namespace {

using CoalesceTest = StartTest;

TEST_F(CoalesceTest, EqualCallsAreOneCall) {
  const auto layer = coalescer();
  const auto pipeline = sharedOf(layer);
  std::optional<Outcome<int, std::string>> second, other;
  start<int, std::string>(pipeline, scheduler, keyed("a"), taking({50}), into(outcome));
  start<int, std::string>(pipeline, scheduler, keyed("a"), taking({50}), into(second));
  start<int, std::string>(pipeline, scheduler, keyed("b"), taking({50}), into(other));
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(layer->keys(), 2u);
  scheduler.move(ms(50));
  EXPECT_EQ(outcome->value(), 1);
  EXPECT_EQ(second->value(), 1);
  EXPECT_EQ(other->value(), 2);
  EXPECT_EQ(layer->shared(), 1u);
  EXPECT_EQ(layer->keys(), 0u);
}

TEST_F(CoalesceTest, ErrorsAreSharedToo) {
  const auto pipeline = sharedOf(coalescer());
  std::optional<Outcome<int, std::string>> second;
  const auto body = [&](Attempt&, Done done) {
    ++calls;
    later(ms(10), std::move(done), std::unexpected("down"));
  };
  start<int, std::string>(pipeline, scheduler, keyed("a"), body, into(outcome));
  start<int, std::string>(pipeline, scheduler, keyed("a"), body, into(second));
  scheduler.move(ms(10));
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(second->error().error, "down");
  EXPECT_EQ(outcome->error().error, "down");
}

TEST_F(CoalesceTest, ALeaderThatIsCancelledHandsOver) {
  const auto pipeline = sharedOf(coalescer());
  std::stop_source stop;
  Call cancelled = keyed("a");
  cancelled.stop = stop.get_token();
  std::optional<Outcome<int, std::string>> second, third;
  const auto body = [&](Attempt& attempt, Done done) {
    // Heeds the stop at its end.
    const bool first = ++calls == 1;
    (void)attempt;
    later(ms(20), std::move(done), first ? Answer(std::unexpected("stopped")) : Answer(calls));
  };
  start<int, std::string>(pipeline, scheduler, cancelled, body, into(outcome));
  start<int, std::string>(pipeline, scheduler, keyed("a"), body, into(second));
  start<int, std::string>(pipeline, scheduler, keyed("a"), body, into(third));
  stop.request_stop();
  scheduler.move(ms(20));
  EXPECT_TRUE(outcome->error().is(RejectionKind::kCancelled));
  EXPECT_FALSE(second);
  EXPECT_EQ(calls, 2) << "one of the others leads now";
  scheduler.move(ms(20));
  EXPECT_EQ(second->value(), 2);
  EXPECT_EQ(third->value(), 2);
}

TEST_F(CoalesceTest, AFollowerThatIsCancelledGoesAlone) {
  const auto pipeline = sharedOf(coalescer());
  std::stop_source stop;
  Call cancelled = keyed("a");
  cancelled.stop = stop.get_token();
  std::optional<Outcome<int, std::string>> second;
  start<int, std::string>(pipeline, scheduler, keyed("a"), taking({50}), into(outcome));
  start<int, std::string>(pipeline, scheduler, cancelled, taking({50}), into(second, &ended_at));
  scheduler.move(ms(5));
  stop.request_stop();
  scheduler.work();
  EXPECT_TRUE(second->error().is(RejectionKind::kCancelled));
  EXPECT_EQ(ended_at, at(5));
  EXPECT_FALSE(tokens[0].stop_requested());
  scheduler.move(ms(50));
  EXPECT_EQ(outcome->value(), 1);
}

TEST_F(CoalesceTest, KeysBeyondTheBoundMakeTheirOwnCalls) {
  const auto layer = coalescer({.max_keys = 1});
  const auto pipeline = sharedOf(layer);
  std::optional<Outcome<int, std::string>> second, third;
  start<int, std::string>(pipeline, scheduler, keyed("a"), taking({50}), into(outcome));
  start<int, std::string>(pipeline, scheduler, keyed("b"), taking({50}), into(second));
  start<int, std::string>(pipeline, scheduler, keyed("b"), taking({50}), into(third));
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(layer->keys(), 1u);
  scheduler.move(ms(50));
}

}  // namespace
}  // namespace revenge::resilience
