#include <atomic>
#include <cstdint>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wiring/held_permits.hpp"
#include "wiring/queues.hpp"

namespace revenge::http_limits {
namespace {

constexpr std::uint64_t kThreads = 4;
constexpr std::uint64_t kEach = 20'000;

TEST(HeldPermitsThreads, EachComesBackOnceWhoeverIsFirst) {
  HeldPermits held;
  std::atomic<std::uint64_t> back = 0;
  std::atomic<std::uint64_t> refused = 0;
  std::vector<std::uint64_t> at_the_end;
  {
    std::vector<std::jthread> threads;
    for (std::uint64_t thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (std::uint64_t i = 1; i <= kEach; ++i) {
          const std::uint64_t token = i * kThreads + thread;
          if (!held.add(token)) ++refused;
          if (i % 3 == 0 && held.take(token)) ++back;
        }
      });
    }
    while (held.count() < kEach / 2 && refused == 0) std::this_thread::yield();
    at_the_end = held.close();
  }
  EXPECT_EQ(std::set(at_the_end.begin(), at_the_end.end()).size(), at_the_end.size());
  EXPECT_EQ(back + refused + at_the_end.size(), kThreads * kEach);
  EXPECT_EQ(held.count(), 0u);
}

TEST(QueuesThreads, AllMeetTheSameQueues) {
  Queues queues(CodelOptions{});
  const Instant now{std::chrono::hours(1)};
  std::vector<std::vector<Codel*>> seen(kThreads);
  {
    std::vector<std::jthread> threads;
    for (auto& own : seen)
      threads.emplace_back([&] {
        for (std::uint64_t queue = 1; queue <= 100; ++queue) own.push_back(&queues.of(queue, now));
      });
  }
  for (const auto& own : seen)
    for (std::size_t i = 0; i < 50; ++i) EXPECT_EQ(own[i], &queues.of(i + 1, now));
}

}  // namespace
}  // namespace revenge::http_limits
