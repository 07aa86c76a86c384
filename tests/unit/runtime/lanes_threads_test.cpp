#include <atomic>
#include <latch>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "runtime/lanes.hpp"

namespace revenge::runtime {
namespace {

using namespace std::chrono_literals;
using base::PluginMark;
using base::Submitted;

struct LanesTest : testing::Test {
  void make(LanesOptions options) {
    options.onStuck = [this](const Stuck& stuck) { reports.push_back(stuck); };
    lanes.emplace(std::move(options), scheduler);
  }
  LaneId open(std::string name, std::uint32_t mark = 1) {
    return lanes->openLane({.name = std::move(name), .plugin = PluginMark{mark}, .stuckAfter = 30s}).value();
  }
  // A job that stays on its worker until `release`.
  void block(LaneId lane) {
    std::latch inside(1);
    ASSERT_EQ(lanes->submit(lane,
                            [this, &inside] {
                              inside.count_down();
                              release.wait();
                            }),
              Submitted::kTaken);
    inside.wait();
  }
  // Waits until everything submitted to the lane before has left its worker. Requires: the lane runs one job at once.
  void settle(LaneId lane) {
    std::latch done(1);
    ASSERT_EQ(lanes->submit(lane, [&done] { done.count_down(); }), Submitted::kTaken);
    done.wait();
  }
  void overdue() {
    scheduler.advance(100ms);  // the watchdog sees the job
    scheduler.advance(30s);
  }
  void TearDown() override {
    if (!release.try_wait()) release.count_down();
  }

  std::latch release{1};
  std::vector<Stuck> reports;
  base::ManualClock clock;
  base::ManualScheduler scheduler{clock};
  std::optional<Lanes> lanes;
};

TEST_F(LanesTest, RunsEveryJobOnceUnderThePluginsMarker) {
  make({.workers = 2});
  const LaneId a = open("a", 7);
  std::vector<PluginMark> marks;
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(lanes->submit(a, [&marks] { marks.push_back(base::currentPlugin()); }), Submitted::kTaken);
  }
  settle(a);
  EXPECT_EQ(marks, std::vector(3, PluginMark{7}));
}

TEST_F(LanesTest, PluginThatBlocksItsShareDoesNotDelayAnother) {
  make({.workers = 4});
  const LaneId bad = open("bad");
  const LaneId good = open("good");
  block(bad);
  block(bad);
  const auto third = std::make_shared<std::atomic<bool>>(false);  // the job may outlive this test's frame
  ASSERT_EQ(lanes->submit(bad, [third] { *third = true; }), Submitted::kTaken);
  for (int i = 0; i < 100; ++i) settle(good);
  EXPECT_FALSE(*third);
  EXPECT_EQ(lanes->laneStats(bad)->running, 2U);
  EXPECT_EQ(lanes->laneStats(bad)->queued, 1U);
}

TEST_F(LanesTest, FullShareOfTheQueueIsAnsweredAtOnceAndLeavesTheJobAlone) {
  make({.workers = 2, .queue = 8});
  const LaneId bad = open("bad");
  const LaneId good = open("good");
  block(bad);
  for (int i = 0; i < 4; ++i) ASSERT_EQ(lanes->submit(bad, [] {}), Submitted::kTaken);
  base::Task fifth = [] {};
  EXPECT_EQ(lanes->submit(bad, std::move(fifth)), Submitted::kLimit);
  EXPECT_TRUE(fifth != nullptr);
  EXPECT_EQ(lanes->laneStats(bad)->refused, 1U);
  settle(good);
}

TEST_F(LanesTest, SaysHowLongTheOldestJobWaits) {
  using std::chrono::seconds;
  make({.workers = 2});
  const LaneId lane = open("lane");
  EXPECT_EQ(lanes->queueDelay(lane), seconds(0));
  block(lane);
  ASSERT_EQ(lanes->submit(lane, [] {}), Submitted::kTaken);
  scheduler.advance(seconds(2));
  ASSERT_EQ(lanes->submit(lane, [] {}), Submitted::kTaken);
  scheduler.advance(seconds(1));
  EXPECT_EQ(lanes->queueDelay(lane), seconds(3));
  lanes->closeLane(lane);
  EXPECT_EQ(lanes->queueDelay(lane), seconds(0));
}

TEST_F(LanesTest, LaneWithNothingWaitingIsAdmittedEvenWhenOthersFillTheQueue) {
  make({.workers = 2, .queue = 4});
  const LaneId first = open("first");
  const LaneId second = open("second");
  block(first);
  block(second);
  for (const LaneId lane : {first, first, second, second}) {
    ASSERT_EQ(lanes->submit(lane, [] {}), Submitted::kTaken);
  }
  const LaneId third = open("third");
  EXPECT_EQ(lanes->submit(third, [] {}), Submitted::kTaken);
  EXPECT_EQ(lanes->submit(third, [] {}), Submitted::kLimit);
}

TEST_F(LanesTest, OwnersTakeTurns) {
  make({.workers = 1});
  const LaneId gate = open("gate");
  const LaneId a = open("a");
  const LaneId b = open("b");
  block(gate);
  std::string order;
  for (int i = 0; i < 3; ++i) ASSERT_EQ(lanes->submit(a, [&order] { order += 'a'; }), Submitted::kTaken);
  for (int i = 0; i < 3; ++i) ASSERT_EQ(lanes->submit(b, [&order] { order += 'b'; }), Submitted::kTaken);
  release.count_down();
  settle(a);
  settle(b);
  EXPECT_EQ(order, "ababab");
}

TEST_F(LanesTest, BatchWakesOnce) {
  make({.workers = 2});
  const LaneId a = open("a");
  settle(a);
  while (lanes->stats().lanes[0].running != 0) std::this_thread::yield();
  const auto before = lanes->stats().wakeups;
  std::atomic<int> ran = 0;
  {
    Lanes::Batch batch(*lanes);
    for (int i = 0; i < 100; ++i) ASSERT_EQ(batch.add(a, [&ran] { ++ran; }), Submitted::kTaken);
    EXPECT_EQ(ran, 0);
    EXPECT_EQ(lanes->laneStats(a)->queued, 100U);
  }
  EXPECT_LE(lanes->stats().wakeups - before, 1U);
  settle(a);
  EXPECT_EQ(ran, 100);
}

TEST_F(LanesTest, StuckWorkerIsReportedAtItsDeadlineAndReplacedUpToTheCap) {
  make({.workers = 2, .maxSubstitutes = 1});
  const LaneId bad = open("bad", 5);
  const LaneId good = open("good");
  block(bad);
  scheduler.advance(100ms);
  scheduler.advance(30s - 1ns);
  EXPECT_TRUE(reports.empty());
  scheduler.advance(100ms);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].name, "bad");
  EXPECT_EQ(reports[0].plugin, PluginMark{5});
  EXPECT_EQ(reports[0].remedy, Remedy::kReplaced);
  EXPECT_EQ(lanes->stats().workers, 2U);

  block(bad);  // the replaced worker no longer counts against the share
  overdue();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[1].remedy, Remedy::kNone);
  EXPECT_EQ(lanes->laneStats(bad)->stuck, 2U);
  EXPECT_EQ(lanes->submit(bad, [] {}), Submitted::kLimit);  // nobody would ever run it
  settle(good);
}

