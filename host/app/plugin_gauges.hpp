// What is counted of a plugin only when somebody reads the metrics: what is inside, threads, registrations, jobs that wait.
// Owned by app, after the Plugins. Thread safety: a reading may come on any thread.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "observe/metrics.hpp"

namespace revenge::plugin {
class Plugins;
}

namespace revenge::app {

class PluginGauges {
 public:
  PluginGauges(observe::Metrics& metrics, const plugin::Plugins& plugins);
  PluginGauges(const PluginGauges&) = delete;
  PluginGauges& operator=(const PluginGauges&) = delete;

 private:
  void refresh();
  void set(const observe::MetricSpec& spec, double value);

  const plugin::Plugins& plugins_;
  std::mutex mutex_;
  observe::MetricScope scope_;         // guarded by mutex_
  observe::Metrics::Refresh reading_;  // ends first
};

}  // namespace revenge::app
