// C2 to C21 of the cases for one bucket.
#include "policy/rate_limiter.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rates.hpp"
#include "seconds.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

std::int64_t left(const RateLimiter& limiter, Moment now) { return limiter.level(now).remaining; }

// The wait of the last of single reservations; -1: refused.
std::int64_t waitMs(RateLimiter& limiter, Moment now, int permits, std::int64_t each = 1) {
  Duration wait = Duration(-1);
  for (int i = 0; i < permits; ++i) {
    const auto grant = limiter.reserve(now, hours(24), each);
    if (!grant) return -1;
    wait = grant->wait;
  }
  return std::chrono::duration_cast<milliseconds>(wait).count();
}

TEST(RateLimiter, C1_AFullBucketGivesItsBurst) {
  RateLimiter limiter("api", seedRate());
  EXPECT_EQ(left(limiter, at(0)), 200);
  EXPECT_EQ(allowed(limiter, at(0), 200), 200);
  EXPECT_EQ(left(limiter, at(0)), 0);
}

TEST(RateLimiter, C2_ThenOneMoreIsToldWhen) {
  RateLimiter limiter("api", seedRate());
  allowed(limiter, at(0), 200);
  const Rejection rejection = limiter.allow(at(0)).error();
  EXPECT_EQ(rejection.kind, RejectionKind::kRateLimited);
  EXPECT_EQ(rejection.retry_after, milliseconds(10));
  EXPECT_EQ(rejection.policy, "api");
}

TEST(RateLimiter, C3_OneComesBackEachInterval) {
  RateLimiter limiter("api", seedRate());
  allowed(limiter, at(0), 200);
  EXPECT_FALSE(limiter.allow(atMs(10) - Duration(1)));
  EXPECT_TRUE(limiter.allow(atMs(10)));
  EXPECT_FALSE(limiter.allow(atMs(10)));
}

TEST(RateLimiter, C5_MoreThanTheBurstCanNeverPass) {
  RateLimiter limiter("api", seedRate());
  EXPECT_EQ(limiter.allow(at(0), 201).error().kind, RejectionKind::kInvalidArgument);
  EXPECT_EQ(limiter.reserve(at(0), hours(1), 201).error().kind, RejectionKind::kInvalidArgument);
  EXPECT_EQ(limiter.allow(at(0), 0).error().kind, RejectionKind::kInvalidArgument);
  EXPECT_EQ(limiter.allow(at(0), -5).error().kind, RejectionKind::kInvalidArgument);
  EXPECT_EQ(left(limiter, at(0)), 200);
  EXPECT_TRUE(limiter.allow(at(0), 200));
}

TEST(RateLimiter, C6_ACancelledReservationGivesItsPermitBack) {
  RateLimiter limiter("api", seedRate());
  allowed(limiter, at(0), 200);
  const auto first = limiter.reserve(at(0), seconds(1));
  EXPECT_EQ(first->wait, milliseconds(10));
  limiter.cancel(*first);
  EXPECT_EQ(limiter.reserve(at(0), seconds(1))->wait, milliseconds(10));
  EXPECT_EQ(limiter.reserve(at(0), seconds(1))->wait, milliseconds(20));
}

TEST(RateLimiter, C11_AHopelessWaitIsRefusedAtOnce) {
  RateLimiter limiter("api", rate(1, hours(1), 1));
  EXPECT_TRUE(limiter.allow(at(0)));
  const Rejection rejection = limiter.reserve(at(0), milliseconds(300)).error();
  EXPECT_EQ(rejection.retry_after, hours(1));
  EXPECT_EQ(limiter.reserve(at(0), hours(1))->wait, hours(1));
}

TEST(RateLimiter, C11_TheSettingsBoundEveryWait) {
  RateSettings settings = seedRate();
  settings.max_wait = milliseconds(15);
  RateLimiter limiter("api", settings);
  allowed(limiter, at(0), 200);
  EXPECT_TRUE(limiter.reserve(at(0), hours(1)));
  EXPECT_FALSE(limiter.reserve(at(0), hours(1)));
}

TEST(RateLimiter, C12_TakesWhatIsThere) {
  RateLimiter limiter("api", rate(10, seconds(1), 10));
  EXPECT_TRUE(limiter.allow(at(1), 9));
  EXPECT_FALSE(limiter.allow(at(1), 5));
  EXPECT_EQ(left(limiter, at(1)), 1);
  EXPECT_EQ(limiter.allowUpTo(at(1), 5), 1);
  EXPECT_EQ(limiter.allowUpTo(at(1), 5), 0);
}

TEST(RateLimiter, C12_GivingBackNeverOverfills) {
  RateLimiter limiter("api", rate(10, seconds(1), 10));
  EXPECT_TRUE(limiter.allow(at(5), 10));
  limiter.cancel({50, {}, 0, false});
  EXPECT_EQ(left(limiter, at(5)), 10);
  EXPECT_EQ(allowed(limiter, at(5), 50), 10);
}

