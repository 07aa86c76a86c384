// C18, C19, C21 of the cases: a bucket for each key.
#include "policy/keyed_limiter.hpp"

#include <map>
#include <random>
#include <string>

#include <gtest/gtest.h>

#include "seconds.hpp"
#include "seed.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

KeyedRateSettings keyed(std::int64_t permits = 100, std::int64_t burst = 200,
                        std::int64_t max_keys = 100'000) {
  KeyedRateSettings settings;
  settings.rate.permits = permits;
  settings.rate.burst = burst;
  settings.rate.max_wait = seconds(60);
  settings.max_keys = max_keys;
  return settings;
}

class KeyedLimiterTest : public ::testing::Test {
 protected:
  static std::int64_t allowed(KeyedLimiter& limiter, std::string_view key, Moment now, int attempts) {
    std::int64_t allowed = 0;
    for (int i = 0; i < attempts; ++i) allowed += limiter.allow(key, now) ? 1 : 0;
    return allowed;
  }
  std::int64_t allowed(std::string_view key, Moment now, int attempts) {
    return allowed(limiter_, key, now, attempts);
  }
  static void sweepAll(KeyedLimiter& limiter, Moment now) {
    for (int i = 0; i < 64; ++i) limiter.sweep(now);
  }

  KeyedLimiter limiter_{"users", keyed(), {1, 2}};
};

TEST_F(KeyedLimiterTest, C18_KeysAreIndependent) {
  EXPECT_EQ(allowed("a", at(0), 250), 200);
  EXPECT_EQ(allowed("b", at(0), 250), 200);
  EXPECT_EQ(limiter_.allow("a", at(0)).error().retry_after, milliseconds(10));
}

TEST_F(KeyedLimiterTest, C19_OnlyFullBucketsAreSwept) {
  allowed("a", at(0), 200);
  sweepAll(limiter_, at(1));
  EXPECT_EQ(limiter_.report().keys, 1);
  EXPECT_EQ(allowed("a", at(1), 250), 100);
  sweepAll(limiter_, at(2.9));
  EXPECT_EQ(limiter_.report().keys, 1);
  sweepAll(limiter_, at(3));
  EXPECT_EQ(limiter_.report().keys, 0);
  EXPECT_EQ(allowed("a", at(3), 250), 200);
}

TEST_F(KeyedLimiterTest, C19_DecisionsAreTheSameWithAndWithoutSweeping) {
  std::mt19937_64 random(testSeed());
  KeyedLimiter swept("users", keyed(10, 5), {1, 2});
  KeyedLimiter kept("users", keyed(10, 5), {3, 4});
  Moment now = at(0);
  for (int i = 0; i < 300'000; ++i) {
    now = now + Duration(static_cast<std::int64_t>(random() % 2'000'000));
    const std::string key = "user-" + std::to_string(random() % 300);
    const auto permits = static_cast<std::int64_t>(1 + random() % 5);
    swept.sweep(now);
    const auto one = swept.allow(key, now, permits);
    const auto other = kept.allow(key, now, permits);
    ASSERT_EQ(one.has_value(), other.has_value()) << i;
    const Duration told = one ? one->spent : one.error().retry_after;
    ASSERT_EQ(told, other ? other->spent : other.error().retry_after);
  }
  EXPECT_GT(swept.report().evicted, 1000U);
}

