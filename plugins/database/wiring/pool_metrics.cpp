#include "wiring/pool_metrics.hpp"

namespace database {

PoolMetrics::PoolMetrics(revenge::Host& host, std::string_view pool)
    : open_(host.metrics().gauge("connections", "Open connections.", {{"pool", pool}})),
      busy_(host.metrics().gauge("connections_busy", "Connections in use.", {{"pool", pool}})),
      waiting_(host.metrics().gauge("connections_waiting", "Callers that wait for a connection.",
                                    {{"pool", pool}})),
      acquired_(host.metrics().counter("acquired_total", "Connections given to callers.", {{"pool", pool}})),
      waited_(host.metrics().counter("acquired_late_total", "Of those, after a wait.", {{"pool", pool}})),
      timed_out_(host.metrics().counter("acquire_timeouts_total", "Callers that got no connection in time.",
                                        {{"pool", pool}})),
      opened_(host.metrics().counter("opened_total", "Connections opened.", {{"pool", pool}})),
      failed_(host.metrics().counter("connect_failures_total", "Connections that could not be opened.",
                                     {{"pool", pool}})),
      closed_broken_(host.metrics().counter("closed_broken_total", "Connections closed because they broke.",
                                            {{"pool", pool}})) {}

void PoolMetrics::set(const PoolStats& stats) {
  open_.set(static_cast<double>(stats.open));
  busy_.set(static_cast<double>(stats.busy));
  waiting_.set(static_cast<double>(stats.waiting));
  const auto add = [](revenge::Counter& counter, std::uint64_t now, std::uint64_t before) {
    if (now > before) counter.add(static_cast<double>(now - before));
  };
  add(acquired_, stats.acquired, before_.acquired);
  add(waited_, stats.waited, before_.waited);
  add(timed_out_, stats.timed_out, before_.timed_out);
  add(opened_, stats.opened, before_.opened);
  add(failed_, stats.failed, before_.failed);
  add(closed_broken_, stats.closed_broken, before_.closed_broken);
  before_ = stats;
}

}  // namespace database