TEST(RateLimiter, C12_BorrowingAddsUp) {
  RateLimiter limiter("api", rate(10, seconds(1), 10));
  EXPECT_TRUE(limiter.allow(at(1), 10));
  for (int i = 1; i <= 10; ++i) EXPECT_EQ(waitMs(limiter, at(1), 1, 10), i * 1000);
  EXPECT_FALSE(limiter.allow(at(11)));
}

TEST(RateLimiter, C14_TheRateIsMetOverALongTime) {
  struct Row {
    std::int64_t permits, consume;
  };
  for (const Row& row : {Row{100, 1}, Row{1000, 1}, Row{10'000, 1}, Row{10'000, 5}}) {
    const std::int64_t burst = std::max(row.consume, row.permits / 100);
    RateLimiter limiter("api", rate(row.permits, seconds(1), burst));
    limiter.allowUpTo(at(0), burst);  // folly's bucket begins empty
    std::int64_t taken = 0;
    for (std::int64_t ms = 1; ms <= 10'000; ++ms) {
      while (limiter.allow(atMs(ms), row.consume)) taken += row.consume;
      const double due = static_cast<double>(row.permits * ms) / 1000.0;
      ASSERT_LE(static_cast<double>(taken), due + 1e-6) << row.permits << " at " << ms;
      ASSERT_GE(static_cast<double>(taken), 0.9 * due - static_cast<double>(row.consume))
          << row.permits << " at " << ms;
    }
  }
}

TEST(RateLimiter, C15_TenAndOneASecond) {
  RateLimiter limiter("api", rate(1, seconds(1), 10));
  const auto takes = [&](Moment now, std::int64_t permits) {
    (void)limiter.allow(now, permits);
    return left(limiter, now);
  };
  EXPECT_THAT((std::vector{takes(at(0), 3), takes(at(0), 1), takes(at(0), 9), takes(at(0), 1)}),
              ElementsAre(7, 6, 6, 5));
  EXPECT_EQ(left(limiter, at(4)), 9);
  EXPECT_THAT((std::vector{takes(at(4), 1), takes(at(4), 8), takes(at(4), 42), takes(at(4), 1)}),
              ElementsAre(8, 0, 0, 0));
}

TEST(RateLimiter, C15_OneEveryTwoSeconds) {
  RateLimiter one("api", rate(1, seconds(2), 1));
  EXPECT_TRUE(one.allow(at(0)));
  EXPECT_FALSE(one.allow(at(1)));
  EXPECT_TRUE(one.allow(at(2)));
  RateLimiter two("api", rate(1, seconds(2), 2));
  EXPECT_EQ(allowed(two, at(0), 5), 2);
  EXPECT_EQ(allowed(two, at(100), 5), 2);
}

TEST(RateLimiter, C17_SmoothReservations) {
  RateLimiter limiter("api", rate(1, milliseconds(500), 1));
  const auto nextFree = [&](double now) {
    return std::chrono::duration_cast<milliseconds>(limiter.level(at(now)).full_in).count() +
           static_cast<std::int64_t>(now * 1000);
  };
  EXPECT_EQ(waitMs(limiter, at(0), 7), 3000);
  EXPECT_EQ(nextFree(0), 3500);
  EXPECT_EQ(waitMs(limiter, at(0.8), 3), 3700);
  EXPECT_EQ(nextFree(0.8), 5000);
  EXPECT_EQ(waitMs(limiter, at(2.3), 1), 2700);
  EXPECT_EQ(nextFree(2.3), 5500);
  EXPECT_EQ(waitMs(limiter, at(3.5), 3), 3000);
  EXPECT_EQ(nextFree(3.5), 7000);
}

TEST(RateLimiter, C17_SmoothReservationsOfAnotherInterval) {
  RateLimiter limiter("api", rate(1, milliseconds(200), 1));
  EXPECT_EQ(waitMs(limiter, at(0), 3), 400);
  EXPECT_EQ(waitMs(limiter, at(0.55), 2), 250);
  EXPECT_EQ(limiter.level(at(0.55)).full_in, milliseconds(450));
}

TEST(RateLimiter, C17_FromAnIdleBucketTheIntervalBeginsWithTheCall) {
  // The aligned intervals of the original give 900 and 200 ms here; a bucket counts from the call itself.
  RateLimiter limiter("api", rate(1, milliseconds(500), 1));
  EXPECT_EQ(waitMs(limiter, at(9.1), 3), 1000);
  EXPECT_EQ(waitMs(limiter, at(11), 1), 0);
}

TEST(RateLimiter, C21_ANewRateAppliesAtOnceAndGivesNothing) {
  RateLimiter limiter("api", seedRate());
  EXPECT_EQ(allowed(limiter, at(0), 150), 150);
  limiter.reconfigure(rate(10, seconds(1), 200), at(0));
  EXPECT_EQ(left(limiter, at(0)), 50);
  EXPECT_EQ(allowed(limiter, at(0), 100), 50);
  EXPECT_EQ(limiter.allow(at(0)).error().retry_after, milliseconds(100));
  limiter.reconfigure(rate(10, seconds(1), 1000), at(0));
  EXPECT_EQ(allowed(limiter, at(0), 100), 0);
  EXPECT_EQ(allowed(limiter, at(1), 100), 10);
}

