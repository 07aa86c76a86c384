#include <atomic>
#include <memory>
#include <random>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "policy/adaptive_limiter.hpp"
#include "policy/bulkhead.hpp"
#include "seconds.hpp"
#include "together.hpp"

namespace revenge::resilience {
namespace {

// Counts who is inside, and how every waiter was answered.
struct Crowd {
  Bulkhead& bulkhead;
  std::int64_t most;
  std::atomic<std::int64_t> inside{0};
  std::atomic<bool> too_many{false};
  std::atomic<std::uint64_t> served{0};
  std::atomic<std::uint64_t> refused{0};

  void serve(const BulkheadPermit& permit, Moment now) {
    if (inside.fetch_add(1) >= most) too_many = true;
    ++served;
    inside.fetch_sub(1);
    bulkhead.release(permit, now);
  }
};

class CrowdCall {
 public:
  explicit CrowdCall(Crowd& crowd) : crowd_(crowd) {}

  BulkheadWaiter& waiter() { return waiter_; }
  void begin() { answered_ = false; }
  bool isAnswered() const { return answered_.load(std::memory_order_acquire); }

 private:
  static void woken(BulkheadWaiter& waiter, const std::expected<BulkheadPermit, Rejection>& answer) noexcept {
    auto& self = *static_cast<CrowdCall*>(waiter.owner());
    Crowd& crowd = self.crowd_;
    if (!answer) ++crowd.refused;
    const auto held = answer;
    self.answered_.store(true, std::memory_order_release);  // from here on the node may be used again
    if (held) crowd.serve(*held, at(1));
  }

  Crowd& crowd_;
  std::atomic<bool> answered_{true};
  BulkheadWaiter waiter_{&CrowdCall::woken, this};
};

void storm(QueueOrder order, bool resizing) {
  const BulkheadSettings settings{3, 5, std::chrono::seconds(5), order};
  Bulkhead bulkhead("blackbeard", settings);
  Crowd crowd{bulkhead, resizing ? 6 : 3};
  std::atomic<std::uint64_t> attempts{0};
  std::atomic<std::uint64_t> cancelled{0};
  constexpr int kThreads = 4;
  together(kThreads, [&](int thread) {
    std::mt19937 random(static_cast<unsigned>(thread));
    CrowdCall call(crowd);
    std::vector<BulkheadPermit> held;
    for (int i = 0; i < 10'000; ++i) {
      if (resizing && random() % 50 == 0) {
        BulkheadSettings next = settings;
        next.max_concurrent = 1 + static_cast<std::int64_t>(random() % 6);
        bulkhead.reconfigure(next, at(1));
      }
      ++attempts;
      call.begin();
      const auto answer = bulkhead.acquire(at(1), &call.waiter(), static_cast<Priority>(random() % 3));
      if (!answer) {
        ++crowd.refused;
      } else if (!answer->queued) {
        // Held over the next attempts, so that others queue.
        if (crowd.inside.fetch_add(1) >= crowd.most) crowd.too_many = true;
        ++crowd.served;
        held.push_back(answer->permit);
      } else if (random() % 4 == 0 && bulkhead.cancel(call.waiter())) {
        ++cancelled;
      } else {
        while (!held.empty()) {
          crowd.inside.fetch_sub(1);
          bulkhead.release(held.back(), at(1));
          held.pop_back();
        }
        while (!call.isAnswered()) std::this_thread::yield();
      }
      if (random() % 16 == 0) std::this_thread::yield();
      if (held.size() > random() % 5) {
        crowd.inside.fetch_sub(1);
        bulkhead.release(held.back(), at(1));
        held.pop_back();
      }
    }
    for (const BulkheadPermit& permit : held) {
      crowd.inside.fetch_sub(1);
      bulkhead.release(permit, at(1));
    }
  });
  EXPECT_FALSE(crowd.too_many);
  EXPECT_EQ(crowd.served + crowd.refused + cancelled, attempts);
  EXPECT_EQ(bulkhead.running(), 0);
  EXPECT_EQ(bulkhead.queued(), 0);
  EXPECT_EQ(bulkhead.report().admitted, crowd.served);
  EXPECT_EQ(bulkhead.report().cancelled, cancelled);
  EXPECT_EQ(bulkhead.report().stray_releases, 0U);
  EXPECT_GT(bulkhead.report().waited, 0U);
}

TEST(BulkheadThreads, NeverMoreThanItsSlotsFirstInFirstOut) { storm(QueueOrder::kFifo, false); }
TEST(BulkheadThreads, NeverMoreThanItsSlotsNewestFirst) { storm(QueueOrder::kLifo, false); }
TEST(BulkheadThreads, NeverMoreThanItsSlotsByPriority) { storm(QueueOrder::kByPriority, false); }
TEST(BulkheadThreads, ResizedWhileCallsRun) { storm(QueueOrder::kByPriority, true); }

TEST(BulkheadThreads, D17_OneSlotOneWinner) {
  for (int round = 0; round < 20; ++round) {
    Bulkhead bulkhead("blackbeard", {1, 0, {}, QueueOrder::kFifo});
    std::atomic<int> winners{0};
    together(64, [&](int) { winners += bulkhead.acquire(at(1)) ? 1 : 0; });
    EXPECT_EQ(winners, 1);
  }
}

TEST(AdaptiveThreads, NeverMoreThanTheHighestLimit) {
  AdaptiveLimiterSettings settings;
  settings.limit.algorithm = AdaptiveAlgorithm::kAimd;
  settings.limit.initial = 3;
  settings.limit.least = 1;
  settings.limit.most = 6;
  settings.min_window = settings.max_window = std::chrono::milliseconds(1);
  AdaptiveLimiter limiter("api", settings);
  std::atomic<std::int64_t> clock{0};
  std::atomic<std::int64_t> inside{0};
  std::atomic<bool> too_many{false};
  std::atomic<std::uint64_t> rejected{0};
  constexpr int kThreads = 8;
  constexpr int kCalls = 10'000;
  together(kThreads, [&](int thread) {
    std::mt19937 random(static_cast<unsigned>(thread));
    for (int i = 0; i < kCalls; ++i) {
      const Moment now = Moment::ofNanoseconds(clock.fetch_add(150'000));
      const auto permit = limiter.acquire(now, static_cast<Priority>(random() % 3));
      if (!permit) {
        ++rejected;
        continue;
      }
      if (inside.fetch_add(1) >= 6) too_many = true;
      if (random() % 4 == 0) std::this_thread::yield();
      inside.fetch_sub(1);
      limiter.settle(*permit, static_cast<Verdict>(random() % kVerdicts), Moment::ofNanoseconds(clock));
    }
  });
  EXPECT_FALSE(too_many);
  EXPECT_EQ(limiter.running(), 0);
  const AdaptiveReport report = limiter.report();
  std::uint64_t outcomes = 0;
  for (const std::uint64_t count : report.outcomes) outcomes += count;
  EXPECT_EQ(outcomes + rejected, std::uint64_t{kThreads} * kCalls);
}

}  // namespace
}  // namespace revenge::resilience
