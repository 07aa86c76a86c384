// Bucket: the arithmetic of a token bucket as the generic cell rate algorithm (ITU-T I.371), whose whole level is one integer:
// the theoretical arrival time, the moment at which the bucket is full again. Level and time are nanoseconds; `interval` is what
// one permit costs, rounded up to a whole nanosecond, so the rate is never exceeded (and missed by at most rate / 10^9 of
// itself). Thread safety: pure functions.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "moment.hpp"

namespace revenge::resilience {

struct BucketRate {
  std::int64_t interval = 1;  // ns per permit
  std::int64_t burst = 1;     // permits

  // What a full bucket is worth. Cannot overflow: see kMaxDepth.
  constexpr std::int64_t depth() const noexcept { return interval * burst; }

  bool operator==(const BucketRate&) const = default;
};

// The most that burst * interval may be: 73 years, which leaves as much to the clock.
inline constexpr std::int64_t kMaxDepth = std::int64_t{1} << 61;

struct BucketTaken {
  bool taken = false;
  std::int64_t arrival = 0;  // the new level
  Duration wait{};           // taken: until the permits are there; else: when asking again is worth it
};

// Requires: 0 <= permits <= rate.burst. Takes when the permits are there within `most_wait`, else changes nothing.
constexpr BucketTaken takeFrom(std::int64_t arrival, const BucketRate& rate, std::int64_t permits, Moment now,
                               Duration most_wait = {}) noexcept {
  const std::int64_t base = std::max(arrival, now.nanoseconds());
  const std::int64_t full = saturatingAdd(base, permits * rate.interval);
  const std::int64_t ahead = saturatingSubtract(full, now.nanoseconds());
  const std::int64_t wait = std::max<std::int64_t>(0, ahead - rate.depth());
  // A level that has reached the end of time would give permits away.
  if (wait > most_wait.count() || full == std::numeric_limits<std::int64_t>::max())
    return {false, arrival, Duration(wait)};
  return {true, full, Duration(wait)};
}

// The level once permits have come back; more than were taken only fill it.
constexpr std::int64_t giveBackTo(std::int64_t arrival, const BucketRate& rate,
                                  std::int64_t permits) noexcept {
  return saturatingSubtract(arrival, saturatingMultiply(permits, rate.interval));
}

// How much of its depth is used up: 0 is full, above the depth are reservations.
constexpr Duration spentOf(std::int64_t arrival, Moment now) noexcept {
  return Duration(std::max<std::int64_t>(0, saturatingSubtract(arrival, now.nanoseconds())));
}

// Whole permits that are there.
constexpr std::int64_t remainingOf(Duration spent, const BucketRate& rate) noexcept {
  return std::max<std::int64_t>(0, rate.depth() - spent.count()) / rate.interval;
}

// Full: not to be told from a bucket that never was.
constexpr bool isFull(std::int64_t arrival, Moment now) noexcept { return arrival <= now.nanoseconds(); }

// The level under another rate: keeps the permits that are there, as far as they fit, and whatever is owed.
constexpr std::int64_t converted(std::int64_t arrival, const BucketRate& from, const BucketRate& to,
                                 Moment now) noexcept {
  const std::int64_t spent = spentOf(arrival, now).count();
  // In permits: used, rounded up, so that changing the rate to and fro wins nothing.
  const std::int64_t used = spent / from.interval + (spent % from.interval != 0 ? 1 : 0);
  const std::int64_t there = std::min(from.burst - used, to.burst);
  return saturatingAdd(now.nanoseconds(), saturatingMultiply(to.burst - there, to.interval));
}

}  // namespace revenge::resilience