TEST(RateLimiter, C21_ASmallerBurstKeepsWhatFits) {
  RateLimiter limiter("api", seedRate());
  limiter.reconfigure(rate(100, seconds(1), 20), at(0));
  EXPECT_EQ(allowed(limiter, at(0), 100), 20);
}

TEST(RateLimiter, C21_ChangingToAndFroWinsNothing) {
  RateLimiter limiter("api", seedRate());
  allowed(limiter, at(0), 200);
  std::int64_t won = 0;
  for (int i = 0; i < 1000; ++i) {
    limiter.reconfigure(rate(i % 2 == 0 ? 7 : 100, seconds(1), i % 3 == 0 ? 30 : 200), atMs(3));
    won += allowed(limiter, atMs(3), 10);
  }
  EXPECT_EQ(won, 0);
}

TEST(RateLimiter, C21_WhatIsOwedStaysOwed) {
  RateLimiter limiter("api", rate(10, seconds(1), 10));
  EXPECT_EQ(waitMs(limiter, at(0), 20), 1000);
  limiter.reconfigure(rate(1, seconds(1), 10), at(0));
  EXPECT_EQ(waitMs(limiter, at(0), 1), 11'000);
}

TEST(RateLimiter, ExtremeRatesDoNotOverflow) {
  RateLimiter fast("api", rate(1'000'000'000, seconds(1), 1'000'000));
  EXPECT_TRUE(fast.allow(at(1), 1'000'000));
  EXPECT_EQ(fast.allow(at(1)).error().retry_after, Duration(1));
  EXPECT_TRUE(fast.allow(at(1) + Duration(1)));
  RateLimiter slow("api", rate(1, hours(24), 26'000));
  const Moment late = Moment() + hours(24 * 365 * 100);
  EXPECT_TRUE(slow.allow(late, 26'000));
  EXPECT_EQ(slow.allow(late).error().retry_after, hours(24));
  RateSettings patient = rate(1, hours(24), 26'000);
  patient.max_wait = hours(24 * 366);
  slow.reconfigure(patient, late);
  int reserved = 0;
  while (slow.reserve(late, Duration::max())) ASSERT_LT(++reserved, 1000);
  EXPECT_EQ(reserved, 366);
}

TEST(RateLimiter, AtTheEndOfTimeNothingIsGivenAway) {
  RateLimiter limiter("api", seedRate());
  EXPECT_FALSE(limiter.allow(Moment::never()));
  EXPECT_EQ(takeFrom(0, {10, 5}, 5, Moment::never(), Duration::max()).taken, false);
}

TEST(RateLimiter, AClockThatGoesBackGivesNothing) {
  RateLimiter limiter("api", seedRate());
  allowed(limiter, at(1000), 200);
  EXPECT_EQ(allowed(limiter, at(1), 10), 0);
  EXPECT_EQ(allowed(limiter, at(1000.01), 10), 1);
}

TEST(RateLimiter, Modes) {
  RateLimiter limiter("api", seedRate());
  limiter.setMode(Mode::kDryRun, "trying");
  EXPECT_EQ(allowed(limiter, at(0), 210), 210);
  EXPECT_EQ(limiter.report(at(0)).would_reject, 10U);
  limiter.setMode(Mode::kForcedOpen, "");
  EXPECT_EQ(limiter.allow(at(0)).error().state, RejectingState::kForcedOpen);
  limiter.setMode(Mode::kIsolated, "");
  EXPECT_EQ(limiter.allow(at(0)).error().kind, RejectionKind::kIsolated);
  limiter.setMode(Mode::kDisabled, "");
  EXPECT_EQ(allowed(limiter, at(0), 500), 500);
}

TEST(RateLimiter, TheLevelForHeaders) {
  RateLimiter limiter("api", seedRate());
  allowed(limiter, at(0), 50);
  const RateLevel level = limiter.level(at(0));
  EXPECT_EQ(level.limit, 200);
  EXPECT_EQ(level.remaining, 150);
  EXPECT_EQ(level.full_in, milliseconds(500));
}

TEST(RateLimiter, TheNextVersionGoesOnWithTheLevel) {
  RateLimiter old("api", seedRate());
  allowed(old, at(0), 150);
  RateLimiter same("api", seedRate());
  same.restore(old.image(), at(0));
  EXPECT_EQ(left(same, at(0)), 50);
  RateLimiter slower("api", rate(10, seconds(1), 100));
  slower.restore(old.image(), at(0));
  EXPECT_EQ(left(slower, at(0)), 50);
}

}  // namespace
}  // namespace revenge::resilience
