// What each plugin is doing just now: rates out of two readings of the metrics. The earlier one is kept here, five to ten
// seconds old, for whoever asks; nothing is kept for a client. Owned by app. Thread safety: everything from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/periodic.hpp"
#include "base/scheduler.hpp"
#include "observe/metrics.hpp"
#include "plugin/plugins.hpp"

namespace revenge::admin {

// Totals of one plugin since it came.
struct PluginTotals {
  double requests = 0;
  double errors = 0;  // answered 5xx
  double cpu_s = 0;
  double sent_bytes = 0;
  std::vector<double> bounds;  // of the durations, in seconds
  std::vector<std::uint64_t> buckets;
};
using Totals = std::map<std::string, PluginTotals, std::less<>>;

Totals totalsOf(const observe::MetricsView& view);

// The duration below which 99 of 100 requests were between two readings: linear within its bucket; the first bound for what is
// below it, the last for what is beyond. Nothing: there were none.
std::optional<double> p99(const PluginTotals& before, const PluginTotals& now);

class TopReadings {
 public:
  // `where`: readings are made there. All outlive this object.
  TopReadings(const observe::Metrics& metrics, base::Scheduler& scheduler,
              std::shared_ptr<base::Executor> where);

  std::string describe(const plugin::Listing& listing) const;  // JSON; docs/control-plane.md

 private:
  struct Reading {
    base::Instant at;
    Totals totals;
  };
  Reading read() const;
  void keep();

  const observe::Metrics& metrics_;
  const base::Clock& clock_;
  mutable std::mutex mutex_;
  Reading earlier_;  // guarded by mutex_
  Reading later_;    // guarded by mutex_
  base::Periodic reading_;
};

}  // namespace revenge::admin
