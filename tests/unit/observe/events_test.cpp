#include "observe/events.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;

class Events : public testing::Test {
 protected:
  void publish(int count) {
    for (int i = 0; i < count; ++i) events.publish({.kind = "test", .plugin = "stream", .text = "x"});
  }
  EventSubscription subscribe(std::uint64_t from) {
    return events.subscribe(from, [this] { ++wakes; });
  }

  base::ManualClock clock;
  EventStream events{clock, 3};
  int wakes = 0;
};

TEST_F(Events, GivesSequenceAndTime) {
  clock.advance(5s);
  EXPECT_EQ(
      events.publish(
          {.kind = "plugin.state", .plugin = "a", .text = "running", .attributes = {{"to", "running"}}}),
      1U);
  EXPECT_EQ(events.publish({.kind = "k", .plugin = "", .text = ""}), 2U);
  EXPECT_EQ(events.lastSequence(), 2U);
  EventSubscription all = subscribe(0);
  const EventBatch batch = all.read();
  ASSERT_EQ(batch.events.size(), 2U);
  EXPECT_EQ(batch.events[0].sequence, 1U);
  EXPECT_EQ(batch.events[0].time, clock.wall());
  EXPECT_EQ(batch.events[0].attributes[0].second, "running");
}

TEST_F(Events, StartsWhereTheSubscriberAsks) {
  publish(3);
  const auto first = [&](std::uint64_t from) -> std::uint64_t {
    EventSubscription subscription = subscribe(from);
    const EventBatch batch = subscription.read();
    return batch.events.empty() ? 0 : batch.events[0].sequence;
  };
  EXPECT_EQ(first(0), 1U);
  EXPECT_EQ(first(2), 2U);
  EXPECT_EQ(first(3), 3U);
  EXPECT_EQ(first(4), 0U);
}

TEST_F(Events, ANumberOfAnEarlierRunMeansOnlyWhatComes) {
  publish(1);
  EventSubscription subscription = subscribe(900);
  EXPECT_TRUE(subscription.read().events.empty());
  publish(1);
  EXPECT_EQ(subscription.read().events.at(0).sequence, 2U);
}

TEST_F(Events, TellsHowManyFellOutOfTheRing) {
  publish(1);
  EventSubscription subscription = subscribe(1);
  publish(4);
  const EventBatch batch = subscription.read();
  EXPECT_EQ(batch.missed, 2U);
  ASSERT_EQ(batch.events.size(), 3U);
  EXPECT_EQ(batch.events[0].sequence, 3U);
  EXPECT_EQ(subscription.read().missed, 0U);
}

TEST_F(Events, WakesOnceAfterAShortReadAndNotBefore) {
  EventSubscription subscription = subscribe(1);
  publish(2);
  EXPECT_EQ(wakes, 0);
  EXPECT_EQ(subscription.read(2).events.size(), 2U);  // full: there may be more, so no wake is due
  publish(1);
  EXPECT_EQ(wakes, 0);
  EXPECT_EQ(subscription.read(2).events.size(), 1U);
  publish(2);
  EXPECT_EQ(wakes, 1);
}

TEST_F(Events, NobodyIsWokenAfterUnsubscribing) {
  std::optional<EventSubscription> subscription = subscribe(1);
  subscription->read();
  subscription.reset();
  publish(1);
  EXPECT_EQ(wakes, 0);
}

TEST_F(Events, AWakeMayReadPublishAndUnsubscribe) {
  std::optional<EventSubscription> subscription;
  subscription = events.subscribe(1, [&] {
    if (++wakes == 1) {
      subscription->read();
      publish(1);
    } else {
      subscription.reset();
    }
  });
  subscription->read();
  publish(1);
  EXPECT_EQ(wakes, 2);
  EXPECT_FALSE(subscription);
}

}  // namespace
}  // namespace revenge::observe
