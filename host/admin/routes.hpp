// The host's own routes: what every client may ask on the public port, and the control plane on its Unix socket. Thread
// safety: the handlers run on I/O threads (public) and workers (control) side by side. app owns what they refer to and
// destroys it after the servers.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/audit_log.hpp"
#include "admin/finding.hpp"
#include "admin/log_feed.hpp"
#include "admin/operators.hpp"
#include "base/clock.hpp"
#include "base/executor.hpp"
#include "base/result.hpp"
#include "config/desk.hpp"
#include "flags/edit.hpp"
#include "flags/flags.hpp"
#include "http/route.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "plugin/commands.hpp"
#include "plugin/packages.hpp"
#include "plugin/plugins.hpp"

namespace revenge::admin {

class TopReadings;

// GET /health/live, /health/ready (200 or 503 with the entries) and /metrics (Prometheus text).
std::vector<http::Route> publicRoutes(const observe::Health& health, const observe::Metrics& metrics);

struct ControlRooms {
  const base::Clock& clock;
  plugin::Plugins& plugins;
  observe::EventStream& events;
  const observe::Health& health;
  flags::Flags& flags;
  std::function<void()> stop;  // asks the host to stop; returns at once
  config::Desk& config;
  // Changes one flag in its file and in force.
  std::function<base::Result<flags::Edited>(const flags::Edit& edit, const flags::Asked& asked)> edit_flag;
  std::vector<std::string> urls;  // that clients reach the host at
  const TopReadings* top;
  observe::Log& log;
  AuditLog& audit;
  LogFeed& feed;
  plugin::Commands* commands;               // of plugins
  std::shared_ptr<base::Executor> workers;  // where what is answered late is answered
  Operators operators = Operators();        // of TCP connections; those of the Unix socket need no entry
  std::function<Findings()> examine = [] { return Findings(); };  // the installation, as this process sees it
  plugin::Packages* packages = nullptr;                           // null: this host installs none
};

// The routes of docs/control-plane.md. Operations wait for plugins, so they run in `lane`.
std::vector<http::Route> controlRoutes(ControlRooms rooms, runtime::LaneId lane);

}  // namespace revenge::admin