TEST_F(LanesTest, StuckJobsThatReturnLeaveNothingBehind) {
  make({.workers = 2, .maxSubstitutes = 1});
  const LaneId bad = open("bad");
  block(bad);
  overdue();
  block(bad);
  overdue();
  release.count_down();
  while (lanes->laneStats(bad)->stuck != 0 || lanes->stats().substitutes != 0) std::this_thread::yield();
  settle(bad);
  EXPECT_EQ(lanes->stats().workers, 2U);
  EXPECT_TRUE(lanes->stop(5s).empty());
}

TEST_F(LanesTest, ClosedLaneAnswersGoneDestroysWaitingJobsAndKeepsCountingRunningOnes) {
  make({.workers = 2});
  const LaneId bad = open("bad");
  block(bad);
  auto waiting = std::make_shared<int>(0);
  ASSERT_EQ(lanes->submit(bad, [waiting] {}), Submitted::kTaken);
  const auto place = lanes->executor(bad);
  Lanes::Batch batch(*lanes);
  ASSERT_EQ(batch.add(bad, [waiting] {}), Submitted::kTaken);
  lanes->closeLane(bad);
  batch.flush();
  EXPECT_EQ(waiting.use_count(), 1);
  EXPECT_EQ(lanes->submit(bad, [] {}), Submitted::kGone);
  EXPECT_EQ(place->submit([] {}), Submitted::kGone);
  EXPECT_EQ(lanes->laneStats(bad)->running, 1U);
  const LaneId next = open("next");
  EXPECT_NE(next, bad);
  release.count_down();
  while (lanes->laneStats(bad)) std::this_thread::yield();
  EXPECT_NE(open("again"), bad);  // the record again, under a new generation
}

