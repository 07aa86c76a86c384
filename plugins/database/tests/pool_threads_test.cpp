#include <algorithm>
#include <atomic>
#include <deque>
#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "manual_time.hpp"
#include "pool.hpp"

namespace database {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

// What the fake server knows.
struct Server {
  std::atomic<int> open = 0;
  std::atomic<int> most = 0;
  std::atomic<int> pings = 0;
  std::atomic<bool> answers = true;
};

class FakeConnection final : public Connection {
 public:
  FakeConnection(Server& server, int number) : number(number), server_(server) {
    const int open = ++server_.open;
    int most = server_.most;
    while (open > most && !server_.most.compare_exchange_weak(most, open)) {
    }
  }
  FakeConnection(const FakeConnection&) = delete;
  FakeConnection& operator=(const FakeConnection&) = delete;
  ~FakeConnection() override { --server_.open; }

  Status execute(const Statement&, const Limit&, BlockWriter&) override { return {}; }
  Result<std::unique_ptr<Cursor>> open(const Statement&, const Limit&) override {
    return fail(Errc::kFailed, "none");
  }
  Result<bool> writes(std::string_view, const Limit&) override { return false; }
  Status begin(Isolation, Access, const Limit&) override {
    inside = true;
    return {};
  }
  Status commit(const Limit&) override { return rollback(Limit(Instant::max())); }
  Status rollback(const Limit&) override {
    inside = false;
    return {};
  }
  Status savepoint(std::string_view, std::string_view, const Limit&) override { return {}; }
  Status script(std::string_view, const Limit&) override { return {}; }
  Status ping(const Limit&) override {
    ++server_.pings;
    return server_.answers ? Status() : fail(Errc::kUnavailable, "gone");
  }
  bool isInTransaction() const override { return inside; }
  bool isBroken() const override { return broken; }
  std::optional<bool> takeNewsOfWrites() override { return std::nullopt; }

  const int number;
  bool inside = false;
  bool broken = false;

 private:
  Server& server_;
};

class PoolTest : public testing::Test {
 protected:
  ~PoolTest() override {
    if (!pool_) return;
    pool_->close();
    EXPECT_EQ(server_.open, 0);
  }

  Pool& pool() {
    if (!pool_) {
      pool_.emplace(
          options_,
          PoolParts{.time = time_,
                    .connect = [this](const Limit&) { return connect(); },
                    .elsewhere = [this](std::function<void()> work) { return later(std::move(work)); },
                    .leaked = [this](std::string_view who, Duration) { leaks_.emplace_back(who); },
                    .seed = 7});
    }
    return *pool_;
  }
  Result<std::unique_ptr<Connection>> connect() {
    ++connects_;
    if (refuses_) return fail(Errc::kUnavailable, "connection refused");
    return std::make_unique<FakeConnection>(server_, connects_);
  }
  bool later(std::function<void()> work) {
    if (!held_) {
      work();
      return true;
    }
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(work));
    return true;
  }
  void connectHeld() {
    std::function<void()> work;
    {
      const std::lock_guard lock(mutex_);
      work = std::move(waiting_.front());
      waiting_.pop_front();
    }
    work();
  }
  Limit within(Duration time = seconds(5)) const { return Limit(time_.now() + time); }
  Result<Pool::Lent> acquire(std::string_view who = "a test") { return pool().acquire(within(), who); }
  static FakeConnection& of(const Pool::Lent& lent) { return static_cast<FakeConnection&>(*lent); }
  // Somebody who waits for a connection, and has begun to.
  std::future<Result<Pool::Lent>> waiter(std::string_view who = "a waiter") {
    const std::size_t before = pool().stats().waiting;
    auto waits = std::async(std::launch::async, [this, who] { return acquire(who); });
    while (pool().stats().waiting == before) std::this_thread::yield();
    return waits;
  }

  ManualTime time_;
  PoolOptions options_{.name = "connections", .max = 1, .min = 0};
  Server server_;
  std::atomic<int> connects_ = 0;
  std::atomic<bool> refuses_ = false;
  bool held_ = false;
  std::mutex mutex_;
  std::deque<std::function<void()>> waiting_;
  std::vector<std::string> leaks_;
  std::optional<Pool> pool_;
};

