#include <barrier>
#include <future>
#include <latch>
#include <mutex>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "runtime/shutdown.hpp"

namespace revenge::runtime {
namespace {

using namespace std::chrono_literals;
using How = HookOutcome::How;

struct ShutdownTest : testing::Test {
  HookId add(std::string name, int priority, Shutdown::Hook hook, base::Duration deadline = 10s) {
    HookOptions options{.name = std::move(name), .priority = priority, .deadline = deadline};
    return shutdown.add(std::move(options), std::move(hook)).value();
  }
  Shutdown::Hook note(char what) {
    return [this, what](const std::stop_token&) {
      const std::lock_guard lock(mutex);
      order += what;
    };
  }
  // Stays until it is told to leave by its token.
  Shutdown::Hook hang() {
    return [this](const std::stop_token& stop) {
      std::latch asked(1);
      const std::stop_callback tell(stop, [&asked] { asked.count_down(); });
      inside.count_down();
      asked.wait();
      left.set_value();
    };
  }
  auto runAside(base::Duration overall = 30s) {
    return std::async(std::launch::async, [this, overall] { return shutdown.run(overall); });
  }

  base::ManualClock clock;
  base::ManualScheduler scheduler{clock};
  Shutdown shutdown{scheduler};
  std::latch inside{1};
  std::promise<void> left;
  std::mutex mutex;
  std::string order;
};

TEST_F(ShutdownTest, RunsHooksByPriorityLowestFirst) {
  add("database", shutdown_priority::kDatabase, note('d'));
  add("accept", shutdown_priority::kAccept, note('a'));
  add("caches", shutdown_priority::kCaches, note('c'));
  add("sessions", shutdown_priority::kSessions, note('s'));
  const auto outcomes = shutdown.run();
  EXPECT_EQ(order, "ascd");
  ASSERT_EQ(outcomes.size(), 4U);
  EXPECT_EQ(outcomes[0].name, "accept");
  for (const auto& each : outcomes) EXPECT_EQ(each.how, How::kStopped);
}

TEST_F(ShutdownTest, RunsHooksOfOnePriorityInParallel) {
  std::barrier meet(2);  // each waits for the other
  add("a", 10, [&](const std::stop_token&) { meet.arrive_and_wait(); });
  add("b", 10, [&](const std::stop_token&) { meet.arrive_and_wait(); });
  EXPECT_EQ(shutdown.run().size(), 2U);
}

TEST_F(ShutdownTest, HookPastItsDeadlineIsGivenUpNamedAndTheRestStops) {
  add("deaf", 10, hang(), 2s);
  add("database", 30, note('d'));
  auto outcomes = runAside();
  scheduler.awaitPending(1);
  scheduler.advance(2s);
  const auto report = outcomes.get();
  ASSERT_EQ(report.size(), 2U);
  EXPECT_EQ(report[0].name, "deaf");
  EXPECT_EQ(report[0].how, How::kTimedOut);
  EXPECT_EQ(report[0].took, 2s);
  EXPECT_EQ(report[1].how, How::kStopped);
  EXPECT_EQ(order, "d");
  left.get_future().wait();
}

TEST_F(ShutdownTest, DeadlineOfTheWholeStopCutsLongerOnesAndBeginsNothingMore) {
  add("deaf", 10, hang(), 1min);
  add("database", 30, note('d'));
  auto outcomes = runAside(30s);
  scheduler.awaitPending(1);
  scheduler.advance(30s);
  const auto report = outcomes.get();
  ASSERT_EQ(report.size(), 2U);
  EXPECT_EQ(report[0].took, 30s);
  EXPECT_EQ(report[1].how, How::kTimedOut);
  EXPECT_EQ(order, "");
  left.get_future().wait();
}

TEST_F(ShutdownTest, ForceGivesUpAtOnceAndBeginsNothingMore) {
  add("deaf", 10, hang());
  add("database", 30, note('d'));
  auto outcomes = runAside();
  inside.wait();
  shutdown.force();
  const auto report = outcomes.get();
  ASSERT_EQ(report.size(), 2U);
  EXPECT_EQ(report[0].how, How::kForced);
  EXPECT_EQ(report[1].how, How::kForced);
  EXPECT_EQ(order, "");
  left.get_future().wait();
}

TEST_F(ShutdownTest, RemovedHookDoesNotRunAndNoneIsTakenOnceTheStopHasBegun) {
  const HookId id = add("a", 0, note('a'));
  EXPECT_TRUE(shutdown.remove(id));
  EXPECT_FALSE(shutdown.remove(id));
  EXPECT_TRUE(shutdown.run().empty());
  EXPECT_EQ(order, "");
  const auto late = shutdown.add({.name = "late"}, note('l'));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, base::Errc::kGone);
}

}  // namespace
}  // namespace revenge::runtime
