// A call that waits for a slot of a bulkhead and remembers the answer.
#pragma once

#include <optional>
#include <vector>

#include "policy/bulkhead.hpp"

namespace revenge::resilience {

class WaitingCall {
 public:
  explicit WaitingCall(std::vector<int>* order = nullptr, int number = 0) : order_(order), number_(number) {}

  BulkheadWaiter& waiter() { return waiter_; }
  bool isAdmitted() const { return answer_ && answer_->has_value(); }
  bool isAnswered() const { return answer_.has_value(); }
  const std::optional<std::expected<BulkheadPermit, Rejection>>& answer() const { return answer_; }
  void clear() { answer_.reset(); }

 private:
  static void woken(BulkheadWaiter& waiter, const std::expected<BulkheadPermit, Rejection>& answer) noexcept {
    auto& self = *static_cast<WaitingCall*>(waiter.owner());
    self.answer_ = answer;
    if (self.order_ != nullptr) self.order_->push_back(self.number_);
  }

  std::vector<int>* order_;
  int number_;
  std::optional<std::expected<BulkheadPermit, Rejection>> answer_;
  BulkheadWaiter waiter_{&WaitingCall::woken, this};
};

}  // namespace revenge::resilience
