// All adapters of the boundary together: the tables by id, and what they keep for an instance. One per host, owned by
// app, outlives every instance. Thread safety: see plugin::Capabilities.
#pragma once

#include <deque>
#include <filesystem>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/scheduler.hpp"
#include "ext/boundary.hpp"
#include "ext/commands.hpp"
#include "ext/events.hpp"
#include "ext/flags.hpp"
#include "ext/health.hpp"
#include "ext/http.hpp"
#include "ext/http_client.hpp"
#include "ext/log.hpp"
#include "ext/metrics.hpp"
#include "ext/process.hpp"
#include "ext/service.hpp"
#include "ext/spawn.hpp"
#include "ext/telemetry.hpp"
#include "ext/timer.hpp"
#include "ext/trace.hpp"
#include "observe/plugin_figures.hpp"
#include "plugin/capabilities.hpp"

struct revenge_calls;
struct revenge_clock;
struct revenge_configuration;
struct revenge_paths;

namespace revenge::ext {

struct Rooms {
  const base::Clock& clock;
  base::Scheduler& scheduler;
  observe::Log& log;
  observe::Metrics& metrics;
  observe::Spans& spans;
  observe::Telemetry& telemetry;
  revenge::flags::Flags& flags;
  observe::EventStream& events;
  service::Domain& domain;
  runtime::Lanes& lanes;
  std::shared_ptr<base::Executor> io;  // of an I/O thread: for functions tagged [io]
  runtime::Spawner& spawner;
  runtime::Shutdown& shutdown;
  std::filesystem::path state_dir;
  std::filesystem::path cache_dir;
  std::filesystem::path temporary_dir;
  observe::PluginFigures& figures;
  observe::HealthChecks& checks;
};

class Bundle final : public plugin::Capabilities {
 public:
  Bundle(Rooms rooms, HttpAdapter::Parts http);

  // Called when an instance that serves registered or removed something; app connects it to Plugins::republish.
  std::function<base::Result<>()> republish;
  // Called when another generation runs; app connects it to the server's requests that wait for one.
  std::function<void()> routesChanged;

  const void* open(const revenge_host& host) override;
  const void* table(std::string_view id) const override;
  base::Result<> contribute(service::GenerationBuilder& next, const plugin::Scene& scene) override;
  void bind(service::GenerationBuilder& next, const plugin::Scene& scene) override;
  void published() override;
  void pause(const revenge_host& host) override;
  std::size_t cancelWaits(const revenge_host& host) override;
  void quiesce(const revenge_host& host) override;
  std::vector<std::string> join(const revenge_host& host, base::Instant deadline) override;
  std::vector<std::string> withdraw(const revenge_host& host) override;
  std::vector<std::string> holders(const revenge_host& host) const override;
  std::vector<std::pair<std::string, std::uint64_t>> registrations(const revenge_host& host) const override;

  // Whether anybody waits for the call that carries this cancel handle: a request's, or a command's.
  http::CallState stateOf(revenge_handle cancel) const;

  Rooms rooms;
  LogAdapter log;
  MetricsAdapter metrics;
  TimerAdapter timers;
  FlagsAdapter flags;
  EventsAdapter events;
  HealthAdapter health;
  CommandsAdapter commands;
  SpawnAdapter spawner;
  TraceAdapter trace;
  TelemetryAdapter telemetry;
  ServiceAdapter service;
  HttpAdapter http;
  HttpClientAdapter httpClient;
  ProcessAdapter process;

 private:
  std::mutex mutex_;
  std::set<std::string> seen_;  // plugin ids loaded in this run; guarded by mutex_
  std::deque<Ties> ties_;       // guarded by mutex_; never shrinks: late calls read them
};

const revenge_clock& clockTable();
const revenge_paths& pathsTable();
const revenge_calls& callTable();
const revenge_configuration& configTable();

}  // namespace revenge::ext
