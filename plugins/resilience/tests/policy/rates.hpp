// Rates as the cases have them.
#pragma once

#include <gtest/gtest.h>

#include "policy/rate_limiter.hpp"

namespace revenge::resilience {

inline RateSettings rate(std::int64_t permits, Duration per, std::int64_t burst) {
  RateSettings settings;
  settings.permits = permits;
  settings.per = per;
  settings.burst = burst;
  settings.max_wait = std::chrono::hours(24);
  EXPECT_FALSE(problem(settings));
  return settings;
}

inline RateSettings seedRate() { return rate(100, std::chrono::seconds(1), 200); }

inline std::int64_t allowed(RateLimiter& limiter, Moment now, int attempts) {
  std::int64_t allowed = 0;
  for (int i = 0; i < attempts; ++i) allowed += limiter.allow(now) ? 1 : 0;
  return allowed;
}

}  // namespace revenge::resilience
