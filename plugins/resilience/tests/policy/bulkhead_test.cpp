// B2 to B13 of the cases.
#include "policy/bulkhead.hpp"

#include <stdexcept>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bulkhead_fixture.hpp"
#include "policy/held.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

TEST_F(BulkheadTest, B1_AdmitsUpToItsSlots) {
  make(slots(2, 0));
  hold();
  const BulkheadPermit permit = hold();
  EXPECT_EQ(bulkhead_->acquire(now_).error().kind, RejectionKind::kBulkheadFull);
  EXPECT_TRUE(bulkhead_->release(permit, now_));
  EXPECT_TRUE(bulkhead_->acquire(now_));
}

TEST_F(BulkheadTest, B2_AFreeSlotWinsOverAnExpiredTimer) {
  make(slots(1, 1, Duration(1)));
  EXPECT_FALSE(bulkhead_->acquire(now_, nullptr, Priority::kBrowsing, now_ - milliseconds(5))->queued);
  EXPECT_EQ(bulkhead_->running(), 1);
}

TEST_F(BulkheadTest, B3_AWaiterGetsTheSlotThatBecomesFree) {
  make(slots(1, 1, milliseconds(100)));
  const BulkheadPermit permit = hold();
  WaitingCall& waiting = wait();
  EXPECT_TRUE(isQueued());
  EXPECT_EQ(answer_->give_up_at, now_ + milliseconds(100));
  EXPECT_FALSE(waiting.isAnswered());
  bulkhead_->release(permit, now_ + milliseconds(50));
  ASSERT_TRUE(waiting.isAdmitted());
  EXPECT_EQ(waiting.answer()->value().started_at, now_ + milliseconds(50));
  EXPECT_EQ(bulkhead_->running(), 1);
  EXPECT_EQ(bulkhead_->report().wait_total, milliseconds(50));
}

TEST_F(BulkheadTest, B3_AtTheLastMomentItStillGetsIt) {
  make(slots(1, 2, milliseconds(100)));
  const BulkheadPermit permit = hold();
  WaitingCall& waiting = wait();
  bulkhead_->release(permit, now_ + milliseconds(100));
  EXPECT_TRUE(waiting.isAdmitted());
}

TEST_F(BulkheadTest, B3_WhoseTimeHasPassedIsRefusedInstead) {
  make(slots(1, 2, milliseconds(100)));
  const BulkheadPermit permit = hold();
  WaitingCall& late = wait();
  now_ = now_ + milliseconds(50);
  WaitingCall& next = wait();
  bulkhead_->release(permit, now_ + milliseconds(51));
  EXPECT_EQ(late.answer()->error().full, FullReason::kWaitTimeout);
  EXPECT_TRUE(next.isAdmitted());
}

TEST_F(BulkheadTest, B4_ATimerEndsTheWait) {
  make(slots(1, 1, milliseconds(100)));
  hold();
  WaitingCall& waiting = wait();
  EXPECT_FALSE(bulkhead_->expire(waiting.waiter(), now_ + milliseconds(99)));
  EXPECT_TRUE(bulkhead_->expire(waiting.waiter(), now_ + milliseconds(100)));
  EXPECT_EQ(waiting.answer()->error().full, FullReason::kWaitTimeout);
  EXPECT_EQ(bulkhead_->queued(), 0);
  EXPECT_FALSE(bulkhead_->expire(waiting.waiter(), now_ + milliseconds(101)));
}

TEST_F(BulkheadTest, B5_ACancelledWaiterLeavesNothing) {
  make(slots(1, 1));
  const BulkheadPermit permit = hold();
  WaitingCall& waiting = wait();
  EXPECT_TRUE(bulkhead_->cancel(waiting.waiter()));
  EXPECT_FALSE(bulkhead_->cancel(waiting.waiter()));
  EXPECT_EQ(bulkhead_->running(), 1);
  EXPECT_EQ(bulkhead_->queued(), 0);
  bulkhead_->release(permit, now_);
  EXPECT_FALSE(waiting.isAnswered());
  EXPECT_EQ(bulkhead_->running(), 0);
}

TEST_F(BulkheadTest, B5_ACancelAfterTheGrantIsTooLate) {
  make(slots(1, 1));
  const BulkheadPermit permit = hold();
  WaitingCall& waiting = wait();
  bulkhead_->release(permit, now_);
  EXPECT_FALSE(bulkhead_->cancel(waiting.waiter()));
  EXPECT_TRUE(waiting.isAdmitted());
  EXPECT_EQ(bulkhead_->running(), 1);
}

TEST_F(BulkheadTest, B6_AFullQueueRefusesAtOnce) {
  make(slots(1, 2));
  hold();
  wait();
  wait();
  EXPECT_TRUE(isQueued());
  wait();
  ASSERT_FALSE(answer_);
  EXPECT_EQ(reason(), FullReason::kQueueFull);
  EXPECT_EQ(bulkhead_->queued(), 2);
}

TEST_F(BulkheadTest, B6_WhoMustNotWaitIsRefusedAtOnce) {
  make(slots(1, 2));
  hold();
  EXPECT_EQ(bulkhead_->acquire(now_).error().full, FullReason::kWaitTimeout);
  wait(Priority::kPlayback, now_);
  EXPECT_EQ(reason(), FullReason::kDeadline);
  wait(Priority::kPlayback, now_ + Duration(1));
  EXPECT_TRUE(isQueued());
}

