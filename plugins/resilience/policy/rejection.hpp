// Rejection: why a policy did not let a call pass, and when it is worth asking again. A plain value: making one neither
// allocates nor throws (an exception costs some 20 times a value).
#pragma once

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "moment.hpp"

namespace revenge::resilience {

enum class RejectionKind : std::uint8_t {
  kCircuitOpen,
  kIsolated,      // by the operator: retry_after is 0, nobody knows
  kBulkheadFull,  // `full` says how
  kRateLimited,
  kOverloaded,  // by an adaptive limit
  kRetriesExceeded,
  kBudgetExceeded,
  kTimeout,
  kCancelled,
  kInvalidArgument,  // never passes, whatever the load: asking for more than the burst
};

enum class FullReason : std::uint8_t {
  kNone,
  kQueueFull,
  kWaitTimeout,  // waited max_wait, or must not wait at all
  kDeadline,     // the call's deadline comes before a slot can
};

// Of the policy at the rejection.
enum class RejectingState : std::uint8_t { kNone, kOpen, kHalfOpen, kForcedOpen, kIsolated };

struct Rejection {
  std::string_view policy;  // its name; lives as long as the policy
  Duration retry_after{};   // 0: not known, or at once
  RejectionKind kind = RejectionKind::kCancelled;
  FullReason full = FullReason::kNone;
  RejectingState state = RejectingState::kNone;

  bool operator==(const Rejection&) const = default;
};
static_assert(std::is_trivially_copyable_v<Rejection>);

constexpr std::string_view nameOf(RejectionKind kind) noexcept {
  switch (kind) {
    case RejectionKind::kCircuitOpen:
      return "circuit_open";
    case RejectionKind::kIsolated:
      return "isolated";
    case RejectionKind::kBulkheadFull:
      return "bulkhead_full";
    case RejectionKind::kRateLimited:
      return "rate_limited";
    case RejectionKind::kOverloaded:
      return "overloaded";
    case RejectionKind::kRetriesExceeded:
      return "retries_exceeded";
    case RejectionKind::kBudgetExceeded:
      return "budget_exceeded";
    case RejectionKind::kTimeout:
      return "timeout";
    case RejectionKind::kCancelled:
      return "cancelled";
    case RejectionKind::kInvalidArgument:
      return "invalid_argument";
  }
  return "?";
}

constexpr std::string_view nameOf(FullReason reason) noexcept {
  switch (reason) {
    case FullReason::kNone:
      return "none";
    case FullReason::kQueueFull:
      return "queue_full";
    case FullReason::kWaitTimeout:
      return "wait_timeout";
    case FullReason::kDeadline:
      return "deadline";
  }
  return "?";
}

}  // namespace revenge::resilience
