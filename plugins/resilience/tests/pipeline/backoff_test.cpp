#include "pipeline/backoff.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr double kAlmostOne = 1 - 1e-9;

BackoffSettings with(BackoffKind kind, Jitter jitter, nanoseconds initial, nanoseconds max,
                     double factor = 0.1) {
  return {.kind = kind, .initial = initial, .max = max, .jitter = jitter, .jitter_factor = factor};
}

std::vector<long> milliseconds_of(const Backoff& backoff, int retries, double u = 0.5) {
  std::vector<long> all;
  for (int retry = 1; retry <= retries; ++retry)
    all.push_back(static_cast<long>(backoff.delay(static_cast<std::uint32_t>(retry), u) / milliseconds(1)));
  return all;
}

TEST(Backoff, D3_DoublesUpToTheCap) {
  const Backoff backoff(with(BackoffKind::kExponential, Jitter::kNone, milliseconds(100), seconds(10)));
  EXPECT_EQ(milliseconds_of(backoff, 9),
            (std::vector<long>{100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000}));
}

TEST(Backoff, D4_SymmetricJitterIsCappedAfterwards) {
  const Backoff backoff(BackoffSettings{});
  EXPECT_EQ(backoff.delay(1, 0), milliseconds(90));
  EXPECT_EQ(backoff.delay(1, 0.5), milliseconds(100));
  EXPECT_EQ(backoff.delay(1, 1), milliseconds(110));
  for (double u = 0; u <= 1; u += 1.0 / 64) {
    EXPECT_LE(backoff.delay(9, u), seconds(10));
    EXPECT_GE(backoff.delay(9, u), seconds(9)) << "those at the cap still spread";
  }
}

TEST(Backoff, D4_JitterDoesNotFeedTheBase) {
  const Backoff backoff(BackoffSettings{});
  EXPECT_EQ(backoff.delay(3, 0.5, backoff.delay(2, kAlmostOne)), milliseconds(400));
}

TEST(Backoff, D5_FixedAndLinearWithAQuarterOfJitter) {
  const Backoff fixed(with(BackoffKind::kFixed, Jitter::kSymmetric, seconds(1), hours(1), 0.25));
  EXPECT_EQ(fixed.delay(3, 0), milliseconds(750));
  EXPECT_EQ(fixed.delay(3, 0.4), milliseconds(950));
  EXPECT_EQ(fixed.delay(3, 0.6), milliseconds(1050));
  EXPECT_EQ(fixed.delay(3, 1), milliseconds(1250));
  const Backoff linear(with(BackoffKind::kLinear, Jitter::kSymmetric, seconds(1), hours(1), 0.25));
  EXPECT_EQ(linear.delay(3, 0), milliseconds(2250));
  EXPECT_EQ(linear.delay(3, 0.4), milliseconds(2850));
  EXPECT_EQ(linear.delay(3, 0.5), milliseconds(3000));
  EXPECT_EQ(linear.delay(3, 0.6), milliseconds(3150));
  EXPECT_EQ(linear.delay(3, 1), milliseconds(3750));
}

TEST(Backoff, D5_TheCapWinsOverALargerInitialDelay) {
  for (const BackoffKind kind : {BackoffKind::kFixed, BackoffKind::kLinear, BackoffKind::kExponential})
    for (const Jitter jitter : {Jitter::kNone, Jitter::kSymmetric})
      EXPECT_EQ(Backoff(with(kind, jitter, seconds(10), seconds(1))).delay(3, 0.5), seconds(1));
}

TEST(Backoff, D5_GrowsWithoutOverflow) {
  const Backoff endless(with(BackoffKind::kExponential, Jitter::kSymmetric, hours(24), nanoseconds::max()));
  EXPECT_EQ(endless.delay(1000, 0.5), nanoseconds::max());
  EXPECT_EQ(endless.delay(2000, kAlmostOne), nanoseconds::max());
  const Backoff bounded(with(BackoffKind::kExponential, Jitter::kNone, hours(24), hours(48)));
  EXPECT_EQ(bounded.delay(1000, 0.5), hours(48));
  for (std::uint32_t attempt = 1; attempt <= 2000; ++attempt)
    ASSERT_GT(endless.delay(attempt, 0), nanoseconds(0));
  EXPECT_EQ(endless.delay(std::numeric_limits<std::uint32_t>::max(), 0.5), nanoseconds::max());
}

