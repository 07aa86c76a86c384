// Examines an installation and names the remedy of whatever is wrong with it: the same checks in a host that runs and in
// `revenge --doctor`, which opens nothing and runs no code of a plugin. Thread safety: any thread that may wait for disks.
#pragma once

#include <cstdint>

#include "admin/finding.hpp"
#include "app/configuration.hpp"
#include "observe/health.hpp"
#include "plugin/plugins.hpp"

namespace revenge::app {

// What only the running host knows.
struct Running {
  plugin::Listing plugins;
  observe::HealthReport health;
  std::uint64_t lost_log_lines = 0;
};

admin::Findings examineStopped(const Serve& options);
admin::Findings examineRunning(const Configuration& configuration, const Running& running);

}  // namespace revenge::app
