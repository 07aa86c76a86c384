// A1 to A16: failures in a row and failures of the last calls; time plays no part.
#include <gtest/gtest.h>

#include "breaker_script.hpp"

namespace revenge::resilience {
namespace {

BreakerSettings inRow(std::int64_t failures) {
  BreakerSettings settings;
  settings.failures = failures;
  settings.open_wait = std::chrono::hours(1);
  settings.max_open_wait = std::chrono::hours(1);
  return settings;
}

BreakerSettings ofLast(std::int64_t failures, std::int64_t calls) {
  BreakerSettings settings = inRow(failures);
  settings.window = WindowKind::kCount;
  settings.window_calls = calls;
  return settings;
}

BreakerSettings withTrials(std::int64_t successes, std::int64_t trials) {
  BreakerSettings settings = inRow(3);
  settings.trials = trials;
  settings.trial_successes = successes;
  return settings;
}

std::string play(const BreakerSettings& settings, const std::string& script) {
  EXPECT_FALSE(problem(settings));
  return BreakerScript(settings).play(script);
}

TEST(BreakerCount, A1_FailuresInARowOpen) { EXPECT_EQ(play(inRow(3), "F S F F F F"), "C C C C O O"); }

TEST(BreakerCount, A3_OpensBeforeTheWindowIsFull) {
  EXPECT_EQ(play(ofLast(5, 10), "F F F F F"), "C C C C O");
}

TEST(BreakerCount, A4_AlternatingStaysClosed) {
  EXPECT_EQ(play(ofLast(3, 4), "S F S F S F S F"), "C C C C C C C C");
  EXPECT_EQ(play(ofLast(3, 4), "S F S F F"), "C C C C O");
}

TEST(BreakerCount, A4_WhatLeftTheWindowNoLongerCounts) {
  EXPECT_EQ(play(ofLast(2, 3), "F S S F S S F S F"), "C C C C C C C C O");
}

TEST(BreakerCount, A6_OneFailedTrialReopens) {
  EXPECT_EQ(play(inRow(3), "H F S"), "H O O");
  EXPECT_EQ(play(inRow(3), "H S"), "H C");
}

TEST(BreakerCount, A7_A8_TwoOfThreeTrials) {
  EXPECT_EQ(play(withTrials(2, 3), "H F S F"), "H H H O");
  EXPECT_EQ(play(withTrials(2, 3), "H F S S"), "H H H C");
}

TEST(BreakerCount, A10_AllTrialsMustPass) { EXPECT_EQ(play(withTrials(3, 3), "H S F"), "H H O"); }

TEST(BreakerCount, A11_ThreeOfFourClose) { EXPECT_EQ(play(withTrials(3, 4), "H S F S S"), "H H H H C"); }

TEST(BreakerCount, A13_ThreeOfFourFailedReopen) {
  EXPECT_EQ(play(withTrials(2, 4), "H S F F F"), "H H H H O");
}

TEST(BreakerCount, A14_NoMoreTrialsThanAllowed) {
  EXPECT_EQ(play(withTrials(3, 3), "H ? ? ? ?"), "H + + + -");
}

TEST(BreakerCount, A16_ASuccessEndsTheRun) {
  EXPECT_EQ(play(inRow(5), "F F F F S F F F F F"), "C C C C C C C C C O");
}

TEST(BreakerCount, IgnoredIsNeitherSuccessNorFailure) { EXPECT_EQ(play(inRow(3), "F F I I F"), "C C C C O"); }

TEST(BreakerCount, ARateOfTheLastCallsNeedsItsMinimum) {
  BreakerSettings settings = ofLast(0, 10);
  settings.failure_rate = 0.5;
  settings.min_calls = 4;
  EXPECT_EQ(play(settings, "F F F S"), "C C C O");
  EXPECT_EQ(play(settings, "S S S F F S F S F"), "C C C C C C C C C");
  EXPECT_EQ(play(settings, "S S S F F S F S F F"), "C C C C C C C C C O");
}

}  // namespace
}  // namespace revenge::resilience
