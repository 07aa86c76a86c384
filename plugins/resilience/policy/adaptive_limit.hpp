// AdaptiveLimit: how many calls should run at once, learned from how long they take. Pure arithmetic on one sample after the other: no
// clock, no random numbers. Thread safety: one thread at a time. Algorithms: AIMD, Gradient2 and Vegas of Netflix's concurrency-limits
// (Vegas after Brakmo and Peterson, TCP Vegas).
#pragma once

#include <cstdint>
#include <optional>

#include "moment.hpp"
#include "problem.hpp"

namespace revenge::resilience {

enum class AdaptiveAlgorithm : std::uint8_t { kAimd, kGradient2, kVegas };

struct AdaptiveSettings {
  AdaptiveAlgorithm algorithm = AdaptiveAlgorithm::kGradient2;
  std::int64_t initial = 20;
  std::int64_t least = 20;
  std::int64_t most = 200;
  // AIMD: a drop, or a call as long as this, shrinks the limit by the ratio.
  Duration aimd_timeout = std::chrono::seconds(5);
  double aimd_backoff = 0.9;
  // Gradient2: how much of each step is taken, how much longer than usual is no queue yet, how many calls may queue, and over how
  // many samples "usual" is averaged.
  double smoothing = 0.2;
  double tolerance = 1.5;
  std::int64_t queue = 4;
  std::int64_t long_window = 600;
  // Vegas: measures the time without load anew every so many samples times the limit.
  std::int64_t probe_multiplier = 30;

  bool operator==(const AdaptiveSettings&) const = default;
};

std::optional<Problem> problem(const AdaptiveSettings& settings);

struct LimitSample {
  Duration time{};             // a call's, or the average of a window's; above 0
  std::int64_t in_flight = 0;  // at most, the call itself included
  bool dropped = false;        // a call failed for lack of capacity
};

class AdaptiveLimit {
 public:
  // Requires: !problem(settings). `probe_phase` in [0, 1) spreads the probes of Vegas.
  explicit AdaptiveLimit(const AdaptiveSettings& settings, double probe_phase = 0.5);

  // The limit from now on.
  std::int64_t update(const LimitSample& sample) noexcept;
  std::int64_t limit() const noexcept { return static_cast<std::int64_t>(estimate_); }
  // What has been learned stays as far as the algorithm is the same; the limit stays within the new bounds.
  void reconfigure(const AdaptiveSettings& settings) noexcept;
  // Of an earlier version.
  void restore(double estimate) noexcept;
  double estimate() const noexcept { return estimate_; }

 private:
  void updateAimd(const LimitSample& sample) noexcept;
  void updateGradient2(const LimitSample& sample) noexcept;
  void updateVegas(const LimitSample& sample) noexcept;
  double addToLong(double time) noexcept;
  double clamped(double limit) const noexcept;

  AdaptiveSettings settings_;
  double probe_phase_;
  double estimate_;
  double long_time_ = 0;           // Gradient2: ns, usual
  std::int64_t long_samples_ = 0;  // of the warm-up, a plain average
  double long_sum_ = 0;
  double least_time_ = 0;     // Vegas: ns, without load; 0: not known
  std::int64_t samples_ = 0;  // Vegas: since the last probe
};

}  // namespace revenge::resilience
