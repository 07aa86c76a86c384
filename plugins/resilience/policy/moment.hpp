// Moment: a point on the monotonic clock, in nanoseconds. Policies never read a clock: each decision is given the moment it is
// taken at. Arithmetic saturates at both ends and so never overflows. Thread safety: plain values.
#pragma once

#include <chrono>
#include <cmath>
#include <compare>
#include <cstdint>
#include <limits>

namespace revenge::resilience {

using Duration = std::chrono::nanoseconds;
static_assert(sizeof(Duration::rep) == sizeof(std::int64_t));

constexpr std::int64_t saturatingAdd(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

constexpr std::int64_t saturatingSubtract(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b > 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

constexpr std::int64_t saturatingMultiply(std::int64_t a, std::int64_t b) noexcept {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a < 0) == (b < 0) ? std::numeric_limits<std::int64_t>::max()
                            : std::numeric_limits<std::int64_t>::min();
}

// Requires: neither is NaN. Saturates.
inline Duration scaled(Duration duration, double factor) noexcept {
  const double product = static_cast<double>(duration.count()) * factor;
  if (product >= 0x1p63) return Duration::max();
  if (product <= -0x1p63) return Duration::min();
  return Duration(std::llround(product));
}

class Moment {
 public:
  constexpr Moment() = default;
  constexpr explicit Moment(Duration since_origin) noexcept : ns_(since_origin.count()) {}
  static constexpr Moment ofNanoseconds(std::int64_t ns) noexcept { return Moment(Duration(ns)); }
  // Later than every other: "no deadline".
  static constexpr Moment never() noexcept { return Moment(Duration::max()); }

  constexpr std::int64_t nanoseconds() const noexcept { return ns_; }
  constexpr bool isNever() const noexcept { return *this == never(); }

  friend constexpr Moment operator+(Moment moment, Duration duration) noexcept {
    return ofNanoseconds(saturatingAdd(moment.ns_, duration.count()));
  }
  friend constexpr Moment operator-(Moment moment, Duration duration) noexcept {
    return ofNanoseconds(saturatingSubtract(moment.ns_, duration.count()));
  }
  friend constexpr Duration operator-(Moment end, Moment begin) noexcept {
    return Duration(saturatingSubtract(end.ns_, begin.ns_));
  }
  constexpr auto operator<=>(const Moment&) const = default;

 private:
  std::int64_t ns_ = 0;
};

// The time from one to the other, 0 when it has passed.
constexpr Duration remaining(Moment now, Moment until) noexcept {
  return until <= now ? Duration::zero() : until - now;
}

}  // namespace revenge::resilience
