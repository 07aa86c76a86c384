// A running quantile of durations in 2 KiB, for the delay of a hedge: "the second try starts when the first is slower than
// 95 of 100". A log-linear histogram (as HdrHistogram's: 8 steps an octave, from 1 us to over an hour, at most 12.5 % too
// high, never too low inside that range) whose counts are halved once `age` samples are in, so that what was a while ago
// fades. Thread safety: all functions from any thread; while others record, the answer is off by what they record.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "policy/problem.hpp"

namespace revenge::resilience {

struct QuantileSettings {
  double quantile = 0.95;      // above 0 and below 1
  std::uint32_t warm_up = 20;  // samples before there is an answer
  std::uint32_t age = 1000;    // samples until the old ones count half; at least 32
  bool operator==(const QuantileSettings&) const = default;
};

std::optional<Problem> problem(const QuantileSettings& settings);

class Quantile {
 public:
  // Requires: problem(settings) finds none.
  explicit Quantile(const QuantileSettings& settings) : settings_(settings) {}

  void record(std::chrono::nanoseconds duration) noexcept;
  // The upper edge of the step the quantile lies in; empty during the warm-up.
  std::optional<std::chrono::nanoseconds> estimate() const noexcept;

 private:
  static constexpr std::size_t kStepsPerOctave = 8;
  static constexpr std::size_t kSteps = 33 * kStepsPerOctave;

  static std::size_t stepOf(std::chrono::nanoseconds duration) noexcept;
  static std::chrono::nanoseconds upperEdge(std::size_t step) noexcept;
  void halve() noexcept;

  QuantileSettings settings_;
  std::array<std::atomic<std::uint32_t>, kSteps> counts_{};
  std::atomic<std::uint32_t> until_halving_ = settings_.age;
  std::atomic<std::uint32_t> seen_ = 0;  // stops at the warm-up
};

}  // namespace revenge::resilience
