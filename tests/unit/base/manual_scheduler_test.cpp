#include "base/manual_scheduler.hpp"

#include <deque>
#include <vector>

#include <gtest/gtest.h>

namespace revenge::base {
namespace {

using namespace std::chrono_literals;

class Place final : public Executor {
 public:
  Submitted submit(Task&& task) override {
    if (answer == Submitted::kTaken) tasks.push_back(std::move(task));
    return answer;
  }
  void runAll() {
    for (; !tasks.empty(); tasks.pop_front()) tasks.front()();
  }
  Submitted answer = Submitted::kTaken;
  std::deque<Task> tasks;
};

struct ManualSchedulerTest : testing::Test {
  Task note(int what) {
    return [this, what] { ran.push_back(what); };
  }
  ManualClock clock;
  ManualScheduler scheduler{clock};
  std::shared_ptr<Place> place = std::make_shared<Place>();
  std::vector<int> ran;
};

TEST_F(ManualSchedulerTest, RunsWhenDueAndNotBefore) {
  scheduler.after(10s, note(1));
  scheduler.advance(10s - 1ns);
  EXPECT_TRUE(ran.empty());
  scheduler.advance(1ns);
  EXPECT_EQ(ran, std::vector{1});
  scheduler.advance(1h);
  EXPECT_EQ(ran, std::vector{1});
}

TEST_F(ManualSchedulerTest, RunsInTheOrderOfDueTimesThenOfSetting) {
  scheduler.after(2s, note(2));
  scheduler.after(1s, note(1));
  scheduler.after(2s, note(3));
  scheduler.advance(1min);
  EXPECT_EQ(ran, (std::vector{1, 2, 3}));
}

TEST_F(ManualSchedulerTest, RunsWhatTasksAddWithinTheSameAdvanceAtItsOwnTime) {
  Instant second;
  scheduler.after(1s, [&] { scheduler.after(1s, [&] { second = clock.now(); }); });
  const Instant start = clock.now();
  scheduler.advance(1min);
  EXPECT_EQ(second - start, 2s);
  EXPECT_EQ(clock.now() - start, 1min);
}

TEST_F(ManualSchedulerTest, CancelledTaskDoesNotRunEvenIfItAlreadyWaitsInItsExecutor) {
  const TimerId waiting = scheduler.after(1s, note(1), place);
  const TimerId other = scheduler.after(1s, note(2), place);
  scheduler.advance(1s);
  EXPECT_TRUE(scheduler.cancel(waiting));
  EXPECT_FALSE(scheduler.cancel(waiting));
  place->runAll();
  EXPECT_EQ(ran, std::vector{2});
  EXPECT_FALSE(scheduler.cancel(other));
}

TEST_F(ManualSchedulerTest, AsksAFullExecutorAgainAndDropsWhatIsForOneThatIsGone) {
  scheduler.after(1s, note(1), place);
  place->answer = Submitted::kLimit;
  scheduler.advance(1s);
  EXPECT_EQ(scheduler.pending(), 1U);
  place->answer = Submitted::kTaken;
  scheduler.advance(10ms);
  place->runAll();
  EXPECT_EQ(ran, std::vector{1});

  scheduler.after(1s, note(2), place);
  place->answer = Submitted::kGone;
  scheduler.advance(1s);
  EXPECT_EQ(scheduler.pending(), 0U);
}

TEST_F(ManualSchedulerTest, TaskThatOutlivesItsSchedulerDoesNotRun) {
  auto shortLived = std::make_unique<ManualScheduler>(clock);
  shortLived->after(0s, note(1), place);
  shortLived->advance(0s);
  shortLived.reset();
  place->runAll();
  EXPECT_TRUE(ran.empty());
}

}  // namespace
}  // namespace revenge::base
