#include "pipeline/timeout.hpp"

namespace revenge::resilience {

std::optional<Problem> problem(const TimeoutSettings& settings) {
  return outside("limit", settings.limit, Duration(1), std::chrono::hours(24 * 365));
}

}  // namespace revenge::resilience
