#include "breaker_settings.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace revenge::resilience {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kLongest = hours(24 * 365);

double toSeconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

std::optional<Problem> problemOfWindow(const BreakerSettings& settings) {
  if (settings.window == WindowKind::kConsecutive) {
    if (auto found = outside("failures", settings.failures, 1, kMaxConsecutive)) return found;
    if (settings.failure_rate != 0) return Problem{"failure_rate", "needs a window of calls or of time"};
    if (settings.slow_rate != 0) return Problem{"slow_rate", "needs a window of calls or of time"};
    return std::nullopt;
  }
  const bool of_calls = settings.window == WindowKind::kCount;
  if (of_calls) {
    if (auto found = outside("window_calls", settings.window_calls, 1, kMaxWindowCalls)) return found;
  } else {
    if (auto found = outside("window_length", settings.window_length, milliseconds(10), hours(24)))
      return found;
  }
  const std::int64_t most = of_calls ? settings.window_calls : kMaxWindowCalls;
  if (auto found = outside("failures", settings.failures, 0, most)) return found;
  if (auto found = outside("failure_rate", settings.failure_rate, 0, 1)) return found;
  if (auto found = outside("slow_rate", settings.slow_rate, 0, 1)) return found;
  if (settings.failure_rate > 0 || settings.slow_rate > 0) {
    if (auto found = outside("min_calls", settings.min_calls, 1, most)) return found;
  }
  if (settings.failures == 0 && settings.failure_rate == 0 && settings.slow_rate == 0) {
    return Problem{"failures", "nothing ever opens it: set failures, failure_rate or slow_rate"};
  }
  return std::nullopt;
}

std::optional<Problem> problemOfTrials(const BreakerSettings& settings) {
  if (auto found = outside("trials", settings.trials, 1, kMaxTrials)) return found;
  if (settings.trial_rule == TrialRule::kSuccesses) {
    if (auto found = outside("trial_successes", settings.trial_successes, 1, settings.trials)) return found;
  } else if (settings.failure_rate == 0 && settings.slow_rate == 0) {
    return Problem{"trial_rule", "rates decide nothing without failure_rate or slow_rate"};
  }
  return outside("trial_lease", settings.trial_lease, Duration::zero(), kLongest);
}

}  // namespace

WindowGeometry BreakerSettings::geometry() const noexcept {
  switch (window) {
    case WindowKind::kConsecutive:
      break;
    case WindowKind::kCount:
      return {window, window_calls, Duration::zero()};
    case WindowKind::kTime:
      return {window, 0, window_length};
  }
  return {};
}

Duration BreakerSettings::lease() const noexcept {
  return trial_lease > Duration::zero() ? trial_lease : std::max<Duration>(open_wait, seconds(30));
}

std::optional<Problem> problem(const BreakerSettings& settings) {
  if (auto found = problemOfWindow(settings)) return found;
  if (auto found = outside("slow_after", settings.slow_after, Duration::zero(), kLongest)) return found;
  if (auto found = outside("open_wait", settings.open_wait, Duration(1), kLongest)) return found;
  if (auto found = outside("open_wait_growth", settings.open_wait_growth, 1, 1000)) return found;
  if (settings.max_open_wait < settings.open_wait)
    return Problem{"max_open_wait",
                   fmt::format("{} s is less than the {} s of", toSeconds(settings.max_open_wait),
                               toSeconds(settings.open_wait)),
                   "open_wait"};
  if (auto found = outside("max_open_wait", settings.max_open_wait, settings.open_wait, kLongest))
    return found;
  if (auto found = outside("open_wait_jitter", settings.open_wait_jitter, 0, 1)) return found;
  return problemOfTrials(settings);
}

}  // namespace revenge::resilience
