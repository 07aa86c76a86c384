// BreakerSettings: when a breaker opens, for how long, and what closes it again. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <optional>

#include "moment.hpp"
#include "outcome_window.hpp"
#include "problem.hpp"

namespace revenge::resilience {

enum class TrialRule : std::uint8_t {
  kSuccesses,  // `trial_successes` of `trials`: closes as soon as they are reached, opens as soon as they cannot be
  kRates,  // after `trials` results the rates decide, as they do when closed
};

enum class RetryAfterUse : std::uint8_t {
  kIgnore,
  kExtend,  // an opening failure that names a time keeps the circuit open at least that long
  kOpen,    // ... and any failure that names one opens it
};

struct BreakerSettings {
  WindowKind window = WindowKind::kConsecutive;
  std::int64_t window_calls = 100;                    // kCount: M
  Duration window_length = std::chrono::seconds(60);  // kTime

  // All thresholds are inclusive; whichever is reached first opens.
  std::int64_t failures = 5;    // in a row, or within the window; 0 in a window: only the rates decide
  std::int64_t min_calls = 20;  // rates say nothing below; raise it for busy services
  double failure_rate = 0;      // of 1; 0: off
  double slow_rate = 0;         // of 1; 0: off
  Duration slow_after{};        // a call that takes as long is slow; 0: only the caller's verdict says

  Duration open_wait = std::chrono::seconds(30);
  double open_wait_growth = 1;  // factor for each opening in a row without a close between
  Duration max_open_wait = std::chrono::seconds(300);
  double open_wait_jitter = 0;  // of 1, both ways, before the clamp to max_open_wait
  RetryAfterUse retry_after = RetryAfterUse::kExtend;

  TrialRule trial_rule = TrialRule::kSuccesses;
  std::int64_t trials = 1;  // at most 64
  std::int64_t trial_successes = 1;
  Duration
      trial_lease{};  // a trial without a result by then counts as lost: opens again. 0: max(open_wait, 30 s)

  WindowGeometry geometry() const noexcept;
  Duration lease() const noexcept;

  bool operator==(const BreakerSettings&) const = default;
};

inline constexpr std::int64_t kMaxTrials = 64;
inline constexpr std::int64_t kMaxConsecutive = (1 << 20) - 1;
inline constexpr std::int64_t kMaxWindowCalls = 1'000'000;

std::optional<Problem> problem(const BreakerSettings& settings);

}  // namespace revenge::resilience
