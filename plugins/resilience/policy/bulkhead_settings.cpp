#include "bulkhead_settings.hpp"

namespace revenge::resilience {

std::optional<Problem> problem(const BulkheadSettings& settings) {
  if (auto found = outside("max_concurrent", settings.max_concurrent, 1, kMaxConcurrent)) return found;
  if (auto found = outside("queue_size", settings.queue_size, 0, kMaxQueue)) return found;
  return outside("max_wait", settings.max_wait, Duration::zero(), std::chrono::hours(24));
}

}  // namespace revenge::resilience
