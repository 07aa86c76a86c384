// What another thread does between two looks of a policy, forced: it is done on this thread, at the moment at which the policy
// takes its lock. The linker leads every pthread_mutex_lock of this program here (CMakeLists.txt).
#include <functional>
#include <utility>

#include <gtest/gtest.h>
#include <pthread.h>

#include "bulkhead_fixture.hpp"
#include "policy/breaker.hpp"

namespace {

std::function<void()> at_next_lock;

}  // namespace

extern "C" {
// The names are the linker's.
int __real_pthread_mutex_lock(pthread_mutex_t* mutex);   // NOLINT
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex);   // NOLINT
int __wrap_pthread_mutex_lock(pthread_mutex_t* mutex) {  // NOLINT
  if (at_next_lock) std::exchange(at_next_lock, nullptr)();
  return __real_pthread_mutex_lock(mutex);
}
}

namespace revenge::resilience {
namespace {

using BulkheadInterleaving = BulkheadTest;

TEST_F(BulkheadInterleaving, ASlotThatComesBackBeforeACallIsQueuedIsTaken) {
  Bulkhead& bulkhead = make(slots(1, 5));
  const BulkheadPermit first = hold();
  at_next_lock = [&] { EXPECT_TRUE(bulkhead.release(first, now_)); };
  wait();
  EXPECT_FALSE(at_next_lock) << "no lock was taken";
  ASSERT_TRUE(answer_);
  EXPECT_FALSE(answer_->queued);
  EXPECT_EQ(bulkhead.queued(), 0);
  EXPECT_EQ(bulkhead.running(), 1);
  EXPECT_TRUE(bulkhead.release(answer_->permit, now_));
}

TEST(BreakerInterleaving, AFailureThatIsLateByTheTimeItWouldOpenChangesNothing) {
  BreakerSettings settings;
  settings.failures = 1;
  Breaker breaker("upstream", settings, 1, at(0));
  const BreakerPermit permit = *breaker.acquire(at(0));
  at_next_lock = [&] { breaker.reset(at(1)); };
  breaker.settle(permit, Verdict::kFailure, at(1));
  EXPECT_FALSE(at_next_lock) << "no lock was taken";
  EXPECT_EQ(breaker.state(), BreakerState::kClosed);
  EXPECT_EQ(breaker.report(at(1)).late_results, 1U);
}

}  // namespace
}  // namespace revenge::resilience
