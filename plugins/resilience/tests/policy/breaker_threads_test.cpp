#include <atomic>
#include <numeric>
#include <random>

#include <gtest/gtest.h>

#include "policy/breaker.hpp"
#include "seconds.hpp"
#include "together.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;

std::uint64_t outcomes(Breaker& breaker, Moment now) {
  const BreakerReport report = breaker.report(now);
  return std::accumulate(report.outcomes.begin(), report.outcomes.end(), std::uint64_t{0});
}

TEST(BreakerThreads, A43_AtTheSameInstantExactlyTheTrialsAreAdmitted) {
  for (int round = 0; round < 20; ++round) {
    BreakerSettings settings;
    settings.trials = 3;
    settings.trial_successes = 3;
    Breaker breaker("upstream", settings, 1, at(0));
    breaker.open(at(0));
    std::atomic<int> half_opened{0};
    const auto listening = breaker.notices().listen([&](const BreakerEvent& event) {
      if (event.to == BreakerState::kHalfOpen) ++half_opened;
    });
    std::atomic<int> admitted{0};
    together(64, [&](int) { admitted += breaker.acquire(at(30)) ? 1 : 0; });
    EXPECT_EQ(admitted, 3);
    EXPECT_EQ(half_opened, 1);
    EXPECT_EQ(breaker.report(at(30)).rejected, 61U);
  }
}

