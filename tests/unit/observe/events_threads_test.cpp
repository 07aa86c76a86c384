#include <atomic>
#include <optional>
#include <semaphore>
#include <thread>

#include <gtest/gtest.h>

#include "observe/events.hpp"

namespace revenge::observe {
namespace {

TEST(EventsThreads, AWaitingSubscriberSeesEveryEventInOrder) {
  constexpr std::uint64_t kThreads = 3;
  constexpr std::uint64_t kEvents = 500;
  const base::SystemClock clock;
  EventStream events(clock, kThreads * kEvents);
  std::counting_semaphore<> woken{0};
  EventSubscription subscription = events.subscribe(1, [&] { woken.release(); });
  std::vector<std::jthread> publishers;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    publishers.emplace_back([&] {
      for (std::uint64_t i = 0; i < kEvents; ++i) events.publish({.kind = "k", .plugin = "", .text = ""});
    });
  }
  std::uint64_t seen = 0;
  while (seen < kThreads * kEvents) {
    const EventBatch batch = subscription.read(7);
    for (const Event& event : batch.events) EXPECT_EQ(event.sequence, ++seen);
    if (batch.events.empty()) woken.acquire();
  }
  EXPECT_EQ(events.lastSequence(), seen);
}

TEST(EventsThreads, NoWakeRunsOnceTheSubscriptionIsGone) {
  const base::SystemClock clock;
  EventStream events(clock);
  std::atomic<bool> stop{false};
  std::vector<std::jthread> publishers;
  for (int t = 0; t < 2; ++t) {
    publishers.emplace_back([&] {
      while (!stop) events.publish({.kind = "k", .plugin = "", .text = ""});
    });
  }
  for (int i = 0; i < 500; ++i) {
    auto alive = std::make_unique<std::atomic<bool>>(true);
    {
      EventSubscription subscription =
          events.subscribe(events.lastSequence() + 1, [flag = alive.get()] { EXPECT_TRUE(flag->load()); });
      subscription.read();
    }
    alive->store(false);
    alive.reset();  // a late wake would touch freed memory
  }
  stop = true;
}

}  // namespace
}  // namespace revenge::observe
