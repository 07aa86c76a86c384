#include "ext/bundle.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <revenge/abi/call.h>
#include <revenge/abi/clock.h>
#include <revenge/abi/command.h>
#include <revenge/abi/config.h>
#include <revenge/abi/health.h>
#include <revenge/abi/paths.h>

#include "runtime/lanes.hpp"

namespace revenge::ext {

Bundle::Bundle(Rooms given, HttpAdapter::Parts parts)
    : rooms(std::move(given)),
      metrics(rooms.metrics),
      timers(rooms.domain, rooms.lanes, rooms.scheduler),
      flags(rooms.flags, rooms.domain, rooms.lanes, rooms.scheduler),
      events(rooms.events, rooms.domain, rooms.lanes, rooms.scheduler),
      health(rooms.checks, rooms.clock, rooms.domain, rooms.lanes),
      commands(rooms.domain, rooms.scheduler, rooms.spawner),
      spawner(rooms.clock, rooms.domain, rooms.spawner, rooms.shutdown),
      trace(rooms.spans, rooms.clock),
      telemetry(rooms.telemetry, rooms.metrics, rooms.domain),
      service(rooms.domain, rooms.scheduler, rooms.io),
      http(std::move(parts)),
      httpClient(rooms.domain),
      process(rooms.domain) {}

const void* Bundle::table(std::string_view id) const {
  struct Offer {
    std::string_view id;
    const void* table;
  };
  const Offer offers[] = {
      {REVENGE_CALL_ID, &callTable()},
      {REVENGE_CLOCK_ID, &clockTable()},
      {REVENGE_COMMAND_ID, &CommandsAdapter::table()},
      {REVENGE_CONFIG_ID, &configTable()},
      {REVENGE_EVENTS_ID, &EventsAdapter::table()},
      {REVENGE_FLAGS_ID, &FlagsAdapter::table()},
      {REVENGE_HEALTH_ID, &HealthAdapter::table()},
      {REVENGE_HTTP_ID, &HttpAdapter::table()},
      {REVENGE_HTTP_CLIENT_ID, &HttpClientAdapter::table()},
      {REVENGE_LOG_ID, &LogAdapter::table()},
      {REVENGE_METRICS_ID, &MetricsAdapter::table()},
      {REVENGE_PATHS_ID, &pathsTable()},
      {REVENGE_PROCESS_ID, &ProcessAdapter::table()},
      {REVENGE_SERVICE_ID, &ServiceAdapter::table()},
      {REVENGE_SPAWN_ID, &SpawnAdapter::table()},
      {REVENGE_TELEMETRY_ID, &TelemetryAdapter::table()},
      {REVENGE_TIMER_ID, &TimerAdapter::table()},
      {REVENGE_TRACE_ID, &TraceAdapter::table()},
  };
  for (const Offer& offer : offers) {
    if (offer.id == id) return offer.table;
  }
  return nullptr;
}

http::CallState Bundle::stateOf(revenge_handle cancel) const {
  const auto state = commands.stateOf(cancel);
  return state ? *state : http.stateOf(cancel);
}

const void* Bundle::open(const revenge_host& host) {
  metrics.open(host);
  rooms.figures.arrived(host.mark(), host.id);
  service.open(host);
  const observe::Attribute version("version", host.version);
  const std::lock_guard lock(mutex_);
  if (seen_.insert(host.id).second) {
    std::error_code ignored;  // what cannot be emptied is met again when the plugin asks for the folder
    std::filesystem::remove_all(rooms.temporary_dir / host.id, ignored);
  }
  return &ties_.emplace_back(*this, host, rooms.log.pluginLogger(host.id).with({version}));
}

base::Result<> Bundle::contribute(service::GenerationBuilder& next, const plugin::Scene& scene) {
  service.contribute(next, scene);
  if (auto routes = http.contribute(next, scene); !routes) return routes;
  events.contribute(scene);
  health.contribute(scene);
  commands.contribute(scene);
  return {};
}

void Bundle::bind(service::GenerationBuilder& next, const plugin::Scene& scene) {
  service.contribute(next, scene);
  events.contribute(scene);
}

void Bundle::published() {
  service.published();
  events.published();
  health.published();
  commands.published();
  if (routesChanged) routesChanged();
}

void Bundle::pause(const revenge_host& host) { spawner.pause(host); }

std::size_t Bundle::cancelWaits(const revenge_host& host) {
  return service.cancelWaits(host) + httpClient.cancelAll(host) + process.cancelAll(host) +
         commands.cancelAll(host);
}

void Bundle::quiesce(const revenge_host& host) {
  timers.quiesce(host);
  flags.quiesce(host);
  events.quiesce(host);
  health.quiesce(host);
  spawner.quiesce(host);
  telemetry.leave(host);
  cancelWaits(host);
}

std::vector<std::string> Bundle::join(const revenge_host& host, base::Instant deadline) {
  return spawner.join(host, deadline);
}

std::vector<std::string> Bundle::withdraw(const revenge_host& host) {
  auto left = service.withdraw(host);
  if (const auto timers_left = timers.quiesce(host); timers_left > 0)
    left.push_back(fmt::format("{} timers", timers_left));
  if (const auto watches_left = flags.quiesce(host); watches_left > 0)
    left.push_back(fmt::format("{} watched flags", watches_left));
  if (const auto subscriptions_left = events.quiesce(host); subscriptions_left > 0)
    left.push_back(fmt::format("{} subscriptions to events", subscriptions_left));
  if (const auto checks_left = health.quiesce(host); checks_left > 0)
    left.push_back(fmt::format("{} health checks", checks_left));
  if (const auto open = httpClient.withdraw(host); open > 0)
    left.push_back(fmt::format("{} responses that were not closed", open));
  if (const auto open = process.withdraw(host); open > 0)
    left.push_back(fmt::format("{} children that were not closed", open));
  http.withdraw(host);
  commands.withdraw(host);
  rooms.figures.left(host.mark());
  metrics.withdraw(host);
  trace.withdraw(host);
  (void)telemetry.withdraw(host);
  log.withdraw(host.instance);
  return left;
}

std::vector<std::string> Bundle::holders(const revenge_host& host) const {
  auto holders = service.holders(host);
  if (const auto lane = rooms.lanes.laneStats(host.lane); lane && lane->running + lane->queued > 0) {
    holders.push_back(fmt::format("{} calls on workers, {} queued", lane->running, lane->queued));
  }
  if (const auto out = httpClient.count(host); out > 0)
    holders.push_back(fmt::format("{} requests to other servers", out));
  if (const auto children = process.count(host); children > 0)
    holders.push_back(fmt::format("{} child processes", children));
  std::ranges::move(commands.holders(host), std::back_inserter(holders));
  return holders;
}

std::vector<std::pair<std::string, std::uint64_t>> Bundle::registrations(const revenge_host& host) const {
  const auto lane = rooms.lanes.laneStats(host.lane);
  return {{"routes", http.count(host)},          {"timers", timers.count(host)},
          {"threads", spawner.count(host)},      {"series", metrics.count(host)},
          {"services", service.count(host)},     {"watched flags", flags.count(host)},
          {"subscriptions", events.count(host)}, {"health checks", health.count(host)},
          {"commands", commands.count(host)},    {"requests out", httpClient.count(host)},
          {"children", process.count(host)},     {"jobs done", lane ? lane->done : 0}};
}

}  // namespace revenge::ext
