// How long a retry waits: a base that is fixed, grows by a step, grows by a factor or is drawn from a range, then jitter,
// then the cap. Thread safety: constant once made. Algorithms: Brooker, "Exponential Backoff And Jitter" (AWS, 2015) for
// full, equal and decorrelated jitter.
//
// Rationale: the base is capped, jittered and capped again. Jitter after the last cap would pass it; without the first
// cap, all who have reached it would come back in the same moment.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>

#include "policy/problem.hpp"

namespace revenge::resilience {

enum class BackoffKind {
  kNone,         // at once
  kFixed,        // initial
  kLinear,       // initial, twice initial, ...
  kExponential,  // initial, times multiplier, ...
  kRandom,       // anywhere from initial to max; without jitter of its own
};

enum class Jitter {
  kNone,
  kSymmetric,     // base x (1 - factor .. 1 + factor)
  kFull,          // 0 .. base
  kEqual,         // base/2 .. base
  kDecorrelated,  // initial .. 3 x the delay before; the base counts for nothing
};

struct BackoffSettings {
  BackoffKind kind = BackoffKind::kExponential;
  std::chrono::nanoseconds initial = std::chrono::milliseconds(100);
  std::chrono::nanoseconds max =
      std::chrono::seconds(10);  // of the delay as waited; below initial it is all there is
  double multiplier = 2;         // 1 and more; exponential alone
  Jitter jitter = Jitter::kSymmetric;
  double jitter_factor = 0.1;  // 0 to 1; symmetric jitter, and what is added to the server's hint
  bool operator==(const BackoffSettings&) const = default;
};

std::optional<Problem> problem(const BackoffSettings& settings);

class Backoff {
 public:
  // Requires: problem(settings) finds none.
  explicit Backoff(const BackoffSettings& settings) : settings_(settings) {}

  // Before the first retry, `retry` is 1. `u` is drawn from [0, 1). `previous` is the delay this answered for the retry
  // before, zero for the first; only decorrelated jitter looks at it. Any retry number is answered: what overflows is max.
  std::chrono::nanoseconds delay(std::uint32_t retry, double u, std::chrono::nanoseconds previous = {}) const;

  // The same where the server has said how long to wait: never less than that, and jitter goes upwards only. The hint
  // is not capped by max; whether it is worth the wait is for the caller to say.
  std::chrono::nanoseconds delayWithHint(std::uint32_t retry, double u, std::chrono::nanoseconds previous,
                                         std::chrono::nanoseconds hint) const;

 private:
  double base(std::uint32_t retry, double u) const;

  BackoffSettings settings_;
};

}  // namespace revenge::resilience
