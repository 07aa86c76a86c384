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

TEST_F(Events, OfPluginsLeaveThoseOfTheHostInMemory) {
  publish(2);
  for (int i = 0; i < 10; ++i)
    events.publish({.kind = "noise.made", .plugin = "a", .text = "", .source = "a"});
  EventSubscription all = subscribe(0);
  const EventBatch batch = all.read();
  ASSERT_EQ(batch.events.size(), 5U);
  EXPECT_EQ(batch.events[1].sequence, 2U);
  EXPECT_EQ(batch.events[2].sequence, 10U);
  EXPECT_EQ(batch.missed, 7U);
}

class Collected : public Events {
 protected:
  void publish(const std::string& kind) { events.publish({.kind = kind, .plugin = "", .text = ""}); }
  static std::string kinds(EventSubscription& from, std::size_t max = 100) {
    std::string all;
    for (const Event& event : from.read(max).events) all += event.kind + " ";
    return all;
  }
  EventSubscription collect(EventKinds kinds, std::size_t capacity = 10) {
    return events.collect(std::move(kinds), capacity, [this] { ++wakes; });
  }
};

TEST_F(Collected, AreOnlyThoseAskedForAndOnlyThoseToCome) {
  publish("flag.changed");
  EventSubscription some = collect({"flag.", "a.b"});
  for (const char* kind : {"flag.changed", "flags.changed", "a.b", "a.b.c", "flag."}) publish(kind);
  EXPECT_EQ(kinds(some), "flag.changed a.b flag. ");
  EventSubscription all = collect({});
  publish("x.y");
  EXPECT_EQ(kinds(all), "x.y ");
}

TEST_F(Collected, OldestGoWhenTheQueueIsFullAndOthersKeepTheirs) {
  EventSubscription narrow = collect({}, 2);
  EventSubscription wide = collect({}, 10);
  for (const char* kind : {"a.1", "a.2", "a.3"}) publish(kind);
  const EventBatch batch = narrow.read();
  EXPECT_EQ(batch.missed, 1U);
  EXPECT_EQ(batch.events.size(), 2U);
  EXPECT_EQ(kinds(wide), "a.1 a.2 a.3 ");
}

TEST_F(Collected, WakeOnceForTheNextOfTheirKind) {
  EventSubscription some = collect({"a."});
  EXPECT_EQ(kinds(some), "");
  publish("b.1");
  EXPECT_EQ(wakes, 0);
  publish("a.1");
  publish("a.2");
  EXPECT_EQ(wakes, 1);
}

TEST_F(Collected, AreReadOnWhereTheOneBeforeStopped) {
  EventSubscription before = collect({"a."});
  publish("a.1");
  publish("a.2");
  EXPECT_EQ(kinds(before, 1), "a.1 ");
  EventSubscription after = collect({"a."});
  publish("a.3");
  after.continueFrom(before);
  publish("a.4");
  EXPECT_EQ(kinds(before), "");
  EXPECT_EQ(kinds(after), "a.2 a.3 a.4 ");
}

}  // namespace
}  // namespace revenge::observe
