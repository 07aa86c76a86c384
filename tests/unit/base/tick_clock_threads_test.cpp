#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/tick_clock.hpp"

namespace revenge::base {
namespace {

using namespace std::chrono_literals;

TEST(TickClockThreads, ManyThreadsAskAndNoneSeesHalfAnAnswer) {
  const TickClock clock;
  const SystemClock system;
  const Instant end = system.now() + 100ms;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (system.now() < end) {
        const Instant before = system.now();
        const Instant asked = clock.moment().now;
        ASSERT_GE(asked, before - 100us);
        ASSERT_LE(asked, system.now() + 100us);
      }
    });
  }
}

}  // namespace
}  // namespace revenge::base
