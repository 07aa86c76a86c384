// A17 to A30: rates over a time window.
#include <gtest/gtest.h>

#include "breaker_script.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class BreakerRate : public ::testing::Test {
 protected:
  static BreakerSettings settings() {
    BreakerSettings settings;
    settings.window = WindowKind::kTime;
    settings.window_length = seconds(20);
    settings.failures = 0;
    settings.min_calls = 5;
    settings.failure_rate = 0.5;
    settings.slow_rate = 0.5;
    settings.slow_after = seconds(4);
    settings.open_wait = seconds(5);
    settings.trial_rule = TrialRule::kRates;
    settings.trials = 4;
    return settings;
  }

  std::string play(const std::string& script) { return script_.play(script); }

  BreakerScript script_{settings()};
};

TEST_F(BreakerRate, A17_ASuccessCanCompleteTheMinimum) {
  EXPECT_EQ(play("F F F S"), "C C C C");
  EXPECT_EQ(script_.report().counts, (OutcomeCounts{4, 3, 0}));
  EXPECT_EQ(play("S"), "O");
}

TEST_F(BreakerRate, A19_ExactlyTheRateOpens) {
  EXPECT_EQ(play("S @1 S @2 S @3 F @4 F"), "C C C C C");
  EXPECT_EQ(play("@5 F"), "O");
}

TEST_F(BreakerRate, A20_WhatIsOlderThanTheWindowHasLeft) {
  EXPECT_EQ(play("F F F F @20 F"), "C C C C C");
  EXPECT_EQ(script_.report().counts, (OutcomeCounts{1, 1, 0}));
}

TEST_F(BreakerRate, A20_ASliceBeforeTheyAllCount) { EXPECT_EQ(play("F F F F @19.9 F"), "C C C C O"); }

TEST_F(BreakerRate, A22_SlowCallsOpen) {
  EXPECT_EQ(play("K L F S"), "C C C C");
  EXPECT_EQ(play("L"), "O");
}

TEST_F(BreakerRate, A22_ACallIsSlowFromTheThresholdOn) {
  Breaker& breaker = script_.breaker();
  const auto permit = *breaker.acquire(at(0));
  breaker.settle(permit, Verdict::kSuccess, at(4) - Duration(1));
  EXPECT_EQ(breaker.report(at(4)).counts.slow, 0);
  breaker.settle(permit, Verdict::kSuccess, at(4));
  EXPECT_EQ(breaker.report(at(4)).counts.slow, 1);
}

TEST_F(BreakerRate, A23_TheExactEndOfTheWaitAdmits) {
  EXPECT_EQ(play("O ? @4.999999999 ? @5 ?"), "O - - +");
  EXPECT_EQ(script_.breaker().state(), BreakerState::kHalfOpen);
}

TEST_F(BreakerRate, A24_AnIgnoredTrialGivesItsPlaceBack) {
  EXPECT_EQ(play("O H ? ? ? ? ?"), "O H + + + + -");
  EXPECT_EQ(script_.report().rejected, 1U);
  EXPECT_EQ(play("!I ?"), "H +");
  EXPECT_EQ(script_.report().counts.calls, 0);
}

TEST_F(BreakerRate, A26_ExactlyTheRateOfTrialsReopens) { EXPECT_EQ(play("O H F F S S"), "O H H H H O"); }

TEST_F(BreakerRate, A27_PassingTrialsCloseAndClear) {
  EXPECT_EQ(play("F F O H F S S S"), "C C O H H H H C");
  EXPECT_EQ(script_.report().counts, OutcomeCounts{});
  EXPECT_EQ(play("?"), "+");
}

TEST_F(BreakerRate, A29_SlowTrialsReopen) { EXPECT_EQ(play("O H L L L S"), "O H H H H O"); }

TEST_F(BreakerRate, A30_ResultsWhileOpenChangeNothing) {
  EXPECT_EQ(play("O"), "O");
  const Moment eligible = script_.report().eligible_at;
  EXPECT_EQ(play("@1 F F F F F F"), "O O O O O O");
  EXPECT_EQ(script_.opened(), 1U);
  EXPECT_EQ(script_.report().eligible_at, eligible);
  EXPECT_EQ(script_.report().late_results, 6U);
}

TEST_F(BreakerRate, A38_RatesAreNotRounded) {
  BreakerSettings exact = settings();
  exact.min_calls = 200;
  exact.slow_rate = 0;
  BreakerScript script(exact);
  for (int i = 0; i < 101; ++i) script.play("S");
  for (int i = 0; i < 99; ++i) script.play("F");
  EXPECT_EQ(script.breaker().state(), BreakerState::kClosed);
  EXPECT_EQ(script.report().counts, (OutcomeCounts{200, 99, 0}));
  EXPECT_EQ(script.play("F F"), "C O");
}

TEST_F(BreakerRate, A40_AnIdleWindowEmptiesItself) {
  BreakerSettings brief = settings();
  brief.window_length = milliseconds(50);
  BreakerScript script(brief);
  EXPECT_EQ(script.play("F F F"), "C C C");
  EXPECT_EQ(script.report().counts.failures, 3);
  EXPECT_EQ(script.play("@0.2"), "");
  EXPECT_EQ(script.report().counts, OutcomeCounts{});
}

TEST_F(BreakerRate, WhenOldSuccessesLeaveTheRateRises) {
  EXPECT_EQ(play("S S S S @10 F F F @20 S"), "C C C C C C C C");
  EXPECT_EQ(play("F"), "O");
}

}  // namespace
}  // namespace revenge::resilience
