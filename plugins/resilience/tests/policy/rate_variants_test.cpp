// A level that hosts share, and fixed windows.
#include <gtest/gtest.h>

#include "policy/rate_limiter.hpp"
#include "rates.hpp"
#include "seconds.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

class SharedBucket final : public SharedLevel {
 public:
  std::optional<BucketTaken> take(std::string_view, const BucketRate& rate, std::int64_t permits, Moment now,
                                  Duration most_wait) noexcept override {
    if (!reachable) return std::nullopt;
    const BucketTaken taken = takeFrom(level, rate, permits, now, most_wait);
    if (taken.taken) level = taken.arrival;
    return taken;
  }
  void giveBack(std::string_view, const BucketRate& rate, std::int64_t permits) noexcept override {
    level = giveBackTo(level, rate, permits);
  }

  std::int64_t level = 0;
  bool reachable = true;
};

TEST(RateLimiter, HostsMayShareALevel) {
  SharedBucket shared;
  RateLimiter one("api", seedRate(), &shared);
  RateLimiter other("api", seedRate(), &shared);
  EXPECT_EQ(allowed(one, at(1), 120), 120);
  EXPECT_EQ(allowed(other, at(1), 120), 80);
  const auto grant = one.reserve(at(1), seconds(1));
  one.cancel(*grant);
  EXPECT_EQ(other.reserve(at(1), seconds(1))->wait, milliseconds(10));
  shared.reachable = false;
  EXPECT_EQ(allowed(other, at(1), 250), 200);
}

class FixedWindows : public ::testing::Test {
 protected:
  static RateSettings settings(std::int64_t permits, Duration per) {
    RateSettings settings;
    settings.algorithm = RateAlgorithm::kFixedWindow;
    settings.permits = permits;
    settings.per = per;
    settings.max_wait = hours(1);
    return settings;
  }

  RateLimiter limiter_{"api", settings(100, milliseconds(100))};
};

TEST_F(FixedWindows, LetTwiceAsManyThroughAroundTheirBorder) {
  EXPECT_EQ(allowed(limiter_, atMs(98), 150), 100);
  EXPECT_EQ(limiter_.allow(atMs(98)).error().retry_after, milliseconds(2));
  EXPECT_EQ(allowed(limiter_, atMs(100), 150), 100);
}

TEST_F(FixedWindows, ReservationsFillTheNextOnes) {
  EXPECT_EQ(allowed(limiter_, atMs(50), 100), 100);
  EXPECT_EQ(limiter_.reserve(atMs(50), seconds(1), 60)->wait, milliseconds(50));
  const auto second = limiter_.reserve(atMs(50), seconds(1), 60);
  EXPECT_EQ(second->wait, milliseconds(150));
  EXPECT_EQ(limiter_.level(atMs(50)).remaining, 0);
  limiter_.cancel(*second);
  EXPECT_EQ(limiter_.reserve(atMs(50), seconds(1), 100)->wait, milliseconds(150));
}

TEST_F(FixedWindows, ACancelGivesBackItsOwnPermitsOnly) {
  const auto grant = limiter_.reserve(atMs(50), {}, 30);
  EXPECT_TRUE(limiter_.allow(atMs(50), 40));
  limiter_.cancel(*grant);
  EXPECT_EQ(limiter_.level(atMs(50)).remaining, 60);
  EXPECT_TRUE(limiter_.allow(atMs(100), 40));
  limiter_.cancel(*grant);  // of a period that is over
  EXPECT_EQ(limiter_.level(atMs(100)).remaining, 60);
}

TEST_F(FixedWindows, ANewLimitGivesNothing) {
  EXPECT_EQ(allowed(limiter_, atMs(50), 90), 90);
  limiter_.reconfigure(settings(200, milliseconds(100)), atMs(50));
  EXPECT_EQ(allowed(limiter_, atMs(50), 100), 10);
  EXPECT_EQ(allowed(limiter_, atMs(100), 300), 200);
  limiter_.reconfigure(seedRate(), atMs(100));
  EXPECT_EQ(allowed(limiter_, atMs(100), 10), 0);
}

}  // namespace
}  // namespace revenge::resilience
