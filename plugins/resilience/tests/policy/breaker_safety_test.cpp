// A32 to A48: what must not happen, each row a defect of some breaker elsewhere.
#include <stdexcept>

#include <gtest/gtest.h>

#include "breaker_script.hpp"
#include "policy/held.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

BreakerSettings openingAt(std::int64_t failures, Duration open_wait = seconds(5)) {
  BreakerSettings settings;
  settings.failures = failures;
  settings.open_wait = open_wait;
  return settings;
}

BreakerSettings withTrials(std::int64_t trials) {
  BreakerSettings settings = openingAt(1);
  settings.trials = trials;
  settings.trial_successes = trials;
  return settings;
}

TEST(BreakerSafety, A32_AThrowingTrialIsReleased) {
  Breaker breaker("upstream", openingAt(1), 1, at(0));
  breaker.open(at(0));
  const auto trial = [&](Moment now) {
    Held<Breaker, BreakerPermit> held(breaker, breaker.acquire(now).value());
    try {
      throw std::runtime_error("connection reset");
    } catch (const std::runtime_error&) {
      held.settle(Verdict::kFailure, now);
    }
  };
  trial(at(5));
  EXPECT_EQ(breaker.state(), BreakerState::kOpen);
  EXPECT_FALSE(breaker.acquire(at(9)));
  trial(at(10));
  EXPECT_EQ(breaker.state(), BreakerState::kOpen);
  EXPECT_EQ(breaker.report(at(10)).reopenings, 2U);
}

TEST(BreakerSafety, A32_AnAbandonedTrialMakesRoomForTheNext) {
  Breaker breaker("upstream", openingAt(1), 1, at(0));
  breaker.open(at(0));
  {
    const Held<Breaker, BreakerPermit> held(breaker, breaker.acquire(at(5)).value());
  }
  EXPECT_EQ(breaker.state(), BreakerState::kHalfOpen);
  EXPECT_EQ(breaker.report(at(5)).outcomes[static_cast<std::size_t>(Verdict::kAbandoned)], 1U);
  EXPECT_TRUE(breaker.acquire(at(5)));
}

TEST(BreakerSafety, A34_OnlyTheTrialDecides) {
  BreakerScript script(openingAt(1, milliseconds(1)));
  EXPECT_EQ(script.play("? F"), "+ O");
  EXPECT_EQ(script.play("@0.001 ?"), "+");
  EXPECT_EQ(script.play("!S"), "H");  // of the first
  EXPECT_EQ(script.report().late_results, 1U);
  EXPECT_EQ(script.play("!S"), "C");
}

TEST(BreakerSafety, A35_StaleResultsGiveNoFurtherTrials) {
  BreakerScript script(withTrials(3));
  EXPECT_EQ(script.play("? ? F @5"), "+ + O");
  EXPECT_EQ(script.play("? !S !S"), "+ H H");
  EXPECT_EQ(script.play("? ? ?"), "+ + -");
}

TEST(BreakerSafety, A35_ATrialSettledTwiceCountsOnce) {
  Breaker breaker("upstream", withTrials(3), 1, at(0));
  breaker.halfOpen(at(0));
  const BreakerPermit permit = *breaker.acquire(at(0));
  for (int i = 0; i < 4; ++i) breaker.settle(permit, Verdict::kSuccess, at(0));
  EXPECT_EQ(breaker.state(), BreakerState::kHalfOpen);
  EXPECT_EQ(breaker.report(at(0)).counts.calls, 1);
  EXPECT_EQ(breaker.report(at(0)).late_results, 3U);
}

TEST(BreakerSafety, A37_ResetForgetsTheWait) {
  BreakerScript script(openingAt(1, milliseconds(300)));
  EXPECT_EQ(script.play("O @0.2"), "O");
  script.breaker().reset(at(0.2));
  EXPECT_EQ(script.play("O @0.3 T @0.499 T @0.5 T"), "O O O H");
}

TEST(BreakerSafety, A41_OnlyTheGivenClockCounts) {
  BreakerScript script(openingAt(1));
  EXPECT_EQ(script.play("@100 F ? @104.9 ? @50 ? @105 ?"), "O - - - +");
}

TEST(BreakerSafety, A44_TheRejectionSaysWhoAndUntilWhen) {
  Breaker breaker("upstream", openingAt(1), 1, at(0));
  breaker.open(at(0));
  const Rejection open = breaker.acquire(at(2)).error();
  EXPECT_EQ(open.policy, "upstream");
  EXPECT_EQ(open.kind, RejectionKind::kCircuitOpen);
  EXPECT_EQ(open.state, RejectingState::kOpen);
  EXPECT_EQ(open.retry_after, seconds(3));
  ASSERT_TRUE(breaker.acquire(at(5)));
  EXPECT_EQ(
      breaker.acquire(at(5)).error(),
      (Rejection{"upstream", {}, RejectionKind::kCircuitOpen, FullReason::kNone, RejectingState::kHalfOpen}));
}

TEST(BreakerSafety, A45_IgnoredOutcomesLeaveTheTrialsAlone) {
  BreakerScript script(withTrials(3));
  EXPECT_EQ(script.play("H I I I I"), "H H H H H");
  EXPECT_EQ(script.report().counts, OutcomeCounts{});
  EXPECT_EQ(script.play("F"), "O");
}

