#include "rate_settings.hpp"

#include <algorithm>

#include "fixed_window.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr Duration kLongest = hours(24 * 366);
constexpr std::int64_t kMostPermits = 1'000'000'000'000;

std::int64_t intervalOf(const RateSettings& settings) noexcept {
  const std::int64_t per = settings.per.count();
  return per / settings.permits + (per % settings.permits != 0 ? 1 : 0);
}

}  // namespace

BucketRate RateSettings::bucket() const noexcept { return {intervalOf(*this), burst}; }

std::optional<Problem> problem(const RateSettings& settings) {
  const bool windowed = settings.algorithm == RateAlgorithm::kFixedWindow;
  const std::int64_t most_permits = windowed ? kMostInWindow : kMostPermits;
  if (auto found = outside("permits", settings.permits, 1, most_permits)) return found;
  if (auto found = outside("per", settings.per, windowed ? milliseconds(1) : Duration(1), kLongest))
    return found;
  if (auto found = outside("max_wait", settings.max_wait, Duration::zero(), kLongest)) return found;
  if (windowed) return std::nullopt;
  if (settings.permits > settings.per.count()) return Problem{"permits", "is more than one in a nanosecond"};
  if (auto found = outside("burst", settings.burst, 1, kMostPermits)) return found;
  if (settings.burst > kMaxDepth / intervalOf(settings)) {
    return Problem{"burst", "takes more than 73 years to come back at this rate"};
  }
  return std::nullopt;
}

std::optional<Problem> problem(const KeyedRateSettings& settings) {
  if (settings.rate.algorithm != RateAlgorithm::kBucket) {
    return Problem{"algorithm", "must be a bucket: a key's window cannot be dropped unseen"};
  }
  if (auto found = problem(settings.rate)) return found;
  return outside("max_keys", settings.max_keys, 1, kMaxKeys);
}

}  // namespace revenge::resilience
