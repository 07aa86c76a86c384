#include "policy/moment.hpp"

#include <gtest/gtest.h>

#include "policy/fixed_window.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::hours;

TEST(Moment, ArithmeticStopsAtTheEndsOfTime) {
  const Moment first = Moment::ofNanoseconds(std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(Moment::never() + Duration(1), Moment::never());
  EXPECT_EQ(first - Duration(1), first);
  EXPECT_EQ(Moment::never() - first, Duration::max());
  EXPECT_EQ(first - Moment::never(), Duration::min());
  EXPECT_EQ(Moment() + Duration::max(), Moment::never());
}

TEST(Moment, ScalingStopsAtTheEndsOfTime) {
  EXPECT_EQ(scaled(hours(1), 1e300), Duration::max());
  EXPECT_EQ(scaled(hours(1), -1e300), Duration::min());
  EXPECT_EQ(scaled(hours(1), 0.5), std::chrono::minutes(30));
  EXPECT_EQ(scaled(Duration(3), 0.5), Duration(2));
}

TEST(Moment, WhatHasPassedLeavesNothing) {
  EXPECT_EQ(remaining(Moment::ofNanoseconds(5), Moment::ofNanoseconds(5)), Duration::zero());
  EXPECT_EQ(remaining(Moment::ofNanoseconds(5), Moment::ofNanoseconds(4)), Duration::zero());
  EXPECT_EQ(remaining(Moment::ofNanoseconds(5), Moment::ofNanoseconds(7)), Duration(2));
}

TEST(Moment, ProductsStopAtTheEndsOfTheirRange) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(saturatingMultiply(kMost, 2), kMost);
  EXPECT_EQ(saturatingMultiply(kMost, -2), std::numeric_limits<std::int64_t>::min());
  EXPECT_EQ(saturatingMultiply(-kMost, -2), kMost);
}

TEST(FixedWindow, NumberAndCountShareAWord) {
  const FixedWindow window{123'456'789'012, kMostInWindow};
  EXPECT_EQ(FixedWindow::of(window.level()).number, 123'456'789'012);
  EXPECT_EQ(FixedWindow::of(window.level()).used, kMostInWindow);
}

}  // namespace
}  // namespace revenge::resilience
