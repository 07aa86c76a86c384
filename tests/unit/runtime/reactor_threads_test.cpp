#include <atomic>
#include <future>
#include <latch>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "runtime/reactor.hpp"

namespace revenge::runtime {
namespace {

using namespace std::chrono_literals;
using base::PluginMark;

struct ReactorTest : testing::Test {
  void make(unsigned threads, unsigned maxSubstitutes = 0) {
    ReactorOptions options{.threads = threads, .stuckAfter = 1s, .maxSubstitutes = maxSubstitutes};
    options.onStuck = [this](const Stuck& stuck) { reports.push_back(stuck); };
    reactor.emplace(std::move(options), scheduler);
  }
  void run(std::size_t loop, base::Task task) { ASSERT_TRUE(reactor->post(loop, std::move(task))); }
  void sync(std::size_t loop) {
    std::latch done(1);
    run(loop, [&done] { done.count_down(); });
    done.wait();
  }
  // Foreign code on loop 0 that returns when `release` opens; `back` tells what the loop was told afterwards.
  void hang() {
    std::latch inside(1);
    run(0, [this, &inside] {
      Reactor::Excursion excursion(PluginMark{4});
      inside.count_down();
      release.wait();
      back = excursion.end();
      returned.count_down();
    });
    inside.wait();
  }
  void overdue() {
    scheduler.advance(100ms);
    scheduler.advance(1s);
  }

