// Host: the instance's view of its host, and the door to every capability.
//
// One per instance, made before the plugin and gone after it; the plugin borrows it. All members are safe
// from any thread. Each capability is a light value that borrows the Host (http.hpp, log.hpp, timers.hpp ...);
// asking for one that the host does not offer throws Failure(kUnavailable).
#pragma once

#include <revenge/abi/call.h>
#include <revenge/abi/clock.h>
#include <revenge/abi/command.h>
#include <revenge/abi/events.h>
#include <revenge/abi/flags.h>
#include <revenge/abi/health.h>
#include <revenge/abi/http.h>
#include <revenge/abi/http_client.h>
#include <revenge/abi/log.h>
#include <revenge/abi/metrics.h>
#include <revenge/abi/paths.h>
#include <revenge/abi/plugin.h>
#include <revenge/abi/process.h>
#include <revenge/abi/service.h>
#include <revenge/abi/spawn.h>
#include <revenge/abi/telemetry.h>
#include <revenge/abi/timer.h>
#include <revenge/abi/trace.h>
#include <revenge/boundary.hpp>
#include <revenge/scope.hpp>

namespace revenge {

class Clock;
class Commands;
class Events;
class Flags;
class Health;
class Http;
class HttpClient;
class Log;
class Metrics;
class Paths;
class Processes;
class Services;
class Sql;
class Spawn;
class Telemetry;
class Timers;
class Call;

class Host {
 public:
  explicit Host(const revenge_host_api& api)
      : api_(&api),
        calls_(query<revenge_calls>(REVENGE_CALL_ID)),
        clock_(query<revenge_clock>(REVENGE_CLOCK_ID)),
        commands_(query<revenge_commands>(REVENGE_COMMAND_ID)),
        events_(query<revenge_events>(REVENGE_EVENTS_ID)),
        flags_(query<revenge_flags>(REVENGE_FLAGS_ID)),
        health_(query<revenge_health>(REVENGE_HEALTH_ID)),
        http_(query<revenge_http>(REVENGE_HTTP_ID)),
        http_client_(query<revenge_http_client>(REVENGE_HTTP_CLIENT_ID)),
        log_(query<revenge_log>(REVENGE_LOG_ID)),
        metrics_(query<revenge_metrics>(REVENGE_METRICS_ID)),
        paths_(query<revenge_paths>(REVENGE_PATHS_ID)),
        process_(query<revenge_process>(REVENGE_PROCESS_ID)),
        services_(query<revenge_service>(REVENGE_SERVICE_ID)),
        spawn_(query<revenge_spawn>(REVENGE_SPAWN_ID)),
        telemetry_(query<revenge_telemetry>(REVENGE_TELEMETRY_ID)),
        timers_(query<revenge_timer>(REVENGE_TIMER_ID)),
        trace_(query<revenge_trace>(REVENGE_TRACE_ID)) {}
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  Clock clock() const;
  Commands commands();
  Events events();
  Flags flags();
  Health health();
  Http http();
  HttpClient httpClient();
  Log log() const;
  Metrics metrics() const;
  Paths paths() const;
  Processes processes();
  Services services();
  Sql sql();  // include <revenge/sql.hpp>
  Spawn spawn();
  Telemetry telemetry() const;
  Timers timers();
  // A call that is for nobody: no deadline, no request. For work a plugin begins by itself.
  Call call() const;

  std::string_view version() const { return boundary::text(api_->version); }

  // For tables that this SDK does not wrap; null when the host does not offer it.
  template <class Table>
  const Table* query(std::string_view id) const {
    return static_cast<const Table*>(api_->query(api_->host, boundary::view(id)));
  }
  // First argument of every table function.
  const revenge_host* raw() const { return api_->host; }

  // For the other headers of the glue.
  const revenge_calls* callTable() const { return calls_; }
  const revenge_log* logTable() const { return log_; }
  const revenge_trace* traceTable() const { return trace_; }
  const revenge_clock& clockTable() const { return offered(clock_, REVENGE_CLOCK_ID); }
  const revenge_commands& commandTable() const { return offered(commands_, REVENGE_COMMAND_ID); }
  const revenge_events& eventsTable() const { return offered(events_, REVENGE_EVENTS_ID); }
  const revenge_flags& flagsTable() const { return offered(flags_, REVENGE_FLAGS_ID); }
  const revenge_health& healthTable() const { return offered(health_, REVENGE_HEALTH_ID); }
  const revenge_http& httpTable() const { return offered(http_, REVENGE_HTTP_ID); }
  const revenge_http_client& httpClientTable() const { return offered(http_client_, REVENGE_HTTP_CLIENT_ID); }
  const revenge_metrics& metricsTable() const { return offered(metrics_, REVENGE_METRICS_ID); }
  const revenge_paths& pathsTable() const { return offered(paths_, REVENGE_PATHS_ID); }
  const revenge_process& processTable() const { return offered(process_, REVENGE_PROCESS_ID); }
  const revenge_service& serviceTable() const { return offered(services_, REVENGE_SERVICE_ID); }
  const revenge_spawn& spawnTable() const { return offered(spawn_, REVENGE_SPAWN_ID); }
  const revenge_telemetry& telemetryTable() const { return offered(telemetry_, REVENGE_TELEMETRY_ID); }
  const revenge_timer& timerTable() const { return offered(timers_, REVENGE_TIMER_ID); }

  // Handlers and jobs: outlive the plugin object. Coroutines: end before it.
  Scope& kept() { return kept_; }
  Scope& coroutines() { return coroutines_; }

  // For callbacks that have nobody to answer to: an exception becomes one error record.
  template <class Function>
  void contained(std::string_view what, Function&& function) const noexcept {
    boundary::ErrorText error;
    if (boundary::guarded(&error, function) < 0) logEscape(what, error);
  }

 private:
  template <class Table>
  static const Table& offered(const Table* table, const char* id) {
    if (table == nullptr) throw Failure(Errc::kUnavailable, std::string("this host does not offer ") + id);
    return *table;
  }

  void logEscape(std::string_view what, const revenge_error& error) const noexcept {
    if (log_ == nullptr) return;
    auto where = boundary::sized<revenge_attribute>();
    where.type = REVENGE_ATTRIBUTE_TEXT;
    where.name = boundary::view("in");
    where.text = boundary::view(what);
    auto record = boundary::sized<revenge_log_record>();
    record.level = REVENGE_LOG_ERROR;
    record.message = boundary::view(boundary::text(error));
    record.attributes = &where;
    record.attribute_count = 1;
    log_->write(raw(), nullptr, 0, &record);
  }

  const revenge_host_api* api_;
  const revenge_calls* calls_;
  const revenge_clock* clock_;
  const revenge_commands* commands_;
  const revenge_events* events_;
  const revenge_flags* flags_;
  const revenge_health* health_;
  const revenge_http* http_;
  const revenge_http_client* http_client_;
  const revenge_log* log_;
  const revenge_metrics* metrics_;
  const revenge_paths* paths_;
  const revenge_process* process_;
  const revenge_service* services_;
  const revenge_spawn* spawn_;
  const revenge_telemetry* telemetry_;
  const revenge_timer* timers_;
  const revenge_trace* trace_;
  revenge_call nobody_ = boundary::sized<revenge_call>();
  Scope kept_;
  Scope coroutines_;
};

}  // namespace revenge
