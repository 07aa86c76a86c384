#include "bulkhead.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "wake_list.hpp"

namespace revenge::resilience {

Bulkhead::Bulkhead(std::string name, const BulkheadSettings& settings)
    : name_(std::move(name)),
      word_(static_cast<std::uint64_t>(settings.max_concurrent) << (2 * kBits)),
      settings_(settings) {}

Bulkhead::~Bulkhead() { assert(queued() == 0); }

std::int64_t Bulkhead::running() const noexcept {
  return static_cast<std::int64_t>(runningOf(word_.load(std::memory_order_acquire)));
}

std::int64_t Bulkhead::queued() const noexcept {
  return static_cast<std::int64_t>(queuedOf(word_.load(std::memory_order_acquire)));
}

Rejection Bulkhead::rejection(FullReason reason) const noexcept {
  return {name_, Duration::zero(), RejectionKind::kBulkheadFull, reason, RejectingState::kNone};
}

Rejection Bulkhead::shut(Mode mode) const noexcept {
  if (mode == Mode::kIsolated) {
    return {name_, Duration::zero(), RejectionKind::kIsolated, FullReason::kNone, RejectingState::kIsolated};
  }
  return {name_, Duration::zero(), RejectionKind::kBulkheadFull, FullReason::kNone,
          RejectingState::kForcedOpen};
}

std::expected<BulkheadAnswer, Rejection> Bulkhead::acquireFull(Moment now, BulkheadWaiter* waiter,
                                                               Priority priority, Moment deadline) noexcept {
  const Mode mode = mode_.load(std::memory_order_relaxed);
  if (mode == Mode::kDisabled) return BulkheadAnswer{{now, false}};
  if (mode == Mode::kDryRun) return admitAnyway(now);
  if (mode != Mode::kEnforce) {
    tally_.add(kRejected);
    return std::unexpected(shut(mode));
  }
  WakeList displaced;
  auto answer = [&]() -> std::expected<BulkheadAnswer, Rejection> {
    const std::lock_guard lock(mutex_);
    const FullReason reason = whyNotQueuedLocked(now, waiter, priority, deadline);
    const bool may_queue = reason == FullReason::kNone;
    if (may_queue && isQueueFullLocked()) displaceLocked(*lowerThanLocked(priority), displaced);
    switch (placeLocked(may_queue ? Queues::kYes : Queues::kNo)) {
      case Placed::kRunning:
        tally_.add(kAdmitted);
        return BulkheadAnswer{{now, true}};
      case Placed::kQueued:
        enqueueLocked(*waiter, now, priority, deadline);
        return BulkheadAnswer{{}, true, waiter->give_up_at_};
      case Placed::kNowhere:
        break;
    }
    tally_.add(kRejected);
    return std::unexpected(rejection(reason));
  }();
  displaced.wake();
  return answer;
}

std::expected<BulkheadAnswer, Rejection> Bulkhead::admitAnyway(Moment now) noexcept {
  if (!takeFree()) {
    tally_.add(kWouldReject);
    word_.fetch_add(kOneRunning, std::memory_order_acquire);
  }
  tally_.add(kAdmitted);
  return BulkheadAnswer{{now, true}};
}

FullReason Bulkhead::whyNotQueuedLocked(Moment now, const BulkheadWaiter* waiter, Priority priority,
                                        Moment deadline) const noexcept {
  if (deadline <= now) return FullReason::kDeadline;
  if (waiter == nullptr || settings_.max_wait == Duration::zero()) return FullReason::kWaitTimeout;
  if (isQueueFullLocked() && lowerThanLocked(priority) == nullptr) return FullReason::kQueueFull;
  return FullReason::kNone;
}

bool Bulkhead::isQueueFullLocked() const noexcept { return queued() >= settings_.queue_size; }

// A slot may have become free since it was looked for.
Bulkhead::Placed Bulkhead::placeLocked(Queues queues) noexcept {
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  while (true) {
    const bool is_free = isFree(word);
    if (!is_free && queues == Queues::kNo) return Placed::kNowhere;
    if (word_.compare_exchange_weak(word, word + (is_free ? kOneRunning : kOneQueued),
                                    std::memory_order_acq_rel, std::memory_order_relaxed)) {
      return is_free ? Placed::kRunning : Placed::kQueued;
    }
  }
}

void Bulkhead::enqueueLocked(BulkheadWaiter& waiter, Moment now, Priority priority,
                             Moment deadline) noexcept {
  const Moment patience = now + settings_.max_wait;
  waiter.queued_at_ = now;
  waiter.give_up_at_ = std::min(patience, deadline);
  waiter.late_ = deadline < patience ? FullReason::kDeadline : FullReason::kWaitTimeout;
  waiter.priority_ = priority;
  waiter.queued_ = true;
  queueOf(waiter).append(waiter);
}

WaiterQueue& Bulkhead::queueOf(const BulkheadWaiter& waiter) noexcept {
  return queues_[settings_.order == QueueOrder::kByPriority ? indexOf(waiter.priority_) : 0];
}

BulkheadWaiter* Bulkhead::nextLocked() const noexcept {
  if (settings_.order == QueueOrder::kLifo) return queues_.front().newest();
  for (const WaiterQueue& queue : queues_) {
    if (!queue.isEmpty()) return queue.oldest();
  }
  return nullptr;
}

BulkheadWaiter* Bulkhead::lowerThanLocked(Priority priority) const noexcept {
  if (settings_.order != QueueOrder::kByPriority) return nullptr;
  for (std::size_t lower = kPriorities - 1; lower > indexOf(priority); --lower) {
    if (!queues_[lower].isEmpty()) return queues_[lower].newest();
  }
  return nullptr;
}

void Bulkhead::unlinkLocked(BulkheadWaiter& waiter) noexcept {
  queueOf(waiter).remove(waiter);
  waiter.queued_ = false;
  word_.fetch_sub(kOneQueued, std::memory_order_acq_rel);
}

void Bulkhead::displaceLocked(BulkheadWaiter& waiter, WakeList& woken) noexcept {
  unlinkLocked(waiter);
  tally_.add(kRejected);
  woken.add(waiter, std::unexpected(rejection(FullReason::kQueueFull)));
}

// A waiter gets the slot before it leaves the queue: in between nobody else may see a free slot and an empty queue.
void Bulkhead::admitLocked(BulkheadWaiter& waiter, Moment now, WakeList& woken) noexcept {
  word_.fetch_add(kOneRunning, std::memory_order_acq_rel);
  unlinkLocked(waiter);
  wait_total_ = Duration(saturatingAdd(wait_total_.count(), (now - waiter.queued_at_).count()));
  tally_.add(kAdmitted);
  tally_.add(kWaited);
  woken.add(waiter, BulkheadPermit{now, true});
}

void Bulkhead::handLocked(Moment now, WakeList& woken) noexcept {
  while (BulkheadWaiter* const waiter = nextLocked()) {
    const std::uint64_t word = word_.load(std::memory_order_relaxed);
    if (runningOf(word) >= slotsOf(word)) return;
    if (waiter->give_up_at_ >= now) {
      admitLocked(*waiter, now, woken);
      continue;
    }
    unlinkLocked(*waiter);
    tally_.add(kRejected);
    woken.add(*waiter, std::unexpected(rejection(waiter->late_)));
  }
}

bool Bulkhead::release(const BulkheadPermit& permit, Moment now) noexcept {
  if (!permit.bound) return true;
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  while (queuedOf(word) == 0) {
    if (runningOf(word) == 0) {
      tally_.add(kStray);
      return false;
    }
    if (word_.compare_exchange_weak(word, word - kOneRunning, std::memory_order_acq_rel,
                                    std::memory_order_relaxed)) {
      return true;
    }
  }
  WakeList woken;
  {
    const std::lock_guard lock(mutex_);
    if (!giveBackLocked()) return false;
    handLocked(now, woken);
  }
  woken.wake();
  return true;
}

bool Bulkhead::giveBackLocked() noexcept {
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  do {
    if (runningOf(word) == 0) {
      tally_.add(kStray);
      return false;
    }
  } while (!word_.compare_exchange_weak(word, word - kOneRunning, std::memory_order_acq_rel,
                                        std::memory_order_relaxed));
  return true;
}

bool Bulkhead::cancel(BulkheadWaiter& waiter) noexcept {
  const std::lock_guard lock(mutex_);
  if (!waiter.queued_) return false;
  unlinkLocked(waiter);
  tally_.add(kCancelled);
  return true;
}

bool Bulkhead::expire(BulkheadWaiter& waiter, Moment now) noexcept {
  WakeList woken;
  {
    const std::lock_guard lock(mutex_);
    if (!waiter.queued_ || now < waiter.give_up_at_) return false;
    unlinkLocked(waiter);
    tally_.add(kRejected);
    woken.add(waiter, std::unexpected(rejection(waiter.late_)));
  }
  woken.wake();
  return true;
}

}  // namespace revenge::resilience