// Long enough for threads to be interrupted everywhere, whatever else the machine does.
TEST(BreakerThreads, FailuresInARowAreCountedExactly) {
  BreakerSettings settings;
  settings.failures = 1'000'000;
  Breaker breaker("upstream", settings, 1, at(0));
  const BreakerPermit permit = *breaker.acquire(at(0));
  together(4, [&](int thread) {
    for (int i = 0; i < (thread == 0 ? 249'999 : 250'000); ++i)
      breaker.settle(permit, Verdict::kFailure, at(0));
  });
  EXPECT_EQ(breaker.state(), BreakerState::kClosed);
  EXPECT_EQ(breaker.report(at(0)).counts.failures, 999'999);
  breaker.settle(permit, Verdict::kFailure, at(0));
  EXPECT_EQ(breaker.state(), BreakerState::kOpen);
}

TEST(BreakerThreads, ATimeWindowCountsEveryOutcomeOnce) {
  BreakerSettings settings;
  settings.window = WindowKind::kTime;
  settings.window_length = std::chrono::seconds(10);
  settings.failures = 1'000'000;
  Breaker breaker("upstream", settings, 1, at(0));
  constexpr int kCalls = 100'000;
  std::atomic<std::int64_t> clock{0};
  together(4, [&](int) {
    for (int i = 0; i < kCalls; ++i) {
      // All within the window, over many of its slices.
      const Moment now = Moment::ofNanoseconds(clock.fetch_add(20'000));
      breaker.settle(*breaker.acquire(now), i % 4 == 0 ? Verdict::kSlowFailure : Verdict::kSuccess, now);
    }
  });
  EXPECT_EQ(breaker.report(at(8)).counts, (OutcomeCounts{4 * kCalls, kCalls, kCalls}));
  EXPECT_EQ(breaker.report(at(30)).counts, OutcomeCounts{});
}

TEST(BreakerThreads, ATurningWindowEndsEmpty) {
  BreakerSettings settings;
  settings.window = WindowKind::kTime;
  settings.window_length = milliseconds(10);
  settings.failures = 1'000'000;
  Breaker breaker("upstream", settings, 1, at(0));
  std::atomic<std::int64_t> clock{0};
  together(4, [&](int) {
    for (int i = 0; i < 100'000; ++i) {
      const Moment now = Moment::ofNanoseconds(clock.fetch_add(400'000));
      breaker.settle(*breaker.acquire(now), Verdict::kFailure, now);
    }
  });
  EXPECT_EQ(breaker.report(at(1000)).counts, OutcomeCounts{});
}

// Whatever happens, each attempt is rejected or ends with one outcome, never more trials run than may, and every event
// leaves the state in which the one before it had arrived.
void storm(const BreakerSettings& settings) {
  ASSERT_FALSE(problem(settings));
  Breaker breaker("upstream", settings, 1, at(0));
  BreakerState last = BreakerState::kClosed;
  bool in_order = true;
  const auto listening = breaker.notices().listen([&](const BreakerEvent& event) {
    if (event.cause == BreakerCause::kMode) return;
    in_order = in_order && event.from == last;
    last = event.to;
  });
  std::atomic<std::int64_t> clock{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<int> trials{0};
  std::atomic<bool> too_many{false};
  constexpr int kThreads = 4;
  constexpr int kCalls = 20'000;
  together(kThreads, [&](int thread) {
    std::mt19937 random(static_cast<unsigned>(thread));
    for (int i = 0; i < kCalls; ++i) {
      const Moment now = Moment::ofNanoseconds(clock.fetch_add(50'000));
      const auto permit = breaker.acquire(now);
      if (!permit) {
        ++rejected;
        continue;
      }
      // Without a lease that ends, a generation holds no more trials at once than it may.
      if (permit->trial != 0 && trials.fetch_add(1) >= kThreads) too_many = true;
      const Verdict verdict =
          random() % 2 == 0 ? Verdict::kFailure : static_cast<Verdict>(random() % kVerdicts);
      if (random() % 1000 == 0) breaker.reset(now);
      if (random() % 500 == 0) breaker.tick(now);
      if (permit->trial != 0) --trials;
      breaker.settle(*permit, verdict, now);
    }
  });
  const Moment end = Moment::ofNanoseconds(clock);
  EXPECT_EQ(outcomes(breaker, end) + rejected, std::uint64_t{kThreads} * kCalls);
  EXPECT_EQ(breaker.report(end).rejected, rejected);
  EXPECT_FALSE(too_many);
  EXPECT_TRUE(in_order);
  EXPECT_EQ(last, breaker.state());
  const auto& moves = breaker.report(end).transitions;
  const std::uint64_t into_open = moves[0][1] + moves[2][1];
  const std::uint64_t out_of_open = moves[1][0] + moves[1][2];
  EXPECT_GT(into_open, 10U);
  EXPECT_EQ(into_open - out_of_open, breaker.state() == BreakerState::kOpen ? 1U : 0U);
}

TEST(BreakerThreads, AStormOnARow) {
  BreakerSettings settings;
  settings.open_wait = milliseconds(2);
  storm(settings);
}

TEST(BreakerThreads, AStormOnTheLastCalls) {
  BreakerSettings settings;
  settings.window = WindowKind::kCount;
  settings.failures = 0;
  settings.failure_rate = 0.6;
  settings.window_calls = 20;
  settings.min_calls = 10;
  settings.open_wait = milliseconds(2);
  settings.trial_rule = TrialRule::kRates;
  settings.trials = 3;
  storm(settings);
}

TEST(BreakerThreads, AStormOnATimeWindow) {
  BreakerSettings settings;
  settings.window = WindowKind::kTime;
  settings.failures = 0;
  settings.failure_rate = 0.6;
  settings.window_length = milliseconds(10);
  settings.min_calls = 10;
  settings.open_wait = milliseconds(2);
  settings.trials = 3;
  settings.trial_successes = 2;
  storm(settings);
}

TEST(BreakerThreads, SettingsChangeWhileCallsRun) {
  BreakerSettings one;
  one.open_wait = milliseconds(1);
  BreakerSettings other = one;
  other.window = WindowKind::kTime;
  other.window_length = milliseconds(50);
  BreakerSettings third = one;
  third.window = WindowKind::kCount;
  third.window_calls = 10;
  Breaker breaker("upstream", one, 1, at(0));
  std::atomic<std::int64_t> clock{0};
  std::atomic<std::uint64_t> rejected{0};
  together(4, [&](int thread) {
    for (int i = 0; i < 5'000; ++i) {
      const Moment now = Moment::ofNanoseconds(clock.fetch_add(50'000));
      if (thread == 0) {
        breaker.reconfigure(i % 3 == 0 ? one : i % 3 == 1 ? other : third, now);
        continue;
      }
      const auto permit = breaker.acquire(now);
      if (permit) breaker.settle(*permit, i % 3 == 0 ? Verdict::kSuccess : Verdict::kFailure, now);
      rejected += permit ? 0 : 1;
    }
  });
  EXPECT_EQ(outcomes(breaker, at(1)) + rejected, 15'000U);
}

}  // namespace
}  // namespace revenge::resilience
