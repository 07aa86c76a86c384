#include "policy/adaptive_limiter.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "seconds.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;

class AdaptiveLimiterTest : public ::testing::Test {
 protected:
  static AdaptiveLimiterSettings settings() {
    AdaptiveLimiterSettings settings;
    settings.limit.algorithm = AdaptiveAlgorithm::kAimd;
    settings.limit.initial = 10;
    settings.limit.least = 1;
    settings.limit.most = 20;
    return settings;
  }

  std::size_t admitted(std::size_t attempts, Priority priority = Priority::kPlayback) {
    std::size_t admitted = 0;
    for (std::size_t i = 0; i < attempts; ++i) {
      const auto permit = limiter_.acquire(now_, priority);
      if (!permit) continue;
      running_.push_back(*permit);
      ++admitted;
    }
    return admitted;
  }
  void settleAll(Verdict verdict, Duration took) {
    now_ = now_ + took;
    for (const AdaptivePermit& permit : running_) limiter_.settle(permit, verdict, now_);
    running_.clear();
  }
  // One window of full load.
  void window(Verdict verdict, Duration took = milliseconds(100)) {
    now_ = now_ + milliseconds(1001);
    for (int i = 0; i < 3; ++i) {
      admitted(20);
      settleAll(verdict, took);
    }
  }

  Moment now_ = at(1);
  AdaptiveLimiter limiter_{"api", settings()};
  std::vector<AdaptivePermit> running_;
};

TEST_F(AdaptiveLimiterTest, AdmitsUpToTheLimit) {
  EXPECT_EQ(admitted(12), 10U);
  const Rejection rejection = limiter_.acquire(now_).error();
  EXPECT_EQ(rejection.kind, RejectionKind::kOverloaded);
  EXPECT_EQ(rejection.policy, "api");
  settleAll(Verdict::kSuccess, milliseconds(1));
  EXPECT_EQ(limiter_.running(), 0);
}

TEST_F(AdaptiveLimiterTest, LowerClassesGetAShare) {
  EXPECT_EQ(admitted(20, Priority::kBackground), 6U);
  EXPECT_EQ(admitted(20, Priority::kBrowsing), 3U);
  EXPECT_EQ(admitted(20, Priority::kPlayback), 1U);
  EXPECT_EQ(limiter_.report().rejected[indexOf(Priority::kBackground)], 14U);
}

TEST_F(AdaptiveLimiterTest, AloneEveryClassGetsThrough) {
  AdaptiveLimiterSettings narrow = settings();
  narrow.limit.initial = 1;
  AdaptiveLimiter limiter("api", narrow);
  EXPECT_TRUE(limiter.acquire(now_, Priority::kBackground));
}

TEST_F(AdaptiveLimiterTest, GrowsOnceAWindowWhenItIsUsed) {
  window(Verdict::kSuccess);
  const std::int64_t first = limiter_.limit();
  window(Verdict::kSuccess);
  window(Verdict::kSuccess);
  EXPECT_EQ(limiter_.limit(), first + 2);
}

TEST_F(AdaptiveLimiterTest, DropsShrinkIt) {
  window(Verdict::kSuccess);
  std::vector<std::int64_t> heard;
  const auto listening =
      limiter_.notices().listen([&](const LimitChanged& changed) { heard.push_back(changed.to); });
  window(Verdict::kFailure);
  window(Verdict::kFailure);
  EXPECT_LT(limiter_.limit(), 10);
  ASSERT_FALSE(heard.empty());
  EXPECT_EQ(heard.back(), limiter_.limit());
}

TEST_F(AdaptiveLimiterTest, IgnoredCallsTeachNothing) {
  for (int i = 0; i < 10; ++i) window(Verdict::kIgnored);
  EXPECT_EQ(limiter_.limit(), 10);
  EXPECT_EQ(limiter_.running(), 0);
}

TEST_F(AdaptiveLimiterTest, WhatIsAnsweredFromACacheTeachesNothing) {
  for (int i = 0; i < 10; ++i) window(Verdict::kSuccess, std::chrono::microseconds(99));
  EXPECT_EQ(limiter_.limit(), 10);
}

TEST_F(AdaptiveLimiterTest, AStraySettleIsRefused) {
  limiter_.settle({now_, 1}, Verdict::kSuccess, now_);
  EXPECT_EQ(limiter_.running(), 0);
  EXPECT_EQ(limiter_.report().stray_releases, 1U);
}

TEST_F(AdaptiveLimiterTest, Modes) {
  limiter_.setMode(Mode::kDryRun, "trying");
  EXPECT_EQ(admitted(12), 12U);
  EXPECT_EQ(limiter_.report().would_reject, 2U);
  limiter_.setMode(Mode::kIsolated, "broken");
  EXPECT_EQ(limiter_.acquire(now_).error().kind, RejectionKind::kIsolated);
  settleAll(Verdict::kSuccess, milliseconds(1));
  EXPECT_EQ(limiter_.running(), 0);
  limiter_.setMode(Mode::kDisabled, "");
  EXPECT_EQ(admitted(100), 100U);
  EXPECT_EQ(limiter_.running(), 0);
}

TEST_F(AdaptiveLimiterTest, TheNextVersionKnowsWhatWasLearned) {
  window(Verdict::kFailure);
  window(Verdict::kFailure);
  admitted(3);
  AdaptiveLimiter next("api", settings());
  next.restore(limiter_.image());
  EXPECT_EQ(next.limit(), limiter_.limit());
  EXPECT_EQ(next.running(), 3);
}

}  // namespace
}  // namespace revenge::resilience
