// B10 of the cases, modes, and the way into the next version.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bulkhead_fixture.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

using BulkheadControl = BulkheadTest;

TEST_F(BulkheadControl, B10_MoreSlotsWakeWaitersAtOnce) {
  make(slots(1, 3));
  hold();
  WaitingCall& first = wait();
  WaitingCall& second = wait();
  WaitingCall& third = wait();
  bulkhead_->reconfigure(slots(3, 3), now_);
  EXPECT_TRUE(first.isAdmitted());
  EXPECT_TRUE(second.isAdmitted());
  EXPECT_FALSE(third.isAnswered());
  EXPECT_EQ(bulkhead_->running(), 3);
}

TEST_F(BulkheadControl, B10_FewerSlotsNeverWait) {
  make(slots(3, 3));
  for (int i = 0; i < 3; ++i) hold();
  bulkhead_->reconfigure(slots(1, 3), now_);
  EXPECT_EQ(bulkhead_->running(), 3);
  WaitingCall& waiting = wait();
  bulkhead_->release({now_, true}, now_);
  bulkhead_->release({now_, true}, now_);
  EXPECT_FALSE(waiting.isAnswered());
  EXPECT_EQ(bulkhead_->running(), 1);
  bulkhead_->release({now_, true}, now_);
  EXPECT_TRUE(waiting.isAdmitted());
}

TEST_F(BulkheadControl, B10_AnotherOrderKeepsWhoWaits) {
  make(slots(1, 5));
  hold();
  wait(Priority::kBackground);
  now_ = now_ + milliseconds(1);
  wait(Priority::kPlayback);
  now_ = now_ + milliseconds(1);
  wait(Priority::kBrowsing);
  bulkhead_->reconfigure(slots(1, 5, std::chrono::seconds(5), QueueOrder::kByPriority), now_);
  bulkhead_->release({now_, true}, now_);
  bulkhead_->reconfigure(slots(1, 5), now_);
  bulkhead_->release({now_, true}, now_);
  bulkhead_->release({now_, true}, now_);
  EXPECT_THAT(order_, ElementsAre(2, 1, 3));
}

TEST_F(BulkheadControl, ClosingAnswersEverybody) {
  make(slots(1, 3));
  hold();
  WaitingCall& first = wait();
  WaitingCall& second = wait();
  bulkhead_->close();
  EXPECT_EQ(first.answer()->error().kind, RejectionKind::kCancelled);
  EXPECT_EQ(second.answer()->error().kind, RejectionKind::kCancelled);
  EXPECT_EQ(bulkhead_->queued(), 0);
}

TEST_F(BulkheadControl, Modes) {
  make(slots(1, 3));
  hold();
  WaitingCall& waiting = wait();
  bulkhead_->setMode(Mode::kDryRun, "trying", now_);
  EXPECT_TRUE(waiting.isAdmitted());
  EXPECT_TRUE(bulkhead_->acquire(now_)->permit.bound);
  EXPECT_EQ(bulkhead_->running(), 3);
  EXPECT_EQ(bulkhead_->report().would_reject, 1U);
  bulkhead_->setMode(Mode::kIsolated, "broken", now_);
  EXPECT_EQ(bulkhead_->acquire(now_).error().kind, RejectionKind::kIsolated);
  bulkhead_->setMode(Mode::kDisabled, "", now_);
  EXPECT_FALSE(bulkhead_->acquire(now_)->permit.bound);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(bulkhead_->release({now_, true}, now_));
  EXPECT_EQ(bulkhead_->running(), 0);
}

TEST_F(BulkheadControl, IsolationRefusesWhoWaits) {
  make(slots(1, 3));
  hold();
  WaitingCall& waiting = wait();
  bulkhead_->setMode(Mode::kIsolated, "broken", now_);
  EXPECT_EQ(waiting.answer()->error().kind, RejectionKind::kIsolated);
}

TEST_F(BulkheadControl, TheNextVersionKnowsWhatRuns) {
  make(slots(2, 0));
  const BulkheadPermit permit = hold();
  Bulkhead next("blackbeard", slots(2, 0));
  next.restore(bulkhead_->image());
  EXPECT_TRUE(next.acquire(now_));
  EXPECT_FALSE(next.acquire(now_));
  EXPECT_TRUE(next.release(permit, now_));
  EXPECT_TRUE(next.acquire(now_));
}

}  // namespace
}  // namespace revenge::resilience
