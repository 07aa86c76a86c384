#include "limits/deadline.hpp"

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Instant kArrived{hours(1)};

TEST(RequestDeadline, IsTheSmallerOfTheRulesAndTheCallers) {
  EXPECT_EQ(deadlineOf(kArrived, seconds(30), ""), kArrived + seconds(30));
  EXPECT_EQ(deadlineOf(kArrived, seconds(30), "250"), kArrived + milliseconds(250));
  EXPECT_EQ(deadlineOf(kArrived, seconds(30), "60000"), kArrived + seconds(30));
  EXPECT_EQ(deadlineOf(kArrived, seconds(30), "0"), kArrived);
}

TEST(RequestDeadline, WhatCannotBeReadDoesNotCount) {
  for (const char* text : {"soon", "-1", "+1", " 1", "1 ", "1.5", "1s", "0x1"})
    EXPECT_EQ(deadlineOf(kArrived, seconds(30), text), kArrived + seconds(30)) << text;
}

TEST(RequestDeadline, ExtremesDoNotOverflow) {
  EXPECT_EQ(remainingIn("99999999999999999999999"), hours(24));
  EXPECT_EQ(remainingIn("18446744073709551615"), hours(24));
  EXPECT_EQ(deadlineOf(kArrived, Duration::max(), ""), kNever);
  EXPECT_EQ(later(kNever, Duration(1)), kNever);
  EXPECT_EQ(later(Instant(seconds(-5)), Duration::max()), Instant(seconds(-5)) + Duration::max());
}

TEST(Seconds, AreRoundedUp) {
  EXPECT_EQ(secondsUp(Duration(0)), 0);
  EXPECT_EQ(secondsUp(Duration(1)), 1);
  EXPECT_EQ(secondsUp(seconds(2)), 2);
  EXPECT_EQ(secondsUp(Duration(-1)), 0);
}

}  // namespace
}  // namespace revenge::http_limits
