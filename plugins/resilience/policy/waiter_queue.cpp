#include "waiter_queue.hpp"

namespace revenge::resilience {

void WaiterQueue::append(BulkheadWaiter& waiter) noexcept {
  waiter.before_ = last_;
  waiter.after_ = nullptr;
  (last_ != nullptr ? last_->after_ : first_) = &waiter;
  last_ = &waiter;
}

void WaiterQueue::remove(BulkheadWaiter& waiter) noexcept {
  (waiter.before_ != nullptr ? waiter.before_->after_ : first_) = waiter.after_;
  (waiter.after_ != nullptr ? waiter.after_->before_ : last_) = waiter.before_;
  waiter.before_ = nullptr;
  waiter.after_ = nullptr;
}

}  // namespace revenge::resilience