TEST_F(LanesTest, StopDestroysWaitingJobsAndNamesWhatDoesNotReturn) {
  make({.workers = 2});
  const LaneId bad = open("bad", 3);
  // Outlives the fixture if need be: the thread is given up.
  const auto hold = std::make_shared<std::latch>(1);
  const auto left = std::make_shared<std::latch>(1);
  std::latch inside(1);
  ASSERT_EQ(lanes->submit(bad,
                          [&inside, hold, left] {
                            inside.count_down();
                            hold->wait();
                            left->count_down();
                          }),
            Submitted::kTaken);
  inside.wait();
  std::atomic<bool> ran = false;
  ASSERT_EQ(lanes->submit(bad, [&ran] { ran = true; }), Submitted::kTaken);

  std::vector<Stuck> stuck;
  const auto watchdog = scheduler.pending();
  std::thread stopper([&] { stuck = lanes->stop(5s); });
  while (lanes->submit(bad, [] {}) != Submitted::kGone) std::this_thread::yield();
  scheduler.awaitPending(watchdog);  // its own timer in the place of the watchdog's
  scheduler.advance(5s);
  stopper.join();
  ASSERT_EQ(stuck.size(), 1U);
  EXPECT_EQ(stuck[0].name, "bad");
  lanes.reset();
  hold->count_down();
  left->wait();
  EXPECT_FALSE(ran);
}

TEST_F(LanesTest, ManySubmittersLoseNothing) {
  make({.workers = 3, .queue = 1 << 20});
  const LaneId ids[] = {open("a"), open("b"), open("c")};
  std::atomic<int> ran = 0;
  std::vector<std::thread> submitters;
  for (const LaneId id : ids) {
    submitters.emplace_back([&, id] {
      for (int round = 0; round < 100; ++round) {
        Lanes::Batch batch(*lanes);
        for (int i = 0; i < 10; ++i) EXPECT_EQ(batch.add(id, [&ran] { ++ran; }), Submitted::kTaken);
        EXPECT_EQ(lanes->submit(id, [&ran] { ++ran; }), Submitted::kTaken);
      }
    });
  }
  for (auto& each : submitters) each.join();
  for (const LaneId id : ids) settle(id);
  while (ran != 3300) std::this_thread::yield();
  EXPECT_TRUE(lanes->stop(5s).empty());
  EXPECT_EQ(ran, 3300);
}

TEST_F(LanesTest, TellsHowLongAJobWaitedForItsWorker) {
  std::latch told(1);
  std::atomic<base::Duration::rep> longest{0};
  std::atomic<std::uint32_t> whose{0};
  LanesOptions options{.workers = 1};
  options.onWaited = [&](PluginMark plugin, base::Duration wait) {
    if (wait.count() < longest) return;
    longest = wait.count();
    whose = static_cast<std::uint32_t>(plugin);
  };
  make(std::move(options));
  const LaneId lane = open("a", 7);
  block(lane);
  ASSERT_EQ(lanes->submit(lane, [&told] { told.count_down(); }), Submitted::kTaken);
  clock.advance(3s);
  release.count_down();
  told.wait();
  EXPECT_EQ(base::Duration(longest), 3s);
  EXPECT_EQ(whose, 7U);
}

TEST_F(LanesTest, OneThatIsRestrainedHasOneWorkerAndAShortQueueUntilItIsNot) {
  make({.workers = 4, .queue = 100});
  const LaneId lane = open("a");
  lanes->restrain(lane, Lanes::Hold::kOne);
  EXPECT_TRUE(lanes->isRestrained(lane));
  block(lane);
  int taken = 1;
  ASSERT_EQ(lanes->submit(lane, [] {}), Submitted::kTaken);
  settle(open("b", 2));  // whoever may run stood before it in the line
  EXPECT_EQ(lanes->laneStats(lane)->queued, 1U);
  while (lanes->submit(lane, [] {}) == Submitted::kTaken) ++taken;
  EXPECT_EQ(taken, 8);
  EXPECT_EQ(lanes->laneStats(lane)->running, 1U);

  lanes->restrain(lane, Lanes::Hold::kShare);
  EXPECT_FALSE(lanes->isRestrained(lane));
  settle(lane);  // on the second worker of its share, while the first is blocked
  EXPECT_EQ(lanes->submit(lane, [] {}), Submitted::kTaken);
}

TEST_F(LanesTest, HowLongIsStuckCanBeChanged) {
  make({.workers = 2});
  const LaneId lane = lanes->openLane({.name = "a", .plugin = PluginMark{1}}).value();
  lanes->stuckAfter(2s);
  block(lane);
  scheduler.advance(100ms);
  scheduler.advance(1900ms);
  EXPECT_TRUE(reports.empty());
  scheduler.advance(200ms);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_GT(reports[0].thread, 0);
}

}  // namespace
}  // namespace revenge::runtime
