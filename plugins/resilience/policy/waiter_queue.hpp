// BulkheadWaiter: a call's place in a bulkhead's queue, and WaiterQueue, the intrusive list of them. Both belong to the
// bulkhead as long as the waiter is queued. Thread safety: the bulkhead's lock.
#pragma once

#include <expected>

#include "bulkhead_settings.hpp"
#include "moment.hpp"
#include "priority.hpp"
#include "rejection.hpp"

namespace revenge::resilience {

// A token for one slot. The slot stays taken until the body of the call has really ended, also when nobody waits for it any more.
struct BulkheadPermit {
  Moment started_at;
  bool bound = false;  // false: holds no slot (the bulkhead was disabled)

  bool operator==(const BulkheadPermit&) const = default;
};

class BulkheadWaiter;

// Called once for a waiter that was queued and not cancelled, outside of all locks; from then on the node is its owner's again, and may
// be gone when this returns. The slot is held by the permit.
using BulkheadWoken = void (*)(BulkheadWaiter& waiter,
                               const std::expected<BulkheadPermit, Rejection>& answer) noexcept;

// A place in the queue. Stays where it is until woken or cancelled; then it may be used again.
class BulkheadWaiter {
 public:
  explicit BulkheadWaiter(BulkheadWoken woken, void* owner = nullptr) noexcept
      : woken_(woken), owner_(owner) {}
  BulkheadWaiter(const BulkheadWaiter&) = delete;
  BulkheadWaiter& operator=(const BulkheadWaiter&) = delete;

  void* owner() const noexcept { return owner_; }
  // When the caller's timer should call expire(). Of a queued waiter; the earlier of max_wait's end and the deadline (also in the
  // answer of acquire, which is safe to read when the waiter may have been woken).
  Moment giveUpAt() const noexcept { return give_up_at_; }

 private:
  friend class Bulkhead;
  friend class WaiterQueue;
  friend class WakeList;
  BulkheadWoken woken_;
  void* owner_;
  BulkheadWaiter* before_ = nullptr;
  BulkheadWaiter* after_ = nullptr;
  Moment queued_at_;
  Moment give_up_at_ = Moment::never();
  FullReason late_ = FullReason::kWaitTimeout;  // what it means when that has passed
  Priority priority_ = Priority::kBrowsing;
  bool queued_ = false;
  std::expected<BulkheadPermit, Rejection> answer_;  // on its way to being woken
};

// The waiters of one class. Not thread safe.
class WaiterQueue {
 public:
  bool isEmpty() const noexcept { return first_ == nullptr; }
  BulkheadWaiter* oldest() const noexcept { return first_; }
  BulkheadWaiter* newest() const noexcept { return last_; }
  void append(BulkheadWaiter& waiter) noexcept;
  void remove(BulkheadWaiter& waiter) noexcept;

 private:
  BulkheadWaiter* first_ = nullptr;
  BulkheadWaiter* last_ = nullptr;
};

}  // namespace revenge::resilience
