// Settings that cannot work are refused, by their key.
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "policy/adaptive_limiter.hpp"
#include "policy/breaker_settings.hpp"
#include "policy/bulkhead_settings.hpp"
#include "policy/linear_limit.hpp"
#include "policy/rate_settings.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::seconds;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinite = std::numeric_limits<double>::infinity();

template <typename Settings, typename Change>
std::string refused(Change change) {
  Settings settings;
  change(settings);
  const auto found = problem(settings);
  return found ? found->key : "";
}

TEST(Settings, DefaultsAreFine) {
  EXPECT_FALSE(problem(BreakerSettings{}));
  EXPECT_FALSE(problem(RateSettings{}));
  EXPECT_FALSE(problem(KeyedRateSettings{}));
  EXPECT_FALSE(problem(BulkheadSettings{}));
  EXPECT_FALSE(problem(AdaptiveLimiterSettings{}));
  EXPECT_FALSE(problem(LinearSettings{}));
}

TEST(Settings, TheProblemSaysWhatIsThereAndWhatMayBe) {
  BulkheadSettings settings;
  settings.max_concurrent = -3;
  EXPECT_EQ(problem(settings)->key, "max_concurrent");
  EXPECT_EQ(problem(settings)->why, "must be from 1 to 1000000, is -3");
}

TEST(Settings, BreakerInARow) {
  using S = BreakerSettings;
  EXPECT_EQ(refused<S>([](S& s) { s.failures = 0; }), "failures");
  EXPECT_EQ(refused<S>([](S& s) { s.failures = kMaxConsecutive + 1; }), "failures");
  EXPECT_EQ(refused<S>([](S& s) { s.failure_rate = 0.5; }), "failure_rate");
  EXPECT_EQ(refused<S>([](S& s) { s.open_wait = {}; }), "open_wait");
  EXPECT_EQ(refused<S>([](S& s) { s.open_wait_growth = kNan; }), "open_wait_growth");
  EXPECT_EQ(refused<S>([](S& s) { s.open_wait_growth = 0.9; }), "open_wait_growth");
  EXPECT_EQ(refused<S>([](S& s) { s.open_wait_jitter = -0.1; }), "open_wait_jitter");
  EXPECT_EQ(refused<S>([](S& s) { s.max_open_wait = seconds(29); }), "max_open_wait");
  EXPECT_EQ(refused<S>([](S& s) { s.max_open_wait = Duration::max(); }), "max_open_wait");
  EXPECT_EQ(refused<S>([](S& s) { s.slow_after = seconds(-1); }), "slow_after");
}

TEST(Settings, BreakerTrials) {
  using S = BreakerSettings;
  EXPECT_EQ(refused<S>([](S& s) { s.trials = 0; }), "trials");
  EXPECT_EQ(refused<S>([](S& s) { s.trials = 65; }), "trials");
  EXPECT_EQ(refused<S>([](S& s) { s.trial_successes = 2; }), "trial_successes");
  EXPECT_EQ(refused<S>([](S& s) { s.trial_lease = seconds(-1); }), "trial_lease");
  EXPECT_EQ(refused<S>([](S& s) { s.trial_rule = TrialRule::kRates; }), "trial_rule");
}

TEST(Settings, BreakerWindows) {
  using S = BreakerSettings;
  const auto timed = [](auto change) {
    return refused<S>([&](S& s) {
      s.window = WindowKind::kTime;
      change(s);
    });
  };
  EXPECT_EQ(timed([](S&) {}), "");
  EXPECT_EQ(timed([](S& s) { s.failure_rate = kNan; }), "failure_rate");
  EXPECT_EQ(timed([](S& s) { s.failure_rate = 1.01; }), "failure_rate");
  EXPECT_EQ(timed([](S& s) { s.slow_rate = kInfinite; }), "slow_rate");
  EXPECT_EQ(timed([](S& s) { s.failures = 0; }), "failures");
  EXPECT_EQ(timed([](S& s) { s.window_length = seconds(0); }), "window_length");
  EXPECT_EQ(timed([](S& s) { s.failure_rate = 0.5, s.min_calls = 0; }), "min_calls");
  const auto counted = [](auto change) {
    return refused<S>([&](S& s) {
      s.window = WindowKind::kCount;
      change(s);
    });
  };
  EXPECT_EQ(counted([](S& s) { s.window_calls = 0; }), "window_calls");
  EXPECT_EQ(counted([](S& s) { s.failures = 101; }), "failures");
  EXPECT_EQ(counted([](S& s) { s.slow_rate = 0.5, s.min_calls = 101; }), "min_calls");
}

