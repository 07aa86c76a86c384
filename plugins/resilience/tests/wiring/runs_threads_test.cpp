#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "tests/pipeline/thread_scheduler.hpp"
#include "tests/policy/seed.hpp"
#include "wiring/runs.hpp"

namespace revenge::resilience {
namespace {

using namespace std::chrono_literals;

// A test has a function of the other name.
using UnderWay = class Run;

constexpr std::int64_t kSlots = 3;
constexpr int kThreads = 4;

// What a sink was told, for the thread that waits for it.
struct Told {
  std::atomic<std::uint32_t> is_there = 0;
  Reply reply;
};

class TellingSink final : public ReplySink {
 public:
  explicit TellingSink(std::shared_ptr<Told> told) : told_(std::move(told)) {}
  bool answer(const Reply& reply) noexcept override {
    told_->reply = reply;
    told_->reply.ending = nullptr;
    told_->is_there.store(1, std::memory_order_release);
    told_->is_there.notify_all();
    return true;
  }

 private:
  const std::shared_ptr<Told> told_;  // shared: with who waits
};

class RunsThreads : public ::testing::Test {
 protected:
  RunsThreads()
      : bulkhead_(std::make_shared<Bulkhead>(
            "b", BulkheadSettings{.max_concurrent = kSlots, .queue_size = 100, .max_wait = 2ms})),
        breaker_(std::make_shared<Breaker>("c", BreakerSettings{.failures = 1'000'000}, 1, scheduler_.now())),
        retry_(std::make_shared<Retry>("r", retrying(), nullptr, 1)),
        entry_(std::make_shared<const Pipeline>("p", std::vector<Layer>{retry_, breaker_, bulkhead_})) {}

  static RetrySettings retrying() {
    RetrySettings settings;
    settings.backoff.initial = 50us;
    settings.backoff.max = 200us;
    return settings;
  }

  static constexpr auto kAsItIs = [](Reply reply) {
    reply.ending = nullptr;
    return reply;
  };

  // Blocks in place, or waits by a sink which another may cancel.
  Reply await(UnderWay& run, bool by_sink, bool cancelled) {
    if (!by_sink) return run.block([cancelled] { return !cancelled; }, kAsItIs);
    const std::uint64_t wait = runs_.beginWait(run);
    const auto told = std::make_shared<Told>();
    run.waitFor(std::make_unique<TellingSink>(told));
    if (cancelled) runs_.cancel(wait);
    told->is_there.wait(0);
    return told->reply;
  }

  void call(std::mt19937_64& random) {
    UnderWay* const run = runs_.take();
    ASSERT_NE(run, nullptr);
    UnderWay::Asked asked;
    asked.entry = &entry_;
    asked.caller = 1;
    asked.repeat = Repeat::kSafe;
    const auto chance = [&](std::uint64_t of) { return random() % of == 0; };
    const Moment now = scheduler_.now();
    Reply reply = run->begin(asked, now) ? run->finish(now, kAsItIs) : await(*run, chance(2), chance(8));
    while (reply.token != 0) {
      EXPECT_LE(running_.fetch_add(1) + 1, kSlots);
      if (chance(4)) std::this_thread::yield();
      running_.fetch_sub(1);
      UnderWay* const mine = runs_.claim(reply.token, 1);
      ASSERT_NE(mine, nullptr);
      EXPECT_EQ(runs_.claim(reply.token, 1), nullptr);
      const Settlement settlement{chance(3) ? Verdict::kFailure : Verdict::kSuccess, {}, Again::kAllowed};
      const Moment then = scheduler_.now();
      reply =
          mine->settle(settlement, then) ? mine->finish(then, kAsItIs) : await(*mine, chance(2), chance(8));
    }
  }

  ThreadScheduler scheduler_;
  std::shared_ptr<Bulkhead> bulkhead_;
  std::shared_ptr<Breaker> breaker_;
  std::shared_ptr<Retry> retry_;
  Entry entry_;
  Runs runs_{scheduler_};
  std::atomic<std::int64_t> running_ = 0;
};

TEST_F(RunsThreads, NeverMoreThanTheSlotsAndAllComeBack) {
  const std::uint64_t seed = testSeed();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i)
      threads.emplace_back([this, seed, i] {
        std::mt19937_64 random(seed + static_cast<std::uint64_t>(i));
        for (int turn = 0; turn < 4000; ++turn) call(random);
      });
  }
  EXPECT_EQ(bulkhead_->running(), 0);
  EXPECT_EQ(bulkhead_->queued(), 0);
  EXPECT_EQ(runs_.waiting(), 0u);
  std::size_t held = 0;
  runs_.forEachHeld([&](const UnderWay&, std::uint64_t) { ++held; });
  EXPECT_EQ(held, 0u);
}

TEST_F(RunsThreads, WhatWaitsIsCutAndNothingIsHeldAfterwards) {
  for (int turn = 0; turn < 200; ++turn) {
    std::vector<std::jthread> threads;
    std::array<std::shared_ptr<Told>, kThreads> told;
    std::vector<UnderWay*> holders;
    for (std::int64_t i = 0; i < kSlots; ++i) {
      UnderWay* const run = runs_.take();
      UnderWay::Asked asked;
      asked.entry = &entry_;
      ASSERT_TRUE(run->begin(asked, scheduler_.now()));
      holders.push_back(run);
    }
    for (auto& one : told) {
      one = std::make_shared<Told>();
      threads.emplace_back([this, one] {
        UnderWay* const run = runs_.take();
        UnderWay::Asked asked;
        asked.entry = &entry_;
        if (run->begin(asked, scheduler_.now())) {
          (void)run->finish(scheduler_.now(), kAsItIs);
          return;
        }
        (void)runs_.beginWait(*run);
        run->waitFor(std::make_unique<TellingSink>(one));
      });
    }
    threads.clear();
    EXPECT_TRUE(runs_.cut(5s));
    for (UnderWay* const run : holders) {
      const Reply reply = run->finish(scheduler_.now(), kAsItIs);
      UnderWay* const mine = runs_.claim(reply.token, 0);
      ASSERT_NE(mine, nullptr);
      mine->abandon(scheduler_.now());
    }
    for (const auto& one : told) EXPECT_TRUE(one->is_there.load() == 0 || one->reply.token == 0);
  }
  EXPECT_EQ(bulkhead_->running(), 0);
}

}  // namespace
}  // namespace revenge::resilience