  std::latch release{1};
  std::latch returned{1};
  std::optional<bool> back;
  std::vector<Stuck> reports;
  base::ManualClock clock;
  base::ManualScheduler scheduler{clock};
  std::optional<Reactor> reactor;
};

TEST_F(ReactorTest, RunsATaskOnTheThreadOfItsLoop) {
  make(2);
  std::thread::id first, again, second;
  run(0, [&] { first = std::this_thread::get_id(); });
  run(0, [&] { again = std::this_thread::get_id(); });
  sync(0);
  run(1, [&] {
    second = std::this_thread::get_id();
    EXPECT_TRUE(Reactor::isIoThread());
    EXPECT_TRUE(Reactor::ownsLoop());
    EXPECT_EQ(Reactor::currentLoop(), 1U);
  });
  sync(1);
  EXPECT_EQ(first, again);
  EXPECT_NE(first, second);
  EXPECT_FALSE(Reactor::isIoThread());
  EXPECT_EQ(reactor->next(), 0U);
  EXPECT_EQ(reactor->next(), 1U);
  EXPECT_EQ(reactor->next(), 0U);
}

TEST_F(ReactorTest, TasksPostedWhileTheLoopIsBusyShareOneWakeUp) {
  make(1);
  std::latch inside(1);
  run(0, [&] {
    inside.count_down();
    release.wait();
  });
  inside.wait();
  const auto before = reactor->stats();
  int ran = 0;
  for (int i = 0; i < 100; ++i) run(0, [&ran] { ++ran; });
  EXPECT_EQ(reactor->stats().posted - before.posted, 100U);
  EXPECT_EQ(reactor->stats().wakeups - before.wakeups, 1U);
  release.count_down();
  sync(0);
  EXPECT_EQ(ran, 100);
}

TEST_F(ReactorTest, DeferredFlushRunsOnceAfterEverythingThatWasReady) {
  make(1);
  std::latch inside(1);
  std::latch flushed(1);
  std::string order;
  run(0, [&] {
    inside.count_down();
    release.wait();
  });
  inside.wait();
  for (int i = 0; i < 3; ++i) {
    run(0, [&, i] {
      order += 'h';
      if (i == 0)
        reactor->deferFlush(0, [&] {
          order += 'f';
          flushed.count_down();
        });
    });
  }
  release.count_down();
  flushed.wait();
  sync(0);
  EXPECT_EQ(order, "hhhf");
}

TEST_F(ReactorTest, DeferFlushFromAnotherThreadIsAPost) {
  make(1);
  std::latch ran(1);
  EXPECT_TRUE(reactor->deferFlush(0, [&ran] { ran.count_down(); }));
  ran.wait();
}

TEST_F(ReactorTest, ForeignCodeThatReturnsInTimeKeepsTheLoop) {
  make(1);
  hang();
  scheduler.advance(100ms);
  scheduler.advance(1s - 1ns);
  release.count_down();
  returned.wait();
  EXPECT_EQ(back, true);
  overdue();
  EXPECT_TRUE(reports.empty());
  EXPECT_EQ(reactor->stats().takeovers, 0U);
}

TEST_F(ReactorTest, LoopOfAStuckThreadIsTakenOverWithEverythingThatWaits) {
  make(1);
  std::latch gate(1);
  std::latch inside(1);
  std::latch served(2);
  std::thread::id stuckThread, newThread;
  run(0, [&gate] { gate.wait(); });  // so that what follows is one batch, cut in two by the takeover
  run(0, [&] {
    stuckThread = std::this_thread::get_id();
    reactor->deferFlush(0, [&served] { served.count_down(); });
    Reactor::Excursion excursion(PluginMark{4});
    inside.count_down();
    release.wait();
    back = excursion.end();
    returned.count_down();
  });
  run(0, [&] {
    newThread = std::this_thread::get_id();
    served.count_down();
  });
  gate.count_down();
  inside.wait();
  overdue();
  served.wait();
  sync(0);
  EXPECT_NE(newThread, stuckThread);
  ASSERT_EQ(reports.size(), 1U);
  EXPECT_EQ(reports[0].name, "io-0");
  EXPECT_EQ(reports[0].plugin, PluginMark{4});
  EXPECT_EQ(reports[0].remedy, Remedy::kReplaced);
  EXPECT_GE(reports[0].lasting, 1s);
  EXPECT_EQ(reactor->stats().takeovers, 1U);
  EXPECT_EQ(reactor->stats().substitutes, 1U);

  release.count_down();
  returned.wait();
  EXPECT_EQ(back, false);
  while (reactor->stats().substitutes != 0) std::this_thread::yield();
  sync(0);
}

TEST_F(ReactorTest, SubstituteCanBeTakenOverInItsTurnUpToTheCap) {
  make(1, 1);
  hang();
  overdue();
  sync(0);
  std::latch inside(1);
  std::latch second(1);
  run(0, [&] {
    Reactor::Excursion excursion(PluginMark{5});
    inside.count_down();
    second.wait();
    EXPECT_TRUE(excursion.end());
  });
  inside.wait();
  overdue();
  ASSERT_EQ(reports.size(), 2U);
  EXPECT_EQ(reports[1].remedy, Remedy::kNone);
  second.count_down();
  sync(0);
  release.count_down();
  returned.wait();
}

TEST_F(ReactorTest, ThreadThatLostItsLoopDoesNotOwnItAndItsFlushIsAPost) {
  make(1);
  std::latch inside(1);
  std::latch flushed(1);
  bool owned = true;
  run(0, [&] {
    {
      Reactor::Excursion excursion(PluginMark{4});
      EXPECT_FALSE(Reactor::ownsLoop());
      EXPECT_EQ(base::currentPlugin(), PluginMark{4});
      inside.count_down();
      release.wait();
    }
    owned = Reactor::ownsLoop();
    reactor->deferFlush(0, [&] { flushed.count_down(); });
  });
  inside.wait();
  overdue();
  sync(0);
  release.count_down();
  flushed.wait();
  EXPECT_FALSE(owned);
}

TEST_F(ReactorTest, StoppedReactorRunsNothingMoreAndDestroysWhatWaits) {
  make(1);
  std::latch inside(1);
  auto waiting = std::make_shared<int>(0);
  std::atomic<bool> ran = false;
  run(0, [&] {
    inside.count_down();
    release.wait();
  });
  inside.wait();
  run(0, [&ran, waiting] { ran = true; });
  std::thread stopper([this] { EXPECT_TRUE(reactor->stop(5s).empty()); });
  while (reactor->post(0, [] {})) std::this_thread::yield();
  release.count_down();
  stopper.join();
  EXPECT_FALSE(ran);
  EXPECT_EQ(waiting.use_count(), 1);
  base::Task late = [] {};
  EXPECT_FALSE(reactor->post(0, std::move(late)));
  EXPECT_TRUE(late != nullptr);
}

TEST_F(ReactorTest, StopGivesUpForeignCodeThatDoesNotReturnWhichThenLeavesByItself) {
  make(1);
  const auto hold = std::make_shared<std::latch>(1);
  const auto answer = std::make_shared<std::promise<bool>>();
  std::latch inside(1);
  run(0, [&inside, hold, answer] {
    Reactor::Excursion excursion(PluginMark{4});
    inside.count_down();
    hold->wait();
    answer->set_value(excursion.end());
  });
  inside.wait();
  const auto watchdog = scheduler.pending();
  std::vector<Stuck> left;
  std::thread stopper([&] { left = reactor->stop(5s); });
  while (reactor->post(0, [] {})) std::this_thread::yield();
  scheduler.awaitPending(watchdog);  // its own timer in the place of the watchdog's
  scheduler.advance(5s);
  stopper.join();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].plugin, PluginMark{4});
  reactor.reset();
  hold->count_down();
  EXPECT_FALSE(answer->get_future().get());
}

}  // namespace
}  // namespace revenge::runtime
