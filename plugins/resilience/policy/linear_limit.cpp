#include "linear_limit.hpp"

#include <algorithm>
#include <cmath>

namespace revenge::resilience {
namespace {

constexpr double kLongEpochs = 30;  // over which "usual" is averaged
constexpr double kShrink = 0.95;

double average(const std::array<std::int64_t, 3>& values) noexcept {
  return (static_cast<double>(values[0]) + static_cast<double>(values[1]) + static_cast<double>(values[2])) /
         3;
}

}  // namespace

std::optional<Problem> problem(const LinearSettings& settings) {
  constexpr std::int64_t kMost = 1'000'000;
  if (auto found = outside("least", settings.least, 1, kMost)) return found;
  if (auto found = outside("min_calls", settings.min_calls, 0, kMost)) return found;
  if (auto found = outside("warm_up", settings.warm_up, 1, kMost)) return found;
  if (auto found = outside("failure_rate", settings.failure_rate, 0.0001, 1)) return found;
  if (auto found = outside("burst", settings.burst, 1.1, 1000)) return found;
  if (auto found = outside("min_time", settings.min_time, Duration(1), std::chrono::hours(1))) return found;
  return outside("safe_delta", settings.safe_delta, 0, kMost);
}

std::optional<std::int64_t> LinearLimit::update(const LinearEpoch& epoch) noexcept {
  const auto place = static_cast<std::size_t>(epochs_ % 3);
  ++epochs_;
  loads_[place] = epoch.load;
  recent_[place] = epoch.average_time.count();
  if (epoch.calls < settings_.min_calls && !limit_) return limit_;
  if (warm_ < settings_.warm_up) {
    ++warm_;
    learn(epoch);
    return limit_;
  }
  const double load = average(loads_);
  if (isOverloaded(epoch)) {
    limit_ = static_cast<std::int64_t>(limit_ ? std::floor(static_cast<double>(*limit_) * kShrink) : load);
  } else if (limit_) {
    ++*limit_;
    if (static_cast<double>(*limit_ - 1) > load + static_cast<double>(settings_.safe_delta)) limit_.reset();
  }
  if (limit_) limit_ = std::max(*limit_, settings_.least);
  return limit_;
}

bool LinearLimit::isOverloaded(const LinearEpoch& epoch) noexcept {
  std::array<std::int64_t, 3> sorted = recent_;
  std::ranges::sort(sorted);
  const double usual = std::max(usual_, static_cast<double>(settings_.min_time.count()));
  // What is usual is learned from good times only.
  if (static_cast<double>(sorted[1]) > settings_.burst * usual) return true;
  learn(epoch);
  return static_cast<double>(epoch.failures) > settings_.failure_rate * static_cast<double>(epoch.calls);
}

void LinearLimit::learn(const LinearEpoch& epoch) noexcept {
  usual_ += (static_cast<double>(epoch.average_time.count()) - usual_) / kLongEpochs;
}

}  // namespace revenge::resilience
