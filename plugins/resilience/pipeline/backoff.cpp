#include "pipeline/backoff.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace revenge::resilience {
namespace {

using std::chrono::nanoseconds;

double count(nanoseconds duration) { return static_cast<double>(duration.count()); }

// Saturating; the comparison is written so that NaN (0 times infinity) is zero.
nanoseconds toDelay(double value, nanoseconds max) {
  if (value >= count(max)) return max;
  return value > 0 ? nanoseconds(std::llround(value)) : nanoseconds(0);
}

}  // namespace

std::optional<Problem> problem(const BackoffSettings& settings) {
  if (settings.initial < nanoseconds(0))
    return Problem{"initial", fmt::format("{} ns is negative", settings.initial.count())};
  if (settings.max < nanoseconds(0))
    return Problem{"max", fmt::format("{} ns is negative", settings.max.count())};
  // Asked the other way round, NaN would pass.
  if (!(settings.multiplier >= 1) || std::isinf(settings.multiplier))
    return Problem{"multiplier", fmt::format("{} is not a number of at least 1", settings.multiplier)};
  if (!(settings.jitter_factor >= 0 && settings.jitter_factor <= 1))
    return Problem{"jitter_factor", fmt::format("{} is not from 0 to 1", settings.jitter_factor)};
  if (settings.kind == BackoffKind::kRandom && settings.max < settings.initial)
    return Problem{"max", fmt::format("{} ns is below initial", settings.max.count())};
  return {};
}

double Backoff::base(std::uint32_t retry, double u) const {
  const double initial = count(settings_.initial);
  const double max = count(settings_.max);
  switch (settings_.kind) {
    case BackoffKind::kNone:
      return 0;
    case BackoffKind::kFixed:
      return std::min(initial, max);
    case BackoffKind::kLinear:
      return std::min(initial * retry, max);
    case BackoffKind::kExponential: {
      const double grown = initial * std::pow(settings_.multiplier, static_cast<double>(retry) - 1);
      return grown < max ? grown : (initial > 0 ? max : 0);
    }
    case BackoffKind::kRandom:
      return initial + (max - initial) * u;
  }
  return 0;
}

nanoseconds Backoff::delay(std::uint32_t retry, double u, nanoseconds previous) const {
  if (settings_.kind == BackoffKind::kNone) return nanoseconds(0);
  const double plain = base(std::max<std::uint32_t>(retry, 1), u);
  if (settings_.kind == BackoffKind::kRandom) return toDelay(plain, settings_.max);
  switch (settings_.jitter) {
    case Jitter::kNone:
      return toDelay(plain, settings_.max);
    case Jitter::kSymmetric:
      return toDelay(plain * (1 + settings_.jitter_factor * (2 * u - 1)), settings_.max);
    case Jitter::kFull:
      return toDelay(plain * u, settings_.max);
    case Jitter::kEqual:
      return toDelay(plain * (0.5 + 0.5 * u), settings_.max);
    case Jitter::kDecorrelated: {
      const double initial = count(settings_.initial);
      const double top = std::max(3 * count(previous), initial);
      return toDelay(initial + (top - initial) * u, settings_.max);
    }
  }
  return nanoseconds(0);
}

nanoseconds Backoff::delayWithHint(std::uint32_t retry, double u, nanoseconds previous,
                                   nanoseconds hint) const {
  const nanoseconds own = delay(retry, u, previous);
  if (hint <= nanoseconds(0)) return own;
  const double spread = settings_.jitter == Jitter::kNone ? 0 : settings_.jitter_factor * u;
  return std::max(own, toDelay(count(hint) * (1 + spread), nanoseconds::max()));
}

}  // namespace revenge::resilience
