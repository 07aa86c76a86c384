// What a breaker tells of itself: its state at a moment, its transitions, and what it hands to the version that comes next.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "breaker_settings.hpp"
#include "mode.hpp"
#include "moment.hpp"
#include "outcome_window.hpp"
#include "verdict.hpp"

namespace revenge::resilience {

enum class BreakerState : std::uint8_t { kClosed, kOpen, kHalfOpen };
inline constexpr std::size_t kBreakerStates = 3;

constexpr std::string_view nameOf(BreakerState state) noexcept {
  switch (state) {
    case BreakerState::kClosed:
      return "closed";
    case BreakerState::kOpen:
      return "open";
    case BreakerState::kHalfOpen:
      return "half_open";
  }
  return "?";
}

enum class BreakerCause : std::uint8_t {
  kFailures,
  kFailureRate,
  kSlowRate,
  kRetryAfter,  // the other side asked for it
  kTrialFailed,
  kTrialLost,  // its lease ended
  kTrialsPassed,
  kWaitOver,
  kOperator,
  kMode,  // no transition: the mode changed
};

constexpr std::string_view nameOf(BreakerCause cause) noexcept {
  switch (cause) {
    case BreakerCause::kFailures:
      return "failures";
    case BreakerCause::kFailureRate:
      return "failure_rate";
    case BreakerCause::kSlowRate:
      return "slow_rate";
    case BreakerCause::kRetryAfter:
      return "retry_after";
    case BreakerCause::kTrialFailed:
      return "trial_failed";
    case BreakerCause::kTrialLost:
      return "trial_lost";
    case BreakerCause::kTrialsPassed:
      return "trials_passed";
    case BreakerCause::kWaitOver:
      return "wait_over";
    case BreakerCause::kOperator:
      return "operator";
    case BreakerCause::kMode:
      return "mode";
  }
  return "?";
}

struct BreakerEvent {
  BreakerState from = BreakerState::kClosed;
  BreakerState to = BreakerState::kClosed;
  BreakerCause cause = BreakerCause::kOperator;
  Mode mode = Mode::kEnforce;
  Moment at;
  Duration wait{};               // of kOpen: until trials may begin
  std::uint32_t reopenings = 0;  // failed half-open phases since it was closed
  OutcomeCounts counts;          // of the window that decided
};

struct BreakerReport {
  BreakerState state = BreakerState::kClosed;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
  OutcomeCounts counts;  // of the window; in a row for kConsecutive, of the trials when half-open
  Moment since;          // of the state
  Moment eligible_at;    // of kOpen: when trials may begin; without traffic nothing moves before a tick
  std::int64_t trials_running = 0;
  std::uint32_t reopenings = 0;
  std::array<std::uint64_t, kVerdicts> outcomes{};  // by Verdict, late ones included
  std::uint64_t late_results = 0;                   // of calls admitted in an earlier state: changed nothing
  std::uint64_t rejected = 0;
  std::uint64_t would_reject = 0;                                                       // in dry run
  std::array<std::array<std::uint64_t, kBreakerStates>, kBreakerStates> transitions{};  // [from][to]
};

struct BreakerImage {
  BreakerState state = BreakerState::kClosed;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
  std::uint64_t generation = 1;
  std::int64_t failures_in_row = 0;
  Moment since;
  Moment eligible_at;
  std::uint32_t reopenings = 0;
  std::uint32_t openings_in_row = 0;
  OutcomeCounts trials;  // results so far
  std::uint32_t next_trial = 1;
  struct Trial {
    std::uint32_t ordinal = 0;
    Moment started_at;
  };
  std::vector<Trial> running;
  WindowImage window;
};

}  // namespace revenge::resilience
