#include <atomic>
#include <latch>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "runtime/lanes.hpp"
#include "runtime/reactor.hpp"
#include "runtime/timers.hpp"

namespace revenge::runtime {
namespace {

using namespace std::chrono_literals;
using base::TimerId;

struct TimersTest : testing::Test {
  base::SystemClock clock;
  std::optional<Timers> timers{std::in_place, clock};
};

TEST_F(TimersTest, RunsNotBeforeItsTime) {
  const base::Instant due = clock.now() + 5ms;
  base::Instant ran;
  std::latch done(1);
  timers->at(due, [&] {
    ran = clock.now();
    done.count_down();
  });
  done.wait();
  EXPECT_GE(ran, due);
}

TEST_F(TimersTest, TimerThatIsDueEarlierOvertakesTheOneSleptFor) {
  timers->after(1h, [] {});
  std::latch done(1);
  timers->after(0ns, [&done] { done.count_down(); });
  done.wait();
}

TEST_F(TimersTest, RunsWhereTheSubscriberSays) {
  Reactor reactor({.threads = 1}, *timers);
  Lanes lanes({.workers = 2}, *timers);
  const LaneId lane = lanes.openLane({.name = "a", .plugin = base::PluginMark{3}}).value();
  std::latch done(2);
  bool onLoop = false;
  base::PluginMark onLane{};
  timers->after(
      0ns,
      [&] {
        onLoop = Reactor::ownsLoop();
        done.count_down();
      },
      reactor.executor(0));
  timers->after(
      0ns,
      [&] {
        onLane = base::currentPlugin();
        done.count_down();
      },
      lanes.executor(lane));
  done.wait();
  EXPECT_TRUE(onLoop);
  EXPECT_EQ(onLane, base::PluginMark{3});
}

TEST_F(TimersTest, EachTimerEitherRunsOrIsCancelledNeverBoth) {
  constexpr int kTimers = 10'000;
  std::vector<std::atomic<int>> ran(kTimers);
  std::vector<TimerId> ids;
  for (int i = 0; i < kTimers; ++i) {
    ids.push_back(
        timers->after(std::chrono::microseconds(i % 500), [&ran, i] { ++ran[static_cast<std::size_t>(i)]; }));
  }
  std::vector<char> cancelled;
  for (const TimerId id : ids) cancelled.push_back(timers->cancel(id) ? 1 : 0);
  std::latch done(1);
  timers->after(1ms, [&done] { done.count_down(); });
  done.wait();
  for (std::size_t i = 0; i < ran.size(); ++i) ASSERT_EQ(ran[i] + cancelled[i], 1) << i;
}

TEST_F(TimersTest, DestroyedTimersRunNothingMore) {
  auto waiting = std::make_shared<int>(0);
  timers->after(1h, [waiting] {});
  timers.reset();
  EXPECT_EQ(waiting.use_count(), 1);
}

}  // namespace
}  // namespace revenge::runtime