TEST_F(BulkheadTest, B6_TheDeadlineBoundsTheWait) {
  make(slots(1, 2));
  hold();
  WaitingCall& waiting = wait(Priority::kBrowsing, now_ + milliseconds(10));
  EXPECT_EQ(answer_->give_up_at, now_ + milliseconds(10));
  EXPECT_TRUE(bulkhead_->expire(waiting.waiter(), now_ + milliseconds(10)));
  EXPECT_EQ(waiting.answer()->error().full, FullReason::kDeadline);
}

TEST_F(BulkheadTest, B7_FirstComeFirstServed) {
  make(slots(1, 3));
  hold();
  for (int i = 0; i < 3; ++i) wait();
  for (int i = 0; i < 3; ++i) bulkhead_->release({now_, true}, now_);
  EXPECT_THAT(order_, ElementsAre(1, 2, 3));
}

TEST_F(BulkheadTest, B7_TheNewestFirstByOption) {
  make(slots(1, 3, std::chrono::seconds(5), QueueOrder::kLifo));
  hold();
  for (int i = 0; i < 3; ++i) wait();
  for (int i = 0; i < 3; ++i) bulkhead_->release({now_, true}, now_);
  EXPECT_THAT(order_, ElementsAre(3, 2, 1));
}

TEST_F(BulkheadTest, B7_HigherClassesFirstByOption) {
  make(slots(1, 5, std::chrono::seconds(5), QueueOrder::kByPriority));
  hold();
  for (const Priority priority : {Priority::kBackground, Priority::kBrowsing, Priority::kPlayback,
                                  Priority::kBrowsing, Priority::kPlayback}) {
    wait(priority);
  }
  for (int i = 0; i < 5; ++i) bulkhead_->release({now_, true}, now_);
  EXPECT_THAT(order_, ElementsAre(3, 5, 2, 4, 1));
}

TEST_F(BulkheadTest, B7_AFullQueueDropsItsNewestOfTheLowestClass) {
  make(slots(1, 3, std::chrono::seconds(5), QueueOrder::kByPriority));
  hold();
  wait(Priority::kBackground);
  WaitingCall& dropped = wait(Priority::kBackground);
  wait(Priority::kBrowsing);
  wait(Priority::kPlayback);
  EXPECT_TRUE(isQueued());
  EXPECT_EQ(dropped.answer()->error().full, FullReason::kQueueFull);
  EXPECT_EQ(bulkhead_->queued(), 3);
  wait(Priority::kBackground);
  EXPECT_EQ(reason(), FullReason::kQueueFull);
}

TEST_F(BulkheadTest, B8_AThrowingCallFreesItsSlot) {
  make(slots(1, 0));
  const auto call = [&] {
    const Held<Bulkhead, BulkheadPermit> held(*bulkhead_, bulkhead_->acquire(now_).value().permit);
    throw std::runtime_error("no such file");
  };
  EXPECT_THROW(call(), std::runtime_error);
  EXPECT_EQ(bulkhead_->running(), 0);
  EXPECT_TRUE(bulkhead_->acquire(now_));
}

TEST_F(BulkheadTest, B11_AReleaseWithoutASlotIsRefused) {
  make(slots(1, 0));
  EXPECT_FALSE(bulkhead_->release({now_, true}, now_));
  EXPECT_EQ(bulkhead_->running(), 0);
  const BulkheadPermit permit = hold();
  EXPECT_TRUE(bulkhead_->release(permit, now_));
  EXPECT_FALSE(bulkhead_->release(permit, now_));
  EXPECT_EQ(bulkhead_->report().stray_releases, 2U);
}

TEST_F(BulkheadTest, B13_TheSlotStaysTakenUntilTheBodyEnds) {
  make(slots(1, 0));
  Held<Bulkhead, BulkheadPermit> body(*bulkhead_, hold());
  now_ = now_ + std::chrono::hours(1);
  EXPECT_FALSE(bulkhead_->acquire(now_));
  body.settle(Verdict::kIgnored, now_);
  EXPECT_TRUE(bulkhead_->acquire(now_));
}

TEST_F(BulkheadTest, AWokenCallMayUseTheBulkhead) {
  make(slots(1, 3));
  struct Chain {
    Bulkhead* bulkhead;
    int served = 0;
    Moment now;
  };
  Chain chain{&*bulkhead_, 0, now_};
  const BulkheadWoken run = [](BulkheadWaiter& waiter,
                               const std::expected<BulkheadPermit, Rejection>& answer) noexcept {
    auto& served = *static_cast<Chain*>(waiter.owner());
    ++served.served;
    served.bulkhead->release(*answer, served.now);
  };
  BulkheadWaiter first(run, &chain);
  BulkheadWaiter second(run, &chain);
  const BulkheadPermit permit = hold();
  ASSERT_TRUE(bulkhead_->acquire(now_, &first)->queued);
  ASSERT_TRUE(bulkhead_->acquire(now_, &second)->queued);
  bulkhead_->release(permit, now_);
  EXPECT_EQ(chain.served, 2);
  EXPECT_EQ(bulkhead_->running(), 0);
}

}  // namespace
}  // namespace revenge::resilience
