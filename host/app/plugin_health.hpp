// What the states of the plugins say about the host's health: one that is wanted and does not serve, or whose own `health` is
// not good, makes it degraded. Owned by app, after the Plugins. Thread safety: a report may come on any thread.
#pragma once

#include <vector>

#include "observe/health.hpp"

namespace revenge::plugin {
class Plugins;
}

namespace revenge::app {

class PluginHealth {
 public:
  PluginHealth(observe::Health& health, const plugin::Plugins& plugins);
  PluginHealth(const PluginHealth&) = delete;
  PluginHealth& operator=(const PluginHealth&) = delete;

 private:
  void tell(std::vector<observe::HealthEntry>& entries) const;

  const plugin::Plugins& plugins_;
  observe::HealthSource source_;  // ends first
};

}  // namespace revenge::app
