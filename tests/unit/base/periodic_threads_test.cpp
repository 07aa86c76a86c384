#include <atomic>
#include <latch>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "base/periodic.hpp"

namespace revenge::base {
namespace {

using namespace std::chrono_literals;

TEST(PeriodicThreads, DestructorWaitsForACallThatIsRunning) {
  ManualClock clock;
  ManualScheduler scheduler(clock);
  std::latch inside(1);
  std::latch leave(1);
  std::atomic<bool> finished = false;
  std::optional<Periodic> periodic(std::in_place, scheduler, 1s, [&] {
    inside.count_down();
    leave.wait();
    finished = true;
  });
  std::thread time([&] { scheduler.advance(1s); });
  inside.wait();
  std::thread opener([&] { leave.count_down(); });
  periodic.reset();
  EXPECT_TRUE(finished);
  opener.join();
  time.join();
}

}  // namespace
}  // namespace revenge::base
