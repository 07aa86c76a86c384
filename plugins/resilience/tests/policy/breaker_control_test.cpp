// Modes, events, live settings and the way into the next version.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "breaker_script.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;

BreakerSettings openingAt(std::int64_t failures) {
  BreakerSettings settings;
  settings.failures = failures;
  settings.open_wait = seconds(5);
  return settings;
}

BreakerSettings ofLast(std::int64_t failures, std::int64_t calls) {
  BreakerSettings settings = openingAt(failures);
  settings.window = WindowKind::kCount;
  settings.window_calls = calls;
  return settings;
}

TEST(BreakerModes, ADryRunLetsPassWhatItCounts) {
  BreakerScript script(openingAt(2));
  script.breaker().setMode(Mode::kDryRun, "trying it out", script.now());
  EXPECT_EQ(script.play("F F ? ?"), "C O + +");
  EXPECT_EQ(script.report().would_reject, 2U);
  EXPECT_EQ(script.report().rejected, 0U);
  EXPECT_EQ(script.report().mode_reason, "trying it out");
  EXPECT_EQ(script.play("!F !F"), "O O");
  EXPECT_EQ(script.report().late_results, 0U);
  EXPECT_EQ(script.play("@5 S"), "C");
}

TEST(BreakerModes, DisabledLearnsNothing) {
  BreakerScript script(openingAt(2));
  script.breaker().setMode(Mode::kDisabled, "", script.now());
  EXPECT_EQ(script.play("F F F F"), "C C C C");
  script.breaker().setMode(Mode::kEnforce, "", script.now());
  EXPECT_EQ(script.play("F F"), "C O");
}

TEST(BreakerModes, ForcedOpenRejectsWithoutAState) {
  BreakerScript script(openingAt(2));
  script.breaker().setMode(Mode::kForcedOpen, "maintenance", script.now());
  const Rejection rejection = script.breaker().acquire(at(100)).error();
  EXPECT_EQ(rejection.kind, RejectionKind::kCircuitOpen);
  EXPECT_EQ(rejection.state, RejectingState::kForcedOpen);
  EXPECT_EQ(rejection.retry_after, Duration::zero());
  EXPECT_EQ(script.breaker().state(), BreakerState::kClosed);
  script.breaker().setMode(Mode::kIsolated, "broken disk", script.now());
  EXPECT_EQ(script.breaker().acquire(at(100)).error().kind, RejectionKind::kIsolated);
  script.breaker().setMode(Mode::kEnforce, "", script.now());
  EXPECT_EQ(script.play("?"), "+");
}

class BreakerEvents : public ::testing::Test {
 protected:
  BreakerEvents() {
    listening_ = script_.breaker().notices().listen([this](const BreakerEvent& event) {
      std::string line(nameOf(event.from));
      line += '>';
      line += nameOf(event.to);
      line += ' ';
      line += nameOf(event.cause);
      events_.push_back(line);
      last_ = event;
    });
  }

  BreakerScript script_{openingAt(2)};
  std::vector<std::string> events_;
  BreakerEvent last_;
  Notices<BreakerEvent>::Subscription listening_;
};

TEST_F(BreakerEvents, TellEachTransitionOnceAndWhy) {
  script_.play("F F F F @5 F @10 ? @40 T @45 S C C");
  EXPECT_THAT(events_,
              ElementsAre("closed>open failures", "open>half_open wait_over", "half_open>open trial_failed",
                          "open>half_open wait_over", "half_open>open trial_lost", "open>half_open wait_over",
                          "half_open>closed trials_passed"));
}

TEST_F(BreakerEvents, CarryTheWaitAndTheCounts) {
  script_.play("@1 F F");
  EXPECT_EQ(last_.wait, seconds(5));
  EXPECT_EQ(last_.at, at(1));
  EXPECT_EQ(last_.counts, (OutcomeCounts{2, 2, 0}));
}

TEST_F(BreakerEvents, AListenerMayAskAndChangeTheBreaker) {
  BreakerState seen = BreakerState::kClosed;
  const auto curious = script_.breaker().notices().listen([&](const BreakerEvent& event) {
    if (event.to != BreakerState::kOpen) return;
    seen = script_.breaker().report(event.at).state;
    script_.breaker().close(event.at);
  });
  EXPECT_EQ(script_.play("F F"), "C C");
  EXPECT_EQ(seen, BreakerState::kOpen);
  EXPECT_THAT(events_, ElementsAre("closed>open failures", "open>closed operator"));
}

TEST(BreakerSettingsLive, ThresholdsApplyFromTheNextResult) {
  BreakerScript script(openingAt(5));
  EXPECT_EQ(script.play("F F F"), "C C C");
  script.breaker().reconfigure(openingAt(2), script.now());
  EXPECT_EQ(script.breaker().state(), BreakerState::kClosed);
  EXPECT_EQ(script.play("F"), "O");
}

