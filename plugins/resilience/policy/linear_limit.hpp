// LinearLimit: no limit at all until a service is overloaded for a while; then one that shrinks by a twentieth for each bad
// second and grows by one for each good one, until it is out of the way again. Pure arithmetic on one epoch (a second) after
// the other. Thread safety: one thread at a time. Algorithm: userver's linear congestion control (v2); unlike there the time
// of the last three epochs is their median, so that a single spike is no overload at any rate of calls.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "moment.hpp"
#include "problem.hpp"

namespace revenge::resilience {

struct LinearSettings {
  std::int64_t least = 10;                            // the limit never falls below
  std::int64_t min_calls = 10;                        // an epoch with fewer says nothing
  std::int64_t warm_up = 30;                          // epochs that only teach what is usual
  double failure_rate = 0.05;                         // of 1; more is overload
  double burst = 5;                                   // so many times the usual time is overload
  Duration min_time = std::chrono::milliseconds(20);  // "usual" is at least this
  std::int64_t safe_delta = 10;                       // a limit so far above the load is lifted

  bool operator==(const LinearSettings&) const = default;
};

std::optional<Problem> problem(const LinearSettings& settings);

struct LinearEpoch {
  std::int64_t calls = 0;
  std::int64_t failures = 0;  // timeouts and overload, of the calls
  Duration average_time{};
  std::int64_t load = 0;  // calls at once, on average
};

class LinearLimit {
 public:
  // Requires: !problem(settings).
  explicit LinearLimit(const LinearSettings& settings) : settings_(settings) {}

  // nullopt: no limit.
  std::optional<std::int64_t> update(const LinearEpoch& epoch) noexcept;
  std::optional<std::int64_t> limit() const noexcept { return limit_; }
  void reconfigure(const LinearSettings& settings) noexcept { settings_ = settings; }

 private:
  bool isOverloaded(const LinearEpoch& epoch) noexcept;
  void learn(const LinearEpoch& epoch) noexcept;

  LinearSettings settings_;
  std::optional<std::int64_t> limit_;
  std::array<std::int64_t, 3> recent_{};  // average times, ns; a ring
  std::array<std::int64_t, 3> loads_{};
  std::int64_t epochs_ = 0;
  double usual_ = 0;  // ns
  std::int64_t warm_ = 0;
};

}  // namespace revenge::resilience