TEST(Settings, Rates) {
  using S = RateSettings;
  EXPECT_EQ(refused<S>([](S& s) { s.permits = 0; }), "permits");
  EXPECT_EQ(refused<S>([](S& s) { s.permits = -1; }), "permits");
  EXPECT_EQ(refused<S>([](S& s) { s.permits = 1'000'000'001; }), "permits");
  EXPECT_EQ(refused<S>([](S& s) { s.permits = 1'000'000'000; }), "");
  EXPECT_EQ(refused<S>([](S& s) { s.per = {}; }), "per");
  EXPECT_EQ(refused<S>([](S& s) { s.burst = 0; }), "burst");
  EXPECT_EQ(refused<S>([](S& s) { s.burst = std::numeric_limits<std::int64_t>::max(); }), "burst");
  const auto daily = [](S& s, std::int64_t burst) {
    s.permits = 1, s.per = std::chrono::hours(24), s.burst = burst;
  };
  EXPECT_EQ(refused<S>([&](S& s) { daily(s, 26'000); }), "");
  EXPECT_EQ(refused<S>([&](S& s) { daily(s, 27'000); }), "burst");
  EXPECT_EQ(refused<S>([](S& s) { s.max_wait = seconds(-1); }), "max_wait");
  EXPECT_EQ(refused<S>([](S& s) { s.algorithm = RateAlgorithm::kFixedWindow, s.per = Duration(10); }), "per");
}

TEST(Settings, KeyedRates) {
  using S = KeyedRateSettings;
  EXPECT_EQ(refused<S>([](S& s) { s.max_keys = 0; }), "max_keys");
  EXPECT_EQ(refused<S>([](S& s) { s.max_keys = kMaxKeys + 1; }), "max_keys");
  EXPECT_EQ(refused<S>([](S& s) { s.rate.algorithm = RateAlgorithm::kFixedWindow; }), "algorithm");
  EXPECT_EQ(refused<S>([](S& s) { s.rate.burst = -1; }), "burst");
}

TEST(Settings, Bulkheads) {
  using S = BulkheadSettings;
  EXPECT_EQ(refused<S>([](S& s) { s.max_concurrent = 0; }), "max_concurrent");
  EXPECT_EQ(refused<S>([](S& s) { s.queue_size = -1; }), "queue_size");
  EXPECT_EQ(refused<S>([](S& s) { s.queue_size = 0; }), "");
  EXPECT_EQ(refused<S>([](S& s) { s.max_wait = seconds(-1); }), "max_wait");
}

TEST(Settings, AdaptiveLimits) {
  using S = AdaptiveLimiterSettings;
  EXPECT_EQ(refused<S>([](S& s) { s.limit.least = 0; }), "least");
  EXPECT_EQ(refused<S>([](S& s) { s.limit.initial = 19; }), "initial");
  EXPECT_EQ(refused<S>([](S& s) { s.limit.most = 0; }), "most");
  EXPECT_EQ(refused<S>([](S& s) { s.limit.smoothing = kNan; }), "smoothing");
  EXPECT_EQ(refused<S>([](S& s) { s.limit.aimd_backoff = 1; }), "aimd_backoff");
  EXPECT_EQ(refused<S>([](S& s) { s.limit.tolerance = 0.5; }), "tolerance");
  EXPECT_EQ(refused<S>([](S& s) { s.min_window = {}; }), "min_window");
  EXPECT_EQ(refused<S>([](S& s) { s.max_window = Duration(1); }), "max_window");
  EXPECT_EQ(refused<S>([](S& s) { s.min_samples = 0; }), "min_samples");
  EXPECT_EQ(refused<S>([](S& s) { s.shares[1] = kNan; }), "shares.browsing");
  EXPECT_EQ(refused<S>([](S& s) { s.shares[2] = 0.95; }), "shares.background");
}

TEST(Settings, LinearLimits) {
  using S = LinearSettings;
  EXPECT_EQ(refused<S>([](S& s) { s.least = 0; }), "least");
  EXPECT_EQ(refused<S>([](S& s) { s.failure_rate = kNan; }), "failure_rate");
  EXPECT_EQ(refused<S>([](S& s) { s.burst = 1; }), "burst");
}

}  // namespace
}  // namespace revenge::resilience