TEST(BreakerSafety, A47_TheWaitGrowsUntilClosed) {
  BreakerSettings settings = openingAt(1);
  settings.open_wait_growth = 1.5;
  BreakerScript script(settings);
  EXPECT_EQ(script.play("O @3 ? @6 ?"), "O - +");
  EXPECT_EQ(script.play("O @12 ? @13.499 ? @13.5 ?"), "O - - +");
  EXPECT_EQ(script.play("!S !S"), "H C");
  EXPECT_EQ(script.play("O @18.499 ? @18.5 ?"), "O - +");
}

TEST(BreakerSafety, A47_TheWaitNeverPassesItsMaximum) {
  BreakerSettings settings = openingAt(1);
  settings.open_wait_growth = 10;
  settings.open_wait_jitter = 1;
  settings.max_open_wait = seconds(60);
  Breaker breaker("upstream", settings, 7, at(0));
  Moment now = at(0);
  for (int i = 0; i < 2000; ++i) {
    breaker.halfOpen(now);
    breaker.open(now);
    const Duration wait = breaker.report(now).eligible_at - now;
    ASSERT_GE(wait, Duration::zero());
    ASSERT_LE(wait, seconds(60));
    now = now + seconds(1);
  }
}

TEST(BreakerSafety, A47_JitterStaysWithinItsPart) {
  BreakerSettings settings = openingAt(1, seconds(10));
  settings.open_wait_jitter = 0.2;
  Breaker breaker("upstream", settings, 7, at(0));
  Duration least = Duration::max();
  Duration most{};
  for (int i = 0; i < 1000; ++i) {
    breaker.open(at(0));
    const Duration wait = breaker.report(at(0)).eligible_at - at(0);
    least = std::min(least, wait);
    most = std::max(most, wait);
    breaker.close(at(0));
  }
  EXPECT_GE(least, seconds(8));
  EXPECT_LE(most, seconds(12));
  EXPECT_LT(least, milliseconds(8200));
  EXPECT_GT(most, milliseconds(11800));
}

TEST(BreakerSafety, A48_FailedHalfOpenPhasesAreCounted) {
  BreakerScript script(openingAt(1));
  EXPECT_EQ(script.play("F"), "O");
  EXPECT_EQ(script.report().reopenings, 0U);
  EXPECT_EQ(script.play("@5 F"), "O");
  EXPECT_EQ(script.report().reopenings, 1U);
  EXPECT_EQ(script.play("@10 F @15 F"), "O O");
  EXPECT_EQ(script.report().reopenings, 3U);
  EXPECT_EQ(script.play("@20 S"), "C");
  EXPECT_EQ(script.report().reopenings, 0U);
}

TEST(BreakerSafety, ALostTrialReopensWhenItsLeaseEnds) {
  BreakerScript script(openingAt(1));
  EXPECT_EQ(script.play("O @5 ? @34.999 ? T"), "O + - H");
  EXPECT_EQ(script.play("@35 ? @39 ? @40 ?"), "- - +");
  EXPECT_EQ(script.play("!S"), "H");  // the lost one, late
  EXPECT_EQ(script.play("!S"), "C");
}

TEST(BreakerSafety, ALeaseMayBeSet) {
  BreakerSettings settings = openingAt(1);
  settings.trial_lease = seconds(2);
  BreakerScript script(settings);
  EXPECT_EQ(script.play("O @5 ? @6.999 T @7 T"), "O + H O");
  EXPECT_EQ(script.play("@11.999 ? @12 ?"), "- +");
}

TEST(BreakerSafety, RetryAfterKeepsOpenForAtLeastAsLong) {
  Breaker breaker("upstream", openingAt(1), 1, at(0));
  breaker.settle(*breaker.acquire(at(0)), Verdict::kFailure, at(0), seconds(20));
  EXPECT_EQ(breaker.report(at(0)).eligible_at, at(20));
  breaker.reset(at(1));
  breaker.settle(*breaker.acquire(at(1)), Verdict::kFailure, at(1), seconds(2));
  EXPECT_EQ(breaker.report(at(1)).eligible_at, at(6));
  breaker.reset(at(6));
  breaker.settle(*breaker.acquire(at(6)), Verdict::kFailure, at(6), std::chrono::hours(9));
  EXPECT_EQ(breaker.report(at(6)).eligible_at, at(306));
}

TEST(BreakerSafety, RetryAfterOpensOnlyWhenAsked) {
  BreakerSettings settings = openingAt(5);
  Breaker patient("upstream", settings, 1, at(0));
  patient.settle(*patient.acquire(at(0)), Verdict::kFailure, at(0), seconds(20));
  EXPECT_EQ(patient.state(), BreakerState::kClosed);
  settings.retry_after = RetryAfterUse::kOpen;
  Breaker obedient("upstream", settings, 1, at(0));
  obedient.settle(*obedient.acquire(at(0)), Verdict::kFailure, at(0), seconds(20));
  EXPECT_EQ(obedient.state(), BreakerState::kOpen);
  EXPECT_EQ(obedient.report(at(0)).eligible_at, at(20));
}

}  // namespace
}  // namespace revenge::resilience
