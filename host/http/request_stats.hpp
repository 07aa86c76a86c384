// What the server counts and logs about requests. Thread safety: everything from any thread, except that each loop
// keeps its own PluginTimes.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "observe/metrics.hpp"

namespace revenge::http {

// One loop's way to the duration histograms, without a lock once a plugin is known.
using PluginTimes = std::map<std::string, observe::Histogram, std::less<>>;

class RequestStats {
 public:
  RequestStats(observe::Metrics& metrics, std::string_view server);

  void begun() const { in_flight_.add(1); }
  void ended() const { in_flight_.add(-1); }
  void finished(PluginTimes& times, std::string_view plugin, unsigned status, std::uint64_t bytes,
                base::Duration took) const;
  void connections(double change) const { connections_.add(change); }
  void refusedConnection() const { refused_.add(); }

 private:
  mutable observe::MetricScope scope_;
  std::string server_;
  std::array<observe::Counter, 5> by_class_;  // 1xx to 5xx
  observe::Gauge in_flight_;
  observe::Counter bytes_;
  observe::Gauge connections_;
  observe::Counter refused_;
};

}  // namespace revenge::http
