#include "http/request_limits.hpp"

#include <algorithm>

#include "http/connection.hpp"
#include "http/io_loop.hpp"
#include "http/server_core.hpp"

namespace revenge::http {
namespace {

base::Duration timeoutOf(const ExchangeRecord& record) {
  const auto& candidates = record.endpoint->candidates;
  const Route& route = record.route != nullptr ? *record.route : candidates.front();
  return route.timeout > base::Duration::zero() ? route.timeout : record.loop.core().options.request_timeout;
}

}  // namespace

void setDeadline(ExchangeRecord& record) {
  const std::int64_t by_route = (record.begun + timeoutOf(record)).time_since_epoch().count();
  record.call_view.deadline_ns = std::min(by_route, record.limits.deadline_ns);
}

void armTimeout(ExchangeRecord& record) {
  const std::int64_t until = std::min(record.call_view.deadline_ns, record.limits.deadline_ns);
  record.loop.deadlines().arm(record.deadline(), base::Instant(base::Duration(until)));
}

bool isLimited(const ExchangeRecord& record) { return record.limits.deadline_ns != INT64_MAX; }

void lookAtLimits(ExchangeRecord& record) {
  record.limits.lower(record.asked_limits);
  if (record.connection != nullptr) record.connection->limitBody(record.limits.body_bytes);
}

void limited(ExchangeRecord& record) {
  {
    const std::scoped_lock lock(record.mutex);
    if (record.phase != ExchangeRecord::Phase::kOpen && record.phase != ExchangeRecord::Phase::kDeferred)
      return;
    lookAtLimits(record);
  }
  if (isLimited(record)) armTimeout(record);
}

}  // namespace revenge::http