TEST(BreakerSettingsLive, CountsStayWhileTheGeometryDoes) {
  BreakerScript script(ofLast(5, 10));
  EXPECT_EQ(script.play("F F F"), "C C C");
  script.breaker().reconfigure(ofLast(4, 10), script.now());
  EXPECT_EQ(script.report().counts, (OutcomeCounts{3, 3, 0}));
  EXPECT_EQ(script.play("F"), "O");
}

TEST(BreakerSettingsLive, AnotherGeometryBeginsAnew) {
  BreakerScript script(ofLast(5, 10));
  EXPECT_EQ(script.play("F F F"), "C C C");
  script.breaker().reconfigure(ofLast(4, 20), script.now());
  EXPECT_EQ(script.report().counts, OutcomeCounts{});
  EXPECT_EQ(script.play("F F F F"), "C C C O");
}

TEST(BreakerSettingsLive, FewerTrialsCannotWedge) {
  BreakerSettings settings = openingAt(1);
  settings.trials = 5;
  settings.trial_successes = 2;
  BreakerScript script(settings);
  EXPECT_EQ(script.play("H F F"), "H H H");
  script.breaker().reconfigure(openingAt(1), script.now());
  EXPECT_EQ(script.breaker().state(), BreakerState::kOpen);
}

TEST(BreakerSettingsLive, TheOpenWaitStandsUntilTheNextOpening) {
  BreakerScript script(openingAt(1));
  EXPECT_EQ(script.play("F"), "O");
  BreakerSettings longer = openingAt(1);
  longer.open_wait = seconds(60);
  script.breaker().reconfigure(longer, script.now());
  EXPECT_EQ(script.play("@5 F"), "O");
  EXPECT_EQ(script.report().eligible_at, at(65));
}

class BreakerNextVersion : public ::testing::Test {
 protected:
  static void restoreInto(Breaker& next, Breaker& old, Moment now) { next.restore(old.image(now), now); }
};

TEST_F(BreakerNextVersion, OpenStaysOpenAsLong) {
  BreakerScript old(openingAt(1));
  EXPECT_EQ(old.play("F @2"), "O");
  Breaker next("upstream", openingAt(1), 1, at(2));
  restoreInto(next, old.breaker(), at(2));
  EXPECT_EQ(next.acquire(at(4.9)).error().retry_after, std::chrono::milliseconds(100));
  EXPECT_TRUE(next.acquire(at(5)));
}

TEST_F(BreakerNextVersion, PermitsAreSettledByWhateverVersionRuns) {
  Breaker old("upstream", openingAt(2), 1, at(0));
  const BreakerPermit first = *old.acquire(at(0));
  const BreakerPermit second = *old.acquire(at(0));
  old.settle(first, Verdict::kFailure, at(0));
  Breaker next("upstream", openingAt(2), 1, at(1));
  restoreInto(next, old, at(1));
  next.settle(second, Verdict::kFailure, at(1));
  EXPECT_EQ(next.state(), BreakerState::kOpen);
  const BreakerPermit trial = *next.acquire(at(6));
  Breaker third("upstream", openingAt(2), 1, at(7));
  restoreInto(third, next, at(7));
  EXPECT_FALSE(third.acquire(at(7)));
  third.settle(trial, Verdict::kSuccess, at(7));
  EXPECT_EQ(third.state(), BreakerState::kClosed);
}

TEST_F(BreakerNextVersion, WindowsComeAlong) {
  BreakerScript by_calls(ofLast(4, 100));
  by_calls.play("S F F S F");
  Breaker next("upstream", ofLast(4, 100), 1, at(0));
  restoreInto(next, by_calls.breaker(), at(0));
  EXPECT_EQ(next.report(at(0)).counts, (OutcomeCounts{5, 3, 0}));

  BreakerSettings timed = openingAt(4);
  timed.window = WindowKind::kTime;
  timed.window_length = seconds(10);
  BreakerScript by_time(timed);
  by_time.play("F S @3 F L @5 F");
  Breaker later("upstream", timed, 1, at(5));
  restoreInto(later, by_time.breaker(), at(5));
  EXPECT_EQ(later.report(at(5)).counts, (OutcomeCounts{5, 3, 1}));
  EXPECT_EQ(later.report(at(10)).counts, (OutcomeCounts{3, 2, 1}));
  EXPECT_EQ(later.report(at(15)).counts, OutcomeCounts{});
}

TEST_F(BreakerNextVersion, AnImageOfAnotherGeometryKeepsTheStateOnly) {
  BreakerScript old(ofLast(4, 100));
  old.play("F F F");
  Breaker next("upstream", ofLast(4, 50), 1, at(0));
  restoreInto(next, old.breaker(), at(0));
  EXPECT_EQ(next.report(at(0)).counts, OutcomeCounts{});
}

}  // namespace
}  // namespace revenge::resilience
