// The real thing on all cores: callers, leases that end elsewhere, guards and doors while instances are swapped and
// their memory is poisoned the moment a drain says it is empty. Under the thread sanitizer the poisoning is a plain
// store, so a missing happens-before edge is a report.
#include <algorithm>
#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "service/domain.hpp"

namespace revenge::service {
namespace {

constexpr std::uint64_t kAlive = 0x600D;
constexpr std::uint64_t kDead = 0xDEAD;

// What stands for the mapped code and data of one version.
struct Plugin {
  std::uint64_t state = kAlive;
  std::uint64_t version = 0;
};
struct Table {
  std::uint64_t marker = 0x7AB1E;
};
const Table kTable;

struct Route {
  InstanceRef instance;
  const Plugin* plugin;
};

class Swapping : public testing::TestWithParam<Fence> {
 protected:
  Swapping() { swap(); }
  ~Swapping() override {
    for (auto& thread : threads_) thread.join();
  }

  void spawn(std::function<void()> step) {
    threads_.emplace_back([this, step = std::move(step)] {
      while (!stop_.load(std::memory_order_relaxed)) {
        step();
        steps_.fetch_add(1, std::memory_order_relaxed);
      }
    });
  }

  // Publishes the next version, then kills the one before it.
  void swap() {
    const InstanceRef old = current_;
    Plugin* oldPlugin = plugins_.empty() ? nullptr : plugins_.back().get();
    plugins_.push_back(std::make_unique<Plugin>(Plugin{kAlive, plugins_.size() + 1}));
    current_ = domain_.instances().open().value();
    domain_.build()
        .bind(slot_, {current_, &kTable, plugins_.back().get()})
        .set(facet_, std::make_shared<const Route>(Route{current_, plugins_.back().get()}))
        .publish()
        .value();
    direct_.store(current_.bits(), std::memory_order_release);
    if (!old) return;
    domain_.instances().close(old, Door::kShut);
    ASSERT_TRUE(domain_.instances().drain(old, base::Instant::max()));
    oldPlugin->state = kDead;
    ASSERT_TRUE(domain_.release(old).has_value());
  }
  void swapTimes(int times) {
    for (int i = 0; i < times; ++i) {
      // Not before somebody has used this version.
      const std::uint64_t seen = steps_.load(std::memory_order_relaxed);
      while (steps_.load(std::memory_order_relaxed) == seen) std::this_thread::yield();
      swap();
    }
    stop_.store(true, std::memory_order_relaxed);
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  void use(const Plugin& plugin) {
    if (plugin.state != kAlive) wrong_.fetch_add(1, std::memory_order_relaxed);
    uses_.fetch_add(1, std::memory_order_relaxed);
  }

  Domain domain_{GetParam() == Fence::kAsymmetric ? Machine::probe() : Fence::kFull};
  const Facet<Route> facet_ = domain_.generations().facet<Route>();
  const InstanceRef consumer_ = domain_.instances().open().value();
  const SlotRef slot_ = domain_.generations().openSlot(consumer_).value();
  InstanceRef current_;
  std::atomic<std::uint64_t> direct_{0};
  std::vector<std::unique_ptr<Plugin>> plugins_;

  std::atomic<bool> stop_{false};
  std::atomic<std::uint64_t> steps_{0};
  std::atomic<std::uint64_t> uses_{0};
  std::atomic<std::uint64_t> wrong_{0};
  std::vector<std::thread> threads_;
};

constexpr int kSwaps = 300;

TEST_P(Swapping, NeverRunsASlotCallInAReleasedInstanceAndNeverGoesBack) {
  std::atomic<int> backwards{0};
  std::atomic<int> refused{0};
  for (unsigned i = 0; i < std::max(2U, std::thread::hardware_concurrency()); ++i) {
    spawn([&, last = std::uint64_t{0}]() mutable {
      const SlotCall call(domain_.generations(), slot_);
      if (!call) {
        refused.fetch_add(1);
        return;
      }
      const auto& plugin = *static_cast<const Plugin*>(call.self());
      use(plugin);
      if (plugin.version < last) backwards.fetch_add(1);
      last = plugin.version;
    });
  }
  swapTimes(kSwaps);
  EXPECT_EQ(wrong_.load(), 0U);
  EXPECT_EQ(backwards.load(), 0);
  EXPECT_EQ(refused.load(), 0);
  EXPECT_GT(uses_.load(), 0U);
}

TEST_P(Swapping, NeverRefusesARequestThatEntersUnderItsGuard) {
  std::atomic<int> refused{0};
  for (int i = 0; i < 2; ++i) {
    spawn([&] {
      Lease lease;
      const Plugin* plugin = nullptr;
      {
        const ReadGuard guard(domain_.generations());
        const Route& route = *guard.get(facet_);
        lease = domain_.instances().enter(route.instance);
        plugin = route.plugin;
      }
      if (!lease) {
        refused.fetch_add(1);
        return;
      }
      use(*plugin);
    });
  }
  swapTimes(kSwaps);
  EXPECT_EQ(wrong_.load(), 0U);
  EXPECT_EQ(refused.load(), 0);
}

TEST_P(Swapping, WaitsForLeasesThatEndOnAnotherThread) {
  struct Held {
    Lease lease;
    const Plugin* plugin;
  };
  std::mutex mutex;
  std::deque<Held> queue;
  spawn([&] {
    const ReadGuard guard(domain_.generations());
    const Route& route = *guard.get(facet_);
    Lease lease = domain_.instances().enter(route.instance);
    if (!lease) return;
    const std::scoped_lock lock(mutex);
    if (queue.size() < 64) queue.push_back({std::move(lease), route.plugin});
  });
  spawn([&] {
    std::deque<Held> taken;
    {
      const std::scoped_lock lock(mutex);
      taken.swap(queue);
    }
    for (Held& held : taken) {
      const Lease second = held.lease.another();
      held.lease.end();
      use(*held.plugin);
    }
  });
  swapTimes(kSwaps);
  EXPECT_EQ(wrong_.load(), 0U);
}

TEST_P(Swapping, TurnsDirectEntriesAwayOnceTheDoorIsShut) {
  for (int i = 0; i < 2; ++i) {
    spawn([&] {
      const InstanceRef ref = InstanceRef::fromBits(direct_.load(std::memory_order_acquire));
      const Lease lease = domain_.instances().enter(ref);
      if (lease) uses_.fetch_add(1, std::memory_order_relaxed);
    });
  }
  swapTimes(kSwaps);
  EXPECT_EQ(domain_.instances().inUse(), 2U);
}

TEST_P(Swapping, CountsThreadsThatComeAndGo) {
  spawn([&] {
    std::thread([&] {
      const SlotCall call(domain_.generations(), slot_);
      if (call) use(*static_cast<const Plugin*>(call.self()));
    }).join();
  });
  swapTimes(50);
  EXPECT_EQ(wrong_.load(), 0U);
  EXPECT_LE(domain_.cells().blocks(), 4U);
}

// The publisher takes what nobody reads any more with it, while readers keep looking.
TEST_P(Swapping, DestroysFacetsOnThePublisher) {
  static thread_local bool publisher = false;
  publisher = true;
  struct Payload {
    ~Payload() {
      if (!publisher) elsewhere->fetch_add(1);
      value = kDead;
    }
    std::atomic<int>* elsewhere;
    std::uint64_t value = kAlive;
  };
  std::atomic<int> elsewhere{0};
  const auto facet = domain_.generations().facet<Payload>();
  for (int i = 0; i < 2; ++i) {
    spawn([&] {
      const ReadGuard guard(domain_.generations());
      const Payload* payload = guard.get(facet);
      if (payload != nullptr && payload->value != kAlive) wrong_.fetch_add(1);
    });
  }
  for (int i = 0; i < kSwaps; ++i) {
    domain_.build().set(facet, std::make_shared<const Payload>(&elsewhere)).publish().value();
  }
  swapTimes(1);
  domain_.build().set(facet, std::shared_ptr<const Payload>()).publish().value();
  EXPECT_EQ(elsewhere.load(), 0);
  EXPECT_EQ(wrong_.load(), 0U);
}

// A drain sleeps; the last to leave wakes it. Would hang, and fail by the test's time limit, if it did not.
TEST_P(Swapping, WakesADrainForEveryLeaverThatCouldBeTheLast) {
  for (int i = 0; i < 200; ++i) {
    const InstanceRef ref = domain_.instances().open().value();
    Lease lease = domain_.instances().enter(ref);
    domain_.instances().close(ref, Door::kShut);
    std::thread other([lease = std::move(lease)]() mutable { lease.end(); });
    EXPECT_TRUE(domain_.instances().drain(ref, base::Instant::max()));
    other.join();
    ASSERT_TRUE(domain_.release(ref).has_value());
  }
}

TEST_P(Swapping, LetsTwoPublishersTakeTurns) {
  const auto first = domain_.generations().facet<int>();
  const auto second = domain_.generations().facet<int>();
  const auto publish = [&](Facet<int> facet) {
    for (int i = 1; i <= 100; ++i)
      domain_.build().set(facet, std::make_shared<const int>(i)).publish().value();
  };
  std::thread other([&] { publish(second); });
  publish(first);
  other.join();
  const ReadGuard guard(domain_.generations());
  EXPECT_EQ(*guard.get(first), 100);
  EXPECT_EQ(*guard.get(second), 100);
}

INSTANTIATE_TEST_SUITE_P(Fences, Swapping, testing::Values(Fence::kAsymmetric, Fence::kFull),
                         [](const auto& fence) {
                           return fence.param == Fence::kAsymmetric ? "Membarrier" : "FullFence";
                         });

}  // namespace
}  // namespace revenge::service
