// The host's own routes: what every client may ask on the public port, and the control plane on its Unix socket. Thread
// safety: the handlers run on I/O threads (public) and workers (control) side by side. app owns what they refer to and
// destroys it after the servers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/applied.hpp"
#include "http/route.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "observe/metrics.hpp"
#include "plugin/plugins.hpp"

namespace revenge::admin {

// GET /health/live, /health/ready (200 or 503 with the entries) and /metrics (Prometheus text).
std::vector<http::Route> publicRoutes(const observe::Health& health, const observe::Metrics& metrics);

struct ControlRooms {
  const base::Clock& clock;
  plugin::Plugins& plugins;
  observe::EventStream& events;
  const observe::Health& health;
  std::function<void()> stop;  // asks the host to stop; returns at once
  // Takes the configuration as it is on disk now; returns when all have it, or none.
  std::function<base::Result<config::Applied>(config::Whom whom)> reload_configuration;
  std::vector<std::string> urls;  // that clients reach the host at
};

// The routes of docs/control-plane.md. Operations wait for plugins, so they run in `lane`.
std::vector<http::Route> controlRoutes(ControlRooms rooms, runtime::LaneId lane);

}  // namespace revenge::admin
