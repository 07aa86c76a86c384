// Moments and spans as every file here takes them: the caller reads a monotonic clock once per request and hands the
// reading down. Thread safety: plain values.
#pragma once

#include <chrono>
#include <cstdint>

namespace revenge::http_limits {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;

inline constexpr Instant kNever = Instant::max();

// `at + span`, and kNever instead of an overflow: a deadline of a century is a legal setting.
constexpr Instant later(Instant at, Duration span) {
  if (at > Instant() && span >= kNever - at) return kNever;
  return at + span;
}

// In whole seconds, rounded up: what comes back too early is refused again.
constexpr std::int64_t secondsUp(Duration span) {
  if (span <= Duration::zero()) return 0;
  return std::chrono::ceil<std::chrono::seconds>(span).count();
}

}  // namespace revenge::http_limits
