// WakeList: waiters that have left a bulkhead's queue under its lock and are told after it. Thread safety: one thread.
#pragma once

#include <expected>

#include "bulkhead.hpp"

namespace revenge::resilience {

class WakeList {
 public:
  void add(BulkheadWaiter& waiter, const std::expected<BulkheadPermit, Rejection>& answer) noexcept {
    waiter.answer_ = answer;
    waiters_.append(waiter);
  }
  // Requires: no lock is held. Touches a waiter no more once it is woken.
  void wake() noexcept {
    while (BulkheadWaiter* const waiter = waiters_.oldest()) {
      waiters_.remove(*waiter);
      const std::expected<BulkheadPermit, Rejection> answer = waiter->answer_;
      waiter->woken_(*waiter, answer);
    }
  }

 private:
  WaiterQueue waiters_;
};

}  // namespace revenge::resilience