TEST_F(PoolTest, D1_SaysHowManyAreBusyAndWhoHoldsOneLongest) {
  const auto held = acquire("library: scan");
  auto late = waiter();
  time_.advance(milliseconds(4999));
  EXPECT_EQ(late.wait_for(milliseconds(20)), std::future_status::timeout);
  time_.advance(milliseconds(1));
  const auto refused = late.get();
  EXPECT_EQ(refused.error().code, Errc::kLimit);
  EXPECT_EQ(refused.error().message,
            "pool_timeout: no connection became free in time, 1 of 1 connections are busy; held longest by "
            "library: scan for 5.0 s");
  EXPECT_EQ(pool().stats().timed_out, 1U);
}

TEST_F(PoolTest, D2_WaitersAreServedInTheirOrder) {
  auto held = acquire();
  std::vector<std::future<Result<Pool::Lent>>> waiting;
  for (int i = 0; i < 5; ++i) waiting.push_back(waiter());
  held = Result<Pool::Lent>(Pool::Lent());
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    const auto lent = waiting[i].get();
    ASSERT_TRUE(lent);
    for (std::size_t other = i + 1; other < waiting.size(); ++other)
      EXPECT_EQ(waiting[other].wait_for(milliseconds(0)), std::future_status::timeout);
  }
  EXPECT_EQ(connects_, 1);
}

TEST_F(PoolTest, D2_AWaiterWhoLeavesCostsTheOthersNothing) {
  class GivenUp final : public Limit {
   public:
    GivenUp(Instant deadline, const std::atomic<bool>& gone) : Limit(deadline), gone_(gone) {}
    bool isGivenUp() const override { return gone_; }

   private:
    const std::atomic<bool>& gone_;
  };
  auto held = acquire();
  std::atomic<bool> gone = false;
  auto leaver = std::async(std::launch::async,
                           [&] { return pool().acquire(GivenUp(time_.now() + hours(1), gone), "a leaver"); });
  while (pool().stats().waiting == 0) std::this_thread::yield();
  auto next = waiter();
  gone = true;
  time_.advance(milliseconds(50));
  EXPECT_EQ(leaver.get().error().code, Errc::kCancelled);
  held = Result<Pool::Lent>(Pool::Lent());
  EXPECT_TRUE(next.get());
}

TEST_F(PoolTest, D5_ConnectionsOpenedTogetherDoNotEndTogether) {
  options_.max = 20;
  options_.idle = hours(24);
  {
    std::vector<Result<Pool::Lent>> all;
    for (int i = 0; i < 20; ++i) all.push_back(acquire());
  }
  time_.advance(minutes(54) - seconds(1));
  std::vector<std::uint64_t> ended;
  for (int step = 0; step < 13; ++step) {
    const std::uint64_t before = pool().stats().closed_lifetime;
    time_.advance(seconds(30));
    pool().tend();
    ended.push_back(pool().stats().closed_lifetime - before);
  }
  EXPECT_LE(*std::ranges::max_element(ended), 3U);
  EXPECT_EQ(pool().stats().closed_lifetime, 20U);
}

TEST_F(PoolTest, D6_WhatExpiredWhileIdleIsNotGivenAway) {
  EXPECT_EQ(of(*acquire()).number, 1);
  time_.advance(hours(1));
  EXPECT_EQ(of(*acquire()).number, 2);
  EXPECT_EQ(pool().stats().closed_lifetime, 1U);
}

TEST_F(PoolTest, D7_WhatTheServerClosedIsReplacedBeforeItIsGivenAway) {
  EXPECT_EQ(of(*acquire()).number, 1);
  time_.advance(seconds(2));
  server_.answers = false;
  EXPECT_EQ(of(*acquire()).number, 2);
  EXPECT_EQ(server_.pings, 1);
}

TEST_F(PoolTest, AskedOnlyWhenItWasIdleForMoreThanASecond) {
  static_cast<void>(acquire());
  time_.advance(seconds(1));
  static_cast<void>(acquire());
  EXPECT_EQ(server_.pings, 0);
  pool().suspectIdle();
  time_.advance(milliseconds(1));
  pool().suspectIdle();
  static_cast<void>(acquire());
  EXPECT_EQ(server_.pings, 1);
}

TEST_F(PoolTest, ABrokenOneIsClosedAndTheNextOneOpened) {
  {
    const auto lent = acquire();
    of(*lent).broken = true;
  }
  EXPECT_EQ(server_.open, 0);
  EXPECT_EQ(of(*acquire()).number, 2);
  EXPECT_EQ(pool().stats().closed_broken, 1U);
}