TEST_F(KeyedLimiterTest, C19_EveryKeyIsABucketOfItsOwn) {
  std::mt19937_64 random(testSeed());
  const BucketRate rate = keyed(10, 5).rate.bucket();
  KeyedLimiter limiter("users", keyed(10, 5), HashSeed::random());
  std::map<std::string, std::int64_t> model;
  Moment now = at(0);
  for (int i = 0; i < 300'000; ++i) {
    now = now + Duration(static_cast<std::int64_t>(random() % 200'000));
    if (random() % 16 == 0) limiter.sweep(now);
    const std::string key = std::to_string(random() % 5000);
    const auto permits = static_cast<std::int64_t>(1 + random() % 5);
    const BucketTaken expected = takeFrom(model[key], rate, permits, now);
    if (expected.taken) model[key] = expected.arrival;
    ASSERT_EQ(limiter.allow(key, now, permits).has_value(), expected.taken) << i;
    ASSERT_EQ(limiter.level(key, now).full_in, spentOf(model[key], now)) << i;
  }
}

TEST_F(KeyedLimiterTest, BeyondTheMostKeysTheRestShareABucket) {
  KeyedLimiter limiter("users", keyed(100, 200, 10), {1, 2});
  for (int i = 0; i < 10; ++i) allowed(limiter, std::to_string(i), at(0), 1);
  EXPECT_EQ(allowed(limiter, "x", at(0), 150), 150);
  EXPECT_EQ(allowed(limiter, "y", at(0), 150), 50);
  EXPECT_EQ(limiter.report().keys, 10);
  EXPECT_EQ(limiter.report().overflowed, 300U);
  EXPECT_EQ(allowed(limiter, "3", at(0), 250), 199);
}

TEST_F(KeyedLimiterTest, FullBucketsMakeRoomForNewKeys) {
  KeyedLimiter limiter("users", keyed(100, 200, 1000), {1, 2});
  for (int i = 0; i < 1000; ++i) allowed(limiter, std::to_string(i), at(0), 1);
  sweepAll(limiter, at(1));
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(allowed(limiter, "n" + std::to_string(i), at(1), 250), 200);
  EXPECT_EQ(limiter.report().overflowed, 0U);
}

TEST_F(KeyedLimiterTest, AHundredThousandKeysFitTwelveMebibytes) {
  for (int i = 0; i < 100'000; ++i) ASSERT_TRUE(limiter_.allow("10.1." + std::to_string(i), at(0)));
  EXPECT_EQ(limiter_.report().keys, 100'000);
  EXPECT_EQ(limiter_.report().overflowed, 0U);
  EXPECT_LE(limiter_.report().bytes, std::size_t{12} * 1024 * 1024);
  sweepAll(limiter_, at(1));
  EXPECT_EQ(limiter_.report().keys, 0);
}

TEST_F(KeyedLimiterTest, C5_MoreThanTheBurstLeavesNoTrace) {
  EXPECT_EQ(limiter_.allow("a", at(0), 201).error().kind, RejectionKind::kInvalidArgument);
  EXPECT_EQ(limiter_.allow("a", at(0), 0).error().kind, RejectionKind::kInvalidArgument);
  EXPECT_EQ(limiter_.report().keys, 0);
}

TEST_F(KeyedLimiterTest, C6_ACancelledReservationGivesItsPermitBack) {
  allowed("a", at(0), 200);
  const auto grant = limiter_.reserve("a", at(0), seconds(1));
  EXPECT_EQ(grant->wait, milliseconds(10));
  limiter_.cancel(*grant);
  EXPECT_EQ(limiter_.reserve("a", at(0), seconds(1))->wait, milliseconds(10));
}

TEST_F(KeyedLimiterTest, C21_ANewRateAppliesToEveryKeyAtOnce) {
  allowed("a", at(0), 150);
  limiter_.reconfigure(keyed(10, 200), at(0));
  EXPECT_EQ(allowed("a", at(0), 100), 50);
  EXPECT_EQ(limiter_.allow("a", at(0)).error().retry_after, milliseconds(100));
  EXPECT_EQ(allowed("b", at(0), 250), 200);
}

TEST_F(KeyedLimiterTest, TheLevelAfterAGrantNeedsNoLook) {
  const auto grant = limiter_.allow("a", at(0), 50);
  const RateLevel level = limiter_.levelOf(*grant);
  EXPECT_EQ(level.limit, 200);
  EXPECT_EQ(level.remaining, 150);
  EXPECT_EQ(level.full_in, milliseconds(500));
  EXPECT_EQ(limiter_.level("a", at(0)).remaining, 150);
  EXPECT_EQ(limiter_.level("nobody", at(0)).remaining, 200);
}

TEST_F(KeyedLimiterTest, TheNextVersionGoesOnWithEveryKey) {
  allowed("a", at(0), 150);
  allowed("b", at(0), 200);
  KeyedLimiter next("users", keyed(), {7, 8});
  next.restore(limiter_.image(at(0)), at(0));
  EXPECT_EQ(allowed(next, "a", at(0), 250), 50);
  EXPECT_EQ(allowed(next, "b", at(0), 250), 0);
  EXPECT_EQ(allowed(next, "c", at(0), 250), 200);
}

TEST_F(KeyedLimiterTest, Modes) {
  limiter_.setMode(Mode::kDryRun, "trying");
  EXPECT_EQ(allowed("a", at(0), 210), 210);
  EXPECT_EQ(limiter_.report().would_reject, 10U);
  limiter_.setMode(Mode::kIsolated, "");
  EXPECT_EQ(limiter_.allow("a", at(0)).error().kind, RejectionKind::kIsolated);
  limiter_.setMode(Mode::kDisabled, "");
  EXPECT_EQ(allowed("a", at(0), 500), 500);
}

}  // namespace
}  // namespace revenge::resilience
