// RateSettings: how many calls may start within a time. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <optional>

#include "bucket.hpp"
#include "moment.hpp"
#include "problem.hpp"

namespace revenge::resilience {

enum class RateAlgorithm : std::uint8_t {
  kBucket,
  kFixedWindow,  // `permits` in each period of the clock; lets twice as many through around its border
};

struct RateSettings {
  std::int64_t permits = 100;  // in each `per`
  Duration per = std::chrono::seconds(1);
  std::int64_t burst = 200;  // of kBucket
  RateAlgorithm algorithm = RateAlgorithm::kBucket;
  Duration max_wait{};  // of reserve(), at most

  // Requires: !problem(*this).
  BucketRate bucket() const noexcept;

  bool operator==(const RateSettings&) const = default;
};

struct KeyedRateSettings {
  RateSettings rate;                // of each key; kFixedWindow is refused
  std::int64_t max_keys = 100'000;  // keys beyond share one bucket

  bool operator==(const KeyedRateSettings&) const = default;
};

inline constexpr std::int64_t kMaxKeys = 1'000'000;

// At most 10^9 a second, and burst * per / permits at most kMaxDepth.
std::optional<Problem> problem(const RateSettings& settings);
std::optional<Problem> problem(const KeyedRateSettings& settings);

}  // namespace revenge::resilience
