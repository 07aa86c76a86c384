// SharedLevel: the seam for a rate that several hosts share. Who implements it (a cache tier) keeps one bucket for each name;
// the arithmetic is bucket.hpp's. Thread safety: any thread; must not wait.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "bucket.hpp"
#include "moment.hpp"

namespace revenge::resilience {

class SharedLevel {
 public:
  virtual ~SharedLevel() = default;
  // nullopt: out of reach or not known in time; the limiter then decides by its own level.
  virtual std::optional<BucketTaken> take(std::string_view name, const BucketRate& rate, std::int64_t permits,
                                          Moment now, Duration most_wait) noexcept = 0;
  virtual void giveBack(std::string_view name, const BucketRate& rate, std::int64_t permits) noexcept = 0;
};

}  // namespace revenge::resilience
