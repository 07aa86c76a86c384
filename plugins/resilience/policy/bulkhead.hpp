// Bulkhead: at most so many calls at once; the next ones wait in a bounded queue or are refused. A waiter is a node of the caller's,
// woken by a callback; nothing blocks and nothing allocates. Nobody overtakes those who wait. Thread safety: all functions, any
// thread; without waiters acquire and settle are one atomic exchange each. Source: Nygard, Release It!
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>

#include "bulkhead_settings.hpp"
#include "mode.hpp"
#include "moment.hpp"
#include "priority.hpp"
#include "rejection.hpp"
#include "tally.hpp"
#include "verdict.hpp"
#include "waiter_queue.hpp"

namespace revenge::resilience {

class WakeList;

struct BulkheadReport {
  BulkheadSettings settings;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
  std::int64_t running = 0;  // may be above max_concurrent after a resize or in dry run
  std::int64_t queued = 0;
  std::uint64_t admitted = 0;
  std::uint64_t waited = 0;    // of the admitted, those that were queued first
  std::uint64_t rejected = 0;  // all reasons
  std::uint64_t would_reject = 0;
  std::uint64_t cancelled = 0;       // waiters
  std::uint64_t stray_releases = 0;  // refused: nothing was taken
  Duration wait_total{};             // of those that waited and were admitted
};

struct BulkheadImage {
  std::int64_t running = 0;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
};

// Of acquire: a permit, or "queued" when it has none: the waiter will be woken.
struct BulkheadAnswer {
  BulkheadPermit permit;
  bool queued = false;
  Moment give_up_at = Moment::never();  // of a queued one; by now it may have been woken already
};

class Bulkhead {
 public:
  // Requires: !problem(settings).
  Bulkhead(std::string name, const BulkheadSettings& settings);
  Bulkhead(const Bulkhead&) = delete;
  Bulkhead& operator=(const Bulkhead&) = delete;
  // Requires: nobody waits (close()).
  ~Bulkhead();

  // With a waiter the call may be queued; without one it is admitted now or refused. A free slot wins over a deadline that has passed.
  std::expected<BulkheadAnswer, Rejection> acquire(Moment now, BulkheadWaiter* waiter = nullptr,
                                                   Priority priority = Priority::kBrowsing,
                                                   Moment deadline = Moment::never()) noexcept {
    if (mode_.load(std::memory_order_relaxed) == Mode::kEnforce && takeFree()) [[likely]] {
      tally_.add(kAdmitted);
      return BulkheadAnswer{{now, true}};
    }
    return acquireFull(now, waiter, priority, deadline);
  }

  // Gives the slot back, or on to a waiter; false: there was none to give, and nothing changed.
  bool release(const BulkheadPermit& permit, Moment now) noexcept;
  // The same; how the call ended does not matter here.
  void settle(const BulkheadPermit& permit, Verdict /*verdict*/, Moment now) noexcept {
    (void)release(permit, now);
  }

  // Takes a waiter out of the queue: it will not be woken. False: it has been or is being woken, or was never queued.
  bool cancel(BulkheadWaiter& waiter) noexcept;
  // For the caller's timer at giveUpAt(): wakes the waiter with a rejection. False: too early, or as for cancel.
  bool expire(BulkheadWaiter& waiter, Moment now) noexcept;
  // Wakes every waiter with kCancelled.
  void close() noexcept;

  // Requires: !problem(settings). Never waits: with more slots waiters start at once, with fewer those that run end as they would.
  void reconfigure(const BulkheadSettings& settings, Moment now);
  void setMode(Mode mode, std::string_view reason, Moment now);

  const std::string& name() const noexcept { return name_; }
  Mode mode() const noexcept { return mode_.load(std::memory_order_relaxed); }
  std::int64_t running() const noexcept;
  std::int64_t queued() const noexcept;
  BulkheadReport report() const;

  // Waiters do not come along: they belong to runs of this version.
  BulkheadImage image() const;
  // Before the first call.
  void restore(const BulkheadImage& image);

 private:
  // One word: slots taken, slots there, waiters. Only then "free and nobody waits" is one question.
  static constexpr std::uint64_t kBits = 21;
  static constexpr std::uint64_t kMask = (std::uint64_t{1} << kBits) - 1;
  static constexpr std::uint64_t kOneRunning = 1;
  static constexpr std::uint64_t kOneQueued = std::uint64_t{1} << kBits;
  static constexpr std::uint64_t runningOf(std::uint64_t word) noexcept { return word & kMask; }
  static constexpr std::uint64_t queuedOf(std::uint64_t word) noexcept { return word >> kBits & kMask; }
  static constexpr std::uint64_t slotsOf(std::uint64_t word) noexcept { return word >> (2 * kBits); }

  static constexpr bool isFree(std::uint64_t word) noexcept {
    return queuedOf(word) == 0 && runningOf(word) < slotsOf(word);
  }

  // Rationale: a look before the exchange, and none but exchanges. Additions that are taken back, and an exchange that begins with
  // a guess, fetch the word's line once instead of twice, and are slower by two threads: each takes it away from the other sooner.
  bool takeFree() noexcept {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while (isFree(word)) {
      if (word_.compare_exchange_weak(word, word + kOneRunning, std::memory_order_acquire,
                                      std::memory_order_relaxed)) {
        return true;
      }
    }
    return false;
  }

  std::expected<BulkheadAnswer, Rejection> acquireFull(Moment now, BulkheadWaiter* waiter, Priority priority,
                                                       Moment deadline) noexcept;
  std::expected<BulkheadAnswer, Rejection> admitAnyway(Moment now) noexcept;
  Rejection rejection(FullReason reason) const noexcept;
  Rejection shut(Mode mode) const noexcept;
  FullReason whyNotQueuedLocked(Moment now, const BulkheadWaiter* waiter, Priority priority,
                                Moment deadline) const noexcept;
  bool isQueueFullLocked() const noexcept;
  enum class Placed : std::uint8_t { kRunning, kQueued, kNowhere };
  enum class Queues : std::uint8_t { kNo, kYes };
  Placed placeLocked(Queues queues) noexcept;
  void enqueueLocked(BulkheadWaiter& waiter, Moment now, Priority priority, Moment deadline) noexcept;
  WaiterQueue& queueOf(const BulkheadWaiter& waiter) noexcept;
  BulkheadWaiter* nextLocked() const noexcept;
  BulkheadWaiter* lowerThanLocked(Priority priority) const noexcept;
  void unlinkLocked(BulkheadWaiter& waiter) noexcept;
  void displaceLocked(BulkheadWaiter& waiter, WakeList& woken) noexcept;
  void admitLocked(BulkheadWaiter& waiter, Moment now, WakeList& woken) noexcept;
  void handLocked(Moment now, WakeList& woken) noexcept;
  bool giveBackLocked() noexcept;
  void reorderLocked(QueueOrder order) noexcept;

  const std::string name_;
  alignas(64) std::atomic<std::uint64_t> word_;
  std::atomic<Mode> mode_{Mode::kEnforce};

  mutable std::mutex mutex_;  // below, and every change of the number of waiters or slots in word_
  BulkheadSettings settings_;
  std::string mode_reason_;
  std::array<WaiterQueue, kPriorities> queues_;  // without priorities only the first
  Duration wait_total_{};

  enum : std::size_t { kAdmitted, kWaited, kRejected, kWouldReject, kCancelled, kStray, kCounters };
  Tally<kCounters> tally_;
};

}  // namespace revenge::resilience
