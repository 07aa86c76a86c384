#include "pipeline/quantile.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

TEST(Quantile, SaysNothingBeforeTheWarmUp) {
  Quantile quantile({});
  for (int i = 0; i < 19; ++i) quantile.record(milliseconds(10));
  EXPECT_FALSE(quantile.estimate());
  quantile.record(milliseconds(10));
  EXPECT_TRUE(quantile.estimate());
}

TEST(Quantile, IsNeverTooLowAndAtMostAnEighthTooHigh) {
  for (const nanoseconds value : {nanoseconds(microseconds(2)), nanoseconds(microseconds(777)),
                                  nanoseconds(milliseconds(10)), nanoseconds(hours(1))}) {
    Quantile quantile({.quantile = 0.5, .warm_up = 1});
    quantile.record(value);
    EXPECT_GE(*quantile.estimate(), value);
    EXPECT_LE(*quantile.estimate(), value + value / 8);
  }
}

TEST(Quantile, IsTheRankAmongTheSamples) {
  Quantile quantile({.quantile = 0.95, .warm_up = 1});
  for (int i = 1; i <= 100; ++i) quantile.record(milliseconds(i));
  EXPECT_GE(*quantile.estimate(), milliseconds(95));
  EXPECT_LE(*quantile.estimate(), milliseconds(95) * 9 / 8);
}

TEST(Quantile, ForgetsWhatWasLongAgo) {
  Quantile quantile({.quantile = 0.9, .age = 64});
  for (int i = 0; i < 64; ++i) quantile.record(milliseconds(500));
  for (int i = 0; i < 64 * 8; ++i) quantile.record(milliseconds(5));
  EXPECT_LE(*quantile.estimate(), milliseconds(6));
}

TEST(Quantile, TakesAnythingForASample) {
  Quantile quantile({.quantile = 0.5, .warm_up = 2});
  quantile.record(nanoseconds(-5));
  quantile.record(nanoseconds::max());
  EXPECT_GT(*quantile.estimate(), nanoseconds(0));
}

TEST(Quantile, ASettingOutOfRangeIsRefusedByItsKey) {
  EXPECT_FALSE(problem(QuantileSettings{}));
  EXPECT_EQ(problem(QuantileSettings{.quantile = 1})->key, "quantile");
  EXPECT_EQ(problem(QuantileSettings{.quantile = std::nan("")})->key, "quantile");
  EXPECT_EQ(problem(QuantileSettings{.warm_up = 0})->key, "warm_up");
  EXPECT_EQ(problem(QuantileSettings{.age = 31})->key, "age");
}

}  // namespace
}  // namespace revenge::resilience