TEST(Backoff, NoneIsAtOnceWhateverTheJitter) {
  EXPECT_EQ(Backoff(with(BackoffKind::kNone, Jitter::kDecorrelated, seconds(1), seconds(2))).delay(5, 0.9),
            nanoseconds(0));
}

TEST(Backoff, AnInitialDelayOfZeroStaysZero) {
  EXPECT_EQ(
      Backoff(with(BackoffKind::kExponential, Jitter::kFull, nanoseconds(0), seconds(2))).delay(2000, 0.9),
      nanoseconds(0));
}

TEST(Backoff, RandomLiesBetweenInitialAndMax) {
  const Backoff backoff(with(BackoffKind::kRandom, Jitter::kSymmetric, milliseconds(100), milliseconds(300)));
  EXPECT_EQ(backoff.delay(1, 0), milliseconds(100));
  EXPECT_EQ(backoff.delay(7, 0.5), milliseconds(200));
  EXPECT_LE(backoff.delay(7, kAlmostOne), milliseconds(300));
}

TEST(Backoff, FullJitterIsZeroToBaseAndEqualHalfToBase) {
  const Backoff full(with(BackoffKind::kFixed, Jitter::kFull, seconds(1), hours(1)));
  EXPECT_EQ(full.delay(1, 0), nanoseconds(0));
  EXPECT_EQ(full.delay(1, 0.25), milliseconds(250));
  const Backoff equal(with(BackoffKind::kFixed, Jitter::kEqual, seconds(1), hours(1)));
  EXPECT_EQ(equal.delay(1, 0), milliseconds(500));
  EXPECT_EQ(equal.delay(1, 0.5), milliseconds(750));
}

TEST(Backoff, DecorrelatedJitterReachesThreeTimesTheDelayBefore) {
  const Backoff backoff(
      with(BackoffKind::kExponential, Jitter::kDecorrelated, milliseconds(100), seconds(1)));
  EXPECT_EQ(backoff.delay(1, 0.9), milliseconds(100));
  EXPECT_EQ(backoff.delay(2, 0.5, milliseconds(100)), milliseconds(200));
  EXPECT_EQ(backoff.delay(3, 0, milliseconds(200)), milliseconds(100));
  EXPECT_EQ(backoff.delay(4, 1, milliseconds(800)), seconds(1));
}

TEST(Backoff, D12_AHintIsAFloorAndSpreadsUpwards) {
  const Backoff backoff(BackoffSettings{});
  EXPECT_EQ(backoff.delayWithHint(1, 0, {}, milliseconds(700)), milliseconds(700));
  EXPECT_EQ(backoff.delayWithHint(1, 0.5, {}, milliseconds(700)), milliseconds(735));
  EXPECT_EQ(backoff.delayWithHint(1, 0, {}, seconds(60)), seconds(60)) << "max is of our own delays";
  EXPECT_EQ(backoff.delayWithHint(9, 0.5, {}, milliseconds(1)), seconds(10));
  EXPECT_EQ(backoff.delayWithHint(1, 1, {}, nanoseconds::max()), nanoseconds::max());
}

TEST(Backoff, ASettingThatIsNoDelayIsRefusedByItsKey) {
  const double nan = std::nan("");
  const auto keyOf = [](const BackoffSettings& settings) {
    const auto found = problem(settings);
    return found ? found->key : std::string();
  };
  EXPECT_EQ(keyOf({}), "");
  EXPECT_EQ(keyOf({.initial = milliseconds(-1)}), "initial");
  EXPECT_EQ(keyOf({.max = milliseconds(-1)}), "max");
  EXPECT_EQ(keyOf({.multiplier = nan}), "multiplier");
  EXPECT_EQ(keyOf({.multiplier = 0.5}), "multiplier");
  EXPECT_EQ(keyOf({.multiplier = std::numeric_limits<double>::infinity()}), "multiplier");
  EXPECT_EQ(keyOf({.jitter_factor = nan}), "jitter_factor");
  EXPECT_EQ(keyOf({.jitter_factor = 1.5}), "jitter_factor");
  EXPECT_EQ(keyOf({.kind = BackoffKind::kRandom, .initial = seconds(2), .max = seconds(1)}), "max");
}

}  // namespace
}  // namespace revenge::resilience
