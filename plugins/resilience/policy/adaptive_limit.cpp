#include "adaptive_limit.hpp"

#include <algorithm>
#include <cmath>

namespace revenge::resilience {
namespace {

constexpr std::int64_t kWarmUp = 10;  // samples of a plain average before the exponential one

// The whole part of log10, at least 1: by how much Vegas steps.
double step(double limit) noexcept {
  return std::max(1.0, std::floor(std::log10(std::max(1.0, std::floor(limit)))));
}

}  // namespace

std::optional<Problem> problem(const AdaptiveSettings& settings) {
  constexpr std::int64_t kMost = 1'000'000;
  if (auto found = outside("most", settings.most, 1, kMost)) return found;
  if (auto found = outside("least", settings.least, 1, settings.most)) return found;
  if (auto found = outside("initial", settings.initial, settings.least, settings.most)) return found;
  if (auto found = outside("aimd_timeout", settings.aimd_timeout, Duration(1), std::chrono::hours(24)))
    return found;
  if (auto found = outside("aimd_backoff", settings.aimd_backoff, 0.1, 0.99)) return found;
  if (auto found = outside("smoothing", settings.smoothing, 0.001, 1)) return found;
  if (auto found = outside("tolerance", settings.tolerance, 1, 100)) return found;
  if (auto found = outside("queue", settings.queue, 1, kMost)) return found;
  if (auto found = outside("long_window", settings.long_window, 1, kMost)) return found;
  return outside("probe_multiplier", settings.probe_multiplier, 1, kMost);
}

AdaptiveLimit::AdaptiveLimit(const AdaptiveSettings& settings, double probe_phase)
    : settings_(settings), probe_phase_(probe_phase), estimate_(static_cast<double>(settings.initial)) {}

double AdaptiveLimit::clamped(double limit) const noexcept {
  return std::clamp(limit, static_cast<double>(settings_.least), static_cast<double>(settings_.most));
}

std::int64_t AdaptiveLimit::update(const LimitSample& sample) noexcept {
  switch (settings_.algorithm) {
    case AdaptiveAlgorithm::kAimd:
      updateAimd(sample);
      break;
    case AdaptiveAlgorithm::kGradient2:
      updateGradient2(sample);
      break;
    case AdaptiveAlgorithm::kVegas:
      updateVegas(sample);
      break;
  }
  return limit();
}

void AdaptiveLimit::updateAimd(const LimitSample& sample) noexcept {
  if (sample.dropped || sample.time > settings_.aimd_timeout) {
    estimate_ = std::floor(estimate_ * settings_.aimd_backoff);
  } else if (sample.in_flight * 2 >= limit()) {
    estimate_ += 1;
  }
  estimate_ = clamped(estimate_);
}

double AdaptiveLimit::addToLong(double time) noexcept {
  if (long_samples_ < kWarmUp) {
    long_sum_ += time;
    long_time_ = long_sum_ / static_cast<double>(++long_samples_);
  } else {
    const double weight = 2.0 / static_cast<double>(settings_.long_window + 1);
    long_time_ = long_time_ * (1 - weight) + time * weight;
  }
  return long_time_;
}

void AdaptiveLimit::updateGradient2(const LimitSample& sample) noexcept {
  const auto time = static_cast<double>(std::max<std::int64_t>(1, sample.time.count()));
  const double usual = addToLong(time);
  // Back to normal after a long overload, "usual" would take long to come down by itself.
  if (usual / time > 2) long_time_ *= 0.95;
  // Who does not use the limit learns nothing about it.
  if (static_cast<double>(sample.in_flight) < estimate_ / 2) return;
  const double gradient = std::clamp(settings_.tolerance * usual / time, 0.5, 1.0);
  const double next = estimate_ * gradient + static_cast<double>(settings_.queue);
  estimate_ = clamped(estimate_ * (1 - settings_.smoothing) + next * settings_.smoothing);
}

void AdaptiveLimit::updateVegas(const LimitSample& sample) noexcept {
  const auto time = static_cast<double>(std::max<std::int64_t>(1, sample.time.count()));
  ++samples_;
  const double every = (0.5 + probe_phase_ / 2) * static_cast<double>(settings_.probe_multiplier) * estimate_;
  if (every <= static_cast<double>(samples_)) {
    samples_ = 0;
    least_time_ = time;
    return;
  }
  if (least_time_ == 0 || time < least_time_) {
    least_time_ = time;
    return;
  }
  const double queue = std::ceil(estimate_ * (1 - least_time_ / time));
  const double by = step(estimate_);
  if (sample.dropped) {
    estimate_ = clamped(estimate_ - by);
    return;
  }
  if (static_cast<double>(sample.in_flight * 2) < estimate_) return;
  if (queue <= by) {
    estimate_ = clamped(estimate_ + 6 * by);
  } else if (queue < 3 * by) {
    estimate_ = clamped(estimate_ + by);
  } else if (queue > 6 * by) {
    estimate_ = clamped(estimate_ - by);
  }
}

void AdaptiveLimit::reconfigure(const AdaptiveSettings& settings) noexcept {
  if (settings.algorithm != settings_.algorithm) {
    long_time_ = long_sum_ = least_time_ = 0;
    long_samples_ = samples_ = 0;
  }
  settings_ = settings;
  estimate_ = clamped(estimate_);
}

void AdaptiveLimit::restore(double estimate) noexcept {
  if (std::isfinite(estimate)) estimate_ = clamped(estimate);
}

}  // namespace revenge::resilience
