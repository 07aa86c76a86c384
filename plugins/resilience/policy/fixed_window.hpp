// FixedWindow: the arithmetic of counting calls in the periods of the clock, again in one integer: which period is being filled
// (40 bits), and how far (24). Around the border of two periods twice the permits get through; that is what a bucket is for.
// Thread safety: pure functions.
#pragma once

#include <algorithm>
#include <cstdint>

#include "moment.hpp"

namespace revenge::resilience {

inline constexpr std::int64_t kMostInWindow = (std::int64_t{1} << 24) - 1;

struct FixedWindow {
  std::int64_t number = 0;
  std::int64_t used = 0;

  static constexpr FixedWindow of(std::int64_t level) noexcept {
    return {level >> 24, level & kMostInWindow};
  }
  constexpr std::int64_t level() const noexcept { return number << 24 | used; }

  // The one that is open at the moment, or a later one that reservations have reached.
  constexpr FixedWindow at(Moment now, std::int64_t period) const noexcept {
    const std::int64_t current = std::max<std::int64_t>(0, now.nanoseconds() / period);
    return current > number ? FixedWindow{current, 0} : *this;
  }
  // Requires: permits <= limit.
  constexpr FixedWindow with(std::int64_t permits, std::int64_t limit) const noexcept {
    return used + permits <= limit ? FixedWindow{number, used + permits} : FixedWindow{number + 1, permits};
  }
  constexpr Duration wait(Moment now, std::int64_t period) const noexcept {
    return remaining(now, Moment::ofNanoseconds(saturatingMultiply(number, period)));
  }
};

}  // namespace revenge::resilience