TEST_F(PoolTest, WhatIsGivenBackInsideATransactionIsRolledBack) {
  static_cast<void>(of(*acquire()).begin(Isolation::kSerializable, Access::kWrite, within()));
  const auto again = acquire();
  EXPECT_EQ(of(*again).number, 1);
  EXPECT_FALSE(of(*again).inside);
}

TEST_F(PoolTest, TheFreshestIsGivenFirstAndTheStalestClosedAboveTheMinimum) {
  options_.max = 3;
  options_.min = 1;
  {
    auto one = acquire();
    auto two = acquire();
    auto three = acquire();
    one = Result<Pool::Lent>(Pool::Lent());
    two = Result<Pool::Lent>(Pool::Lent());
  }
  EXPECT_EQ(of(*acquire()).number, 3);
  time_.advance(minutes(30));
  pool().tend();
  EXPECT_EQ(server_.open, 1);
  EXPECT_EQ(pool().stats().closed_idle, 2U);
  EXPECT_EQ(of(*acquire()).number, 3);
}

TEST_F(PoolTest, D14_WhileTheServerIsAwayAllAreToldAtOnceAndFewConnect) {
  refuses_ = true;
  EXPECT_EQ(acquire().error().message, "connection refused");
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(acquire().error().code, Errc::kUnavailable);
  EXPECT_EQ(connects_, 1);
  for (int i = 0; i < 60; ++i) {
    time_.advance(seconds(1));
    pool().tend();
    EXPECT_FALSE(acquire());
  }
  EXPECT_LE(connects_, 20);
  refuses_ = false;
  int waited = 0;
  for (; waited < 7 && !acquire(); ++waited) time_.advance(seconds(1));
  EXPECT_LE(waited, 6);
  EXPECT_TRUE(acquire());
  EXPECT_EQ(pool().trouble(), "");
}

TEST_F(PoolTest, AConnectionBegunForWhoLeftServesTheNext) {
  held_ = true;
  auto first = waiter();
  time_.advance(seconds(5));
  EXPECT_EQ(first.get().error().code, Errc::kLimit);
  auto second = waiter();
  connectHeld();
  EXPECT_EQ(of(*second.get()).number, 1);
  EXPECT_EQ(connects_, 1);
}

TEST_F(PoolTest, AReleaseServesAWaiterBeforeItsConnectionIsThere) {
  options_.max = 2;
  auto one = acquire();
  held_ = true;
  auto waits = waiter();
  one = Result<Pool::Lent>(Pool::Lent());
  EXPECT_EQ(of(*waits.get()).number, 1);
  connectHeld();
  EXPECT_EQ(pool().stats().idle, 2U);
}

TEST_F(PoolTest, TellsOfWhoHoldsOneForLongOnce) {
  const auto held = acquire("library: scan");
  time_.advance(seconds(29));
  pool().tend();
  EXPECT_TRUE(leaks_.empty());
  time_.advance(seconds(1));
  pool().tend();
  pool().tend();
  EXPECT_EQ(leaks_, std::vector<std::string>{"library: scan"});
}

TEST_F(PoolTest, D19_ClosingEndsTheIdleAtOnceAndTheHeldWhenTheyComeBack) {
  options_.max = 3;
  auto held = acquire();
  static_cast<void>(acquire());
  pool().close();
  EXPECT_EQ(server_.open, 1);
  EXPECT_EQ(acquire().error().code, Errc::kGone);
  EXPECT_FALSE(pool().awaitEmpty(time_.now()));
  held = Result<Pool::Lent>(Pool::Lent());
  EXPECT_TRUE(pool().awaitEmpty(time_.now()));
}

TEST_F(PoolTest, KeepsItsMinimumOpen) {
  options_.max = 4;
  options_.min = 2;
  pool().tend();
  EXPECT_EQ(pool().stats().idle, 2U);
}

TEST_F(PoolTest, ManyThreadsNeverOpenMoreThanTheMost) {
  options_.max = 4;
  pool();
  std::vector<std::thread> threads;
  std::atomic<int> got = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 300; ++round) {
        const auto lent = pool().acquire(Limit(Instant::max()), "many");
        ASSERT_TRUE(lent);
        ++got;
        if ((round + i) % 50 == 0) of(*lent).broken = true;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(got, 2400);
  EXPECT_LE(server_.most, 4);
}

}  // namespace
}  // namespace database
