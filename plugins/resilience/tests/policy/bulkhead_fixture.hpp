// A bulkhead and the calls that wait for it.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "policy/bulkhead.hpp"
#include "seconds.hpp"
#include "waiting_call.hpp"

namespace revenge::resilience {

inline BulkheadSettings slots(std::int64_t slots, std::int64_t queue, Duration wait = std::chrono::seconds(5),
                              QueueOrder order = QueueOrder::kFifo) {
  return {slots, queue, wait, order};
}

class BulkheadTest : public ::testing::Test {
 protected:
  ~BulkheadTest() override {
    if (bulkhead_) bulkhead_->close();
  }
  Bulkhead& make(const BulkheadSettings& settings) {
    EXPECT_FALSE(problem(settings));
    return bulkhead_.emplace("blackbeard", settings);
  }
  BulkheadPermit hold() { return bulkhead_->acquire(now_)->permit; }
  // Queues one more call; its number is its place in the order of arrival, from 1.
  WaitingCall& wait(Priority priority = Priority::kBrowsing, Moment deadline = Moment::never()) {
    calls_.emplace_back(&order_, static_cast<int>(calls_.size()) + 1);
    answer_ = bulkhead_->acquire(now_, &calls_.back().waiter(), priority, deadline);
    return calls_.back();
  }
  FullReason reason() const { return answer_.error().full; }
  bool isQueued() const { return answer_ && answer_->queued; }

  Moment now_ = at(1);
  std::vector<int> order_;
  std::deque<WaitingCall> calls_;
  std::optional<Bulkhead> bulkhead_;
  std::expected<BulkheadAnswer, Rejection> answer_;
};

}  // namespace revenge::resilience
