// What the operator, the configuration and the next version do to a bulkhead.
#include <algorithm>

#include "bulkhead.hpp"
#include "wake_list.hpp"

namespace revenge::resilience {

void Bulkhead::close() noexcept {
  WakeList woken;
  {
    const std::lock_guard lock(mutex_);
    while (BulkheadWaiter* const waiter = nextLocked()) {
      unlinkLocked(*waiter);
      tally_.add(kCancelled);
      woken.add(*waiter, std::unexpected(Rejection{name_, {}, RejectionKind::kCancelled, {}, {}}));
    }
  }
  woken.wake();
}

void Bulkhead::reconfigure(const BulkheadSettings& settings, Moment now) {
  WakeList woken;
  {
    const std::lock_guard lock(mutex_);
    if (settings.order != settings_.order) reorderLocked(settings.order);
    settings_ = settings;
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    std::uint64_t next = 0;
    do {
      next = (word & ((std::uint64_t{1} << (2 * kBits)) - 1)) |
             static_cast<std::uint64_t>(settings.max_concurrent) << (2 * kBits);
    } while (!word_.compare_exchange_weak(word, next, std::memory_order_acq_rel, std::memory_order_relaxed));
    handLocked(now, woken);
  }
  woken.wake();
}

// In the order in which they came; a tie goes to the higher class.
void Bulkhead::reorderLocked(QueueOrder order) noexcept {
  WaiterQueue all;
  while (true) {
    WaiterQueue* first = nullptr;
    for (WaiterQueue& queue : queues_) {
      if (queue.isEmpty()) continue;
      if (first == nullptr || queue.oldest()->queued_at_ < first->oldest()->queued_at_) first = &queue;
    }
    if (first == nullptr) break;
    BulkheadWaiter& waiter = *first->oldest();
    first->remove(waiter);
    all.append(waiter);
  }
  settings_.order = order;
  while (BulkheadWaiter* const waiter = all.oldest()) {
    all.remove(*waiter);
    queueOf(*waiter).append(*waiter);
  }
}

void Bulkhead::setMode(Mode mode, std::string_view reason, Moment now) {
  WakeList woken;
  {
    const std::lock_guard lock(mutex_);
    mode_reason_ = reason;
    mode_.store(mode, std::memory_order_relaxed);
    // Who waits gets what it would get if it came now.
    while (BulkheadWaiter* const waiter = mode == Mode::kEnforce ? nullptr : nextLocked()) {
      if (mode == Mode::kDisabled || mode == Mode::kDryRun) {
        admitLocked(*waiter, now, woken);
      } else {
        unlinkLocked(*waiter);
        tally_.add(kRejected);
        woken.add(*waiter, std::unexpected(shut(mode)));
      }
    }
  }
  woken.wake();
}

BulkheadReport Bulkhead::report() const {
  const std::lock_guard lock(mutex_);
  BulkheadReport report;
  report.settings = settings_;
  report.mode = mode();
  report.mode_reason = mode_reason_;
  report.running = running();
  report.queued = queued();
  report.admitted = tally_.sum(kAdmitted);
  report.waited = tally_.sum(kWaited);
  report.rejected = tally_.sum(kRejected);
  report.would_reject = tally_.sum(kWouldReject);
  report.cancelled = tally_.sum(kCancelled);
  report.stray_releases = tally_.sum(kStray);
  report.wait_total = wait_total_;
  return report;
}

BulkheadImage Bulkhead::image() const {
  const std::lock_guard lock(mutex_);
  return {running(), mode(), mode_reason_};
}

void Bulkhead::restore(const BulkheadImage& image) {
  const std::lock_guard lock(mutex_);
  mode_.store(image.mode, std::memory_order_relaxed);
  mode_reason_ = image.mode_reason;
  const auto running = static_cast<std::uint64_t>(std::clamp<std::int64_t>(image.running, 0, kMaxConcurrent));
  word_.store(static_cast<std::uint64_t>(settings_.max_concurrent) << (2 * kBits) | running,
              std::memory_order_release);
}

}  // namespace revenge::resilience
