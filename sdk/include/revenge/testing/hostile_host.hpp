// HostileHost: a FakeHost whose functions fail, are slow, and are watched; and Life: an instance that a test leads through
// its calls one by one.
//
//   revenge::testing::HostileHost host;
//   host.faults().failNth(3);                                  // or .fail("http.add_route", REVENGE_LIMIT), .slow(5ms)
//   revenge::testing::Life life(host, entry(REVENGE_ABI_GENERATION, &error)->create);
//   const auto created = life.create("{}");
//   EXPECT_FALSE(created.threw);
//
// Functions that give something back (remove, cancel, close ...) never fail: a plugin may rely on them. An exception that
// leaves the plugin is caught where the host had entered it, and told. What FakeHost::load() loads beside it meets the plain
// fake host: a provider that the plugin under test needs.
//
// Thread safe where it is said in FakeHost, and besides: requests by http().handle() from any number of threads, while one
// other leads the lives and runs jobs and timers.
#pragma once

#include <set>
#include <tuple>
#include <typeinfo>

#include <cxxabi.h>
#include <unistd.h>

#include <revenge/testing/call_shape.hpp>
#include <revenge/testing/fake_host.hpp>
#include <revenge/testing/fault_plan.hpp>

namespace revenge::testing {

enum class Callback : std::uint8_t {
  kCreate,
  kRestore,
  kStart,
  kHealth,
  kPrepare,
  kCommit,
  kAbort,
  kSave,
  kResume,
  kStop,
  kDestroy,
  kThreadsEnd,  // threads of spawn, after they were asked to
  kHandler,
  kTimer,
  kJob,
  kEvent,
  kCheck,
  kCommand,
  kThread,
  kHook,
};

// Is told of all that passes between plugin and host, on the thread on which it does.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  // `limit` of 0: as long as such a callback may take.
  virtual void entered(Callback, std::string_view /*what*/, std::chrono::nanoseconds /*limit*/) {}
  virtual void left(Callback, std::string_view /*what*/, const std::string* /*threw*/) {}
  virtual void called(std::string_view /*function*/) {}
  virtual void returned(std::string_view /*function*/, revenge_status) {}
  virtual void absent(std::string_view /*table*/) {}
  // A call that no host takes well: an argument that is none, a handle that the instance does not have.
  virtual void misused(std::string_view /*function*/, std::string_view /*how*/) {}
};

// How a call into the plugin ended.
struct Ended {
  revenge_status status = REVENGE_OK;
  std::string reason = {};
  std::optional<std::string> threw = std::nullopt;
  bool wellFormed = true;  // the error's text

  bool ok() const { return status >= 0 && !threw; }
};

class HostileHost : public FakeHost {
 public:
  explicit HostileHost(Observer* observer = nullptr)
      : observer_(observer == nullptr ? &nobody_looks_ : observer) {
    interpose();
  }

  FaultPlan& faults() { return faults_; }
  Observer& observer() const { return *observer_; }

  // What registers something with the host and was called since an instance was told to stop.
  std::vector<std::string> registeredTooLate() const {
    const std::lock_guard lock(watching_);
    return too_late_;
  }
  bool offers(std::string_view id) const { return tables_.contains(id); }
  // Of the instances that are led by a Life.
  std::vector<FakeHttp::Registered> routes() const {
    auto all = http_.all();
    const std::lock_guard lock(watching_);
    std::erase_if(
        all, [&](const auto& each) { return each.route.handle == nullptr || !led_.contains(each.seat); });
    return all;
  }
  std::vector<std::string> checks() const { return health_.names(); }
  // Tables that were asked for and that this host does not have.
  std::set<std::string> absent() const {
    const std::lock_guard lock(watching_);
    return absent_;
  }

  // Runs code of the plugin; what it throws is caught.
  template <class Function>
  std::optional<std::string> enter(Callback callback, std::string_view what, std::chrono::nanoseconds limit,
                                   const Function& function) {
    observer_->entered(callback, what, limit);
    std::optional<std::string> threw;
    try {
      function();
    } catch (const std::exception& exception) {
      threw = nameOf(typeid(exception)) + ": " + exception.what();
    } catch (...) {
      const std::type_info* type = abi::__cxa_current_exception_type();
      threw = type == nullptr ? "a foreign exception" : "an exception of type " + nameOf(*type);
    }
    observer_->left(callback, what, threw ? &*threw : nullptr);
    return threw;
  }

 private:
  friend class Life;
  template <auto Member>
  friend struct HostCall;

  enum class Nature : std::uint8_t {
    kRegisters,  // may fail; not to be called once the instance stops
    kMayFail,
    kWorks,
    kGivesBack,  // works; what it is given is the instance's own, and is given back once
  };

  // A callback of the plugin with what enters it.
  template <class Raw>
  struct Guarded {
    HostileHost* host;
    Raw raw;
    std::string what;
    Callback callback;
  };

  static HostileHost& of(const revenge_host* host) { return static_cast<HostileHost&>(*Seat::of(host).host); }
  static std::string nameOf(const std::type_info& type) {
    int status = 0;
    char* plain = abi::__cxa_demangle(type.name(), nullptr, nullptr, &status);
    std::string name = plain == nullptr ? type.name() : plain;
    ::free(plain);
    return name;
  }
  static const void* queryWatched(const revenge_host* host, revenge_view id) {
    HostileHost& self = of(host);
    if (const auto watched = self.watched_.find(boundary::text(id)); watched != self.watched_.end())
      return watched->second;
    if (const void* table = FakeHost::query(host, id); table != nullptr) return table;
    self.observer_->absent(boundary::text(id));
    const std::lock_guard lock(self.watching_);
    self.absent_.emplace(boundary::text(id));
    return nullptr;
  }

  template <class Raw>
  Guarded<Raw>& keep(const Raw& raw, Callback callback, std::string what) {
    auto kept = std::make_shared<Guarded<Raw>>(this, raw, std::move(what), callback);
    const std::lock_guard lock(watching_);
    kept_.push_back(kept);
    return *kept;
  }
  template <class Raw, class Function>
  static revenge_status answered(Guarded<Raw>& guarded, std::chrono::nanoseconds limit,
                                 const Function& function) {
    revenge_status status = REVENGE_FAILED;
    guarded.host->enter(guarded.callback, guarded.what, limit, [&] { status = function(); });
    return status;
  }

  // The struct to register in place of the plugin's.
  template <class Given>
  Given adapt(std::string_view, Given given) {
    return given;
  }
  const revenge_http_route* adapt(std::string_view, const revenge_http_route* given) {
    auto& guarded =
        keep(*given, Callback::kHandler, "the handler of " + std::string(boundary::text(given->pattern)));
    return &copied(
        guarded,
        [](void* context, const revenge_call* call, const revenge_http_request* request,
           revenge_error* error) {
          auto& at = *static_cast<Guarded<revenge_http_route>*>(context);
          return answered(at, std::chrono::nanoseconds(at.raw.timeout_ns),
                          [&] { return at.raw.handle(at.raw.context, call, request, error); });
        },
        &revenge_http_route::handle);
  }
  const revenge_http_middleware* adapt(std::string_view, const revenge_http_middleware* given) {
    auto& guarded =
        keep(*given, Callback::kHandler, "the middleware '" + std::string(boundary::text(given->name)) + "'");
    return &copied(
        guarded,
        [](void* context, const revenge_call* call, const revenge_http_request* request,
           revenge_error* error) {
          auto& at = *static_cast<Guarded<revenge_http_middleware>*>(context);
          return answered(at, {}, [&] { return at.raw.before(at.raw.context, call, request, error); });
        },
        &revenge_http_middleware::before);
  }
  const revenge_http_listener* adapt(std::string_view, const revenge_http_listener* given) {
    auto& guarded = keep(boundary::known(*given), Callback::kEvent, "a listener of requests");
    thread_local revenge_http_listener copy;
    copy = guarded.raw;
    copy.context = &guarded;
    if (copy.finished != nullptr)
      copy.finished = [](void* context, const revenge_call* call, const revenge_http_finished* finished) {
        auto& at = *static_cast<Guarded<revenge_http_listener>*>(context);
        at.host->enter(at.callback, at.what, {}, [&] { at.raw.finished(at.raw.context, call, finished); });
      };
    if (copy.ended != nullptr)
      copy.ended = [](void* context, const revenge_call* call, const revenge_http_ended* ended) {
        auto& at = *static_cast<Guarded<revenge_http_listener>*>(context);
        at.host->enter(at.callback, at.what, {}, [&] { at.raw.ended(at.raw.context, call, ended); });
      };
    return &copy;
  }
  const revenge_job* adapt(std::string_view function, const revenge_job* given) {
    const bool timer = function == "timer.start";
    return &copied(
        keep(*given, timer ? Callback::kTimer : Callback::kJob, timer ? "a timer" : "a job"),
        [](void* context, const revenge_call* call) {
          auto& at = *static_cast<Guarded<revenge_job>*>(context);
          at.host->enter(at.callback, at.what, {}, [&] { at.raw.run(at.raw.context, call); });
        },
        &revenge_job::run);
  }
  const revenge_event_handler* adapt(std::string_view, const revenge_event_handler* given) {
    return &copied(
        keep(*given, Callback::kEvent, "a handler of events"),
        [](void* context, const revenge_call* call, const revenge_event* event) {
          auto& at = *static_cast<Guarded<revenge_event_handler>*>(context);
          at.host->enter(at.callback, at.what, {}, [&] { at.raw.handle(at.raw.context, call, event); });
        },
        &revenge_event_handler::handle);
  }
  const revenge_health_check* adapt(std::string_view, const revenge_health_check* given) {
    auto& guarded =
        keep(*given, Callback::kCheck, "the health check '" + std::string(boundary::text(given->name)) + "'");
    return &copied(
        guarded,
        [](void* context, const revenge_call* call, revenge_error* error) {
          auto& at = *static_cast<Guarded<revenge_health_check>*>(context);
          return answered(at, {}, [&] { return at.raw.ask(at.raw.context, call, error); });
        },
        &revenge_health_check::ask);
  }
  const revenge_command* adapt(std::string_view, const revenge_command* given) {
    auto& guarded =
        keep(*given, Callback::kCommand, "the command '" + std::string(boundary::text(given->name)) + "'");
    return &copied(
        guarded,
        [](void* context, const revenge_call* call, const revenge_command_run* run, revenge_buffer* answer,
           revenge_error* error) {
          auto& at = *static_cast<Guarded<revenge_command>*>(context);
          return answered(at, std::chrono::nanoseconds(at.raw.timeout_ns),
                          [&] { return at.raw.run(at.raw.context, call, run, answer, error); });
        },
        &revenge_command::run);
  }
  const revenge_thread* adapt(std::string_view, const revenge_thread* given) {
    auto& guarded =
        keep(*given, Callback::kThread, "the thread '" + std::string(boundary::text(given->name)) + "'");
    return &copied(
        guarded,
        [](void* context, const revenge_call* call, revenge_handle thread) {
          auto& at = *static_cast<Guarded<revenge_thread>*>(context);
          at.host->enter(at.callback, at.what, {}, [&] { at.raw.run(at.raw.context, call, thread); });
        },
        &revenge_thread::run);
  }
  const revenge_shutdown_hook* adapt(std::string_view, const revenge_shutdown_hook* given) {
    auto& guarded =
        keep(*given, Callback::kHook, "the shutdown hook '" + std::string(boundary::text(given->name)) + "'");
    return &copied(
        guarded,
        [](void* context, const revenge_call* call, revenge_error* error) {
          auto& at = *static_cast<Guarded<revenge_shutdown_hook>*>(context);
          return answered(at, std::chrono::nanoseconds(at.raw.deadline_ns),
                          [&] { return at.raw.run(at.raw.context, call, error); });
        },
        &revenge_shutdown_hook::run);
  }

  // The plugin's struct with the guard in place of its function; good until the next one on this thread.
  template <class Raw, class Function, class Member>
  static const Raw& copied(Guarded<Raw>& guarded, Function guard, Member member) {
    thread_local Raw copy;
    copy = guarded.raw;
    copy.context = &guarded;
    copy.*member = guard;
    return copy;
  }

  // A failure that is made up takes what the function would have taken.
  template <class Given>
  static void take(Given) {}
  static void take(const revenge_http_response* response) {
    if (response == nullptr) return;
    if (response->file >= 0) ::close(response->file);
    if (response->body.release != nullptr) response->body.release(response->body.owner);
  }
  static void take(const revenge_http_client_request* request) {
    if (request != nullptr && request->body.release != nullptr) request->body.release(request->body.owner);
  }
  static void take(const revenge_process_command* command) {
    if (command != nullptr && command->input_bytes.release != nullptr)
      command->input_bytes.release(command->input_bytes.owner);
  }

  template <class Table>
  const Table& plain() const {
    return std::get<const Table&>(plain_);
  }
  template <class Table>
  Table& watched() {
    return std::get<Table>(watched_tables_);
  }
  template <auto Member>
  void watch(const char* name, Nature nature, revenge_status failure = REVENGE_LIMIT);
  void interpose();

  using PlainTables =
      std::tuple<const revenge_calls&, const revenge_commands&, const revenge_configuration&,
                 const revenge_events&, const revenge_flags&, const revenge_health&, const revenge_http&,
                 const revenge_http_client&, const revenge_log&, const revenge_metrics&, const revenge_paths&,
                 const revenge_process&, const revenge_service&, const revenge_spawn&,
                 const revenge_telemetry&, const revenge_timer&, const revenge_trace&>;
  using WatchedTables =
      std::tuple<revenge_calls, revenge_commands, revenge_configuration, revenge_events, revenge_flags,
                 revenge_health, revenge_http, revenge_http_client, revenge_log, revenge_metrics,
                 revenge_paths, revenge_process, revenge_service, revenge_spawn, revenge_telemetry,
                 revenge_timer, revenge_trace>;

  Observer nobody_looks_;
  Observer* observer_;
  FaultPlan faults_;
  std::atomic<bool> stopping_ = false;
  mutable std::mutex watching_;
  std::vector<std::shared_ptr<void>> kept_;  // guarded by watching_, as what follows
  std::vector<std::string> too_late_;
  std::set<std::string> absent_;
  std::set<const Seat*> led_;
  const PlainTables plain_{callsTable_,  commandsTable_, configTable_,     eventsTable_, flagsTable_,
                           healthTable_, httpTable_,     httpClientTable_, logTable_,    metricsTable_,
                           pathsTable_,  processTable_,  serviceTable_,    spawnTable_,  telemetryTable_,
                           timerTable_,  traceTable_};
  WatchedTables watched_tables_{plain_};
  std::map<std::string_view, const void*> watched_;
};

// What stands in a table in place of the fake host's function.
template <auto Member>
struct HostCall;
template <class Table, class Answer, class... Given, Answer (*Table::*Member)(const revenge_host*, Given...)>
struct HostCall<Member> {
  inline static const char* name = "";
  inline static HostileHost::Nature nature = HostileHost::Nature::kWorks;
  inline static revenge_status failure = REVENGE_LIMIT;

  static Table& tableOf(auto& tables) { return std::get<Table>(tables); }

  static Answer call(const revenge_host* host, Given... given) {
    HostileHost& self = HostileHost::of(host);
    self.observer_->called(name);
    self.faults_.delay();
    if (nature == HostileHost::Nature::kRegisters && self.stopping_) {
      const std::lock_guard lock(self.watching_);
      self.too_late_.emplace_back(name);
    }
    const std::string wrong = firstWrong(given...);
    if (!wrong.empty()) self.observer_->misused(name, wrong);
    if constexpr (std::is_same_v<Answer, revenge_status>) {
      const auto failing = !wrong.empty() ? std::optional<revenge_status>(REVENGE_INVALID)
                           : mayFail()    ? self.faults_.next(name, failure)
                                          : std::nullopt;
      if (failing) {
        if (wrong.empty()) (HostileHost::take(given), ...);
        (explain(given, wrong), ...);
        self.observer_->returned(name, *failing);
        return *failing;
      }
      const revenge_status status = (self.plain<Table>().*Member)(host, self.adapt(name, given)...);
      self.observer_->returned(name, status);
      if (nature == HostileHost::Nature::kGivesBack && status == REVENGE_GONE && !self.stopping_)
        self.observer_->misused(name, "what it gives back is not its own, or no more");
      if constexpr (std::is_same_v<Table, revenge_http> && sizeof...(Given) > 0 &&
                    std::is_same_v<std::tuple_element_t<0, std::tuple<Given..., int>>, revenge_handle>) {
        const auto answered = std::get<0>(std::forward_as_tuple(given...));
        if (std::string_view(name) == "http.respond" && status == REVENGE_GONE &&
            !self.http().knows(answered))
          self.observer_->misused(name, "there never was the request that it answers");
      }
      if (std::string_view(name) == "events.publish" && status == REVENGE_REFUSED)
        self.observer_->misused(
            name, "the event is refused: it is the host's to publish, or answers itself for ever");
      return status;
    } else if constexpr (std::is_void_v<Answer>) {
      if (wrong.empty()) (self.plain<Table>().*Member)(host, given...);
      self.observer_->returned(name, REVENGE_OK);
    } else {
      const Answer answer = (self.plain<Table>().*Member)(host, given...);
      self.observer_->returned(name, REVENGE_OK);
      return answer;
    }
  }

 private:
  static bool mayFail() {
    return nature == HostileHost::Nature::kRegisters || nature == HostileHost::Nature::kMayFail;
  }
  static std::string firstWrong(const Given&... given) {
    std::string wrong;
    static_cast<void>(((wrong = wrongWith(given), !wrong.empty()) || ...));
    return wrong;
  }
  template <class Other>
  static void explain(Other, const std::string&) {}
  static void explain(revenge_error* error, const std::string& wrong) {
    boundary::write(error, wrong.empty() ? "made to fail by the hostile host" : wrong);
  }
};

template <auto Member>
void HostileHost::watch(const char* name, Nature nature, revenge_status failure) {
  HostCall<Member>::name = name;
  HostCall<Member>::nature = nature;
  HostCall<Member>::failure = failure;
  HostCall<Member>::tableOf(watched_tables_).*Member = HostCall<Member>::call;
}

inline void HostileHost::interpose() {
  using enum Nature;
  watched_ = {
      {REVENGE_CALL_ID, &watched<revenge_calls>()},
      {REVENGE_COMMAND_ID, &watched<revenge_commands>()},
      {REVENGE_CONFIG_ID, &watched<revenge_configuration>()},
      {REVENGE_EVENTS_ID, &watched<revenge_events>()},
      {REVENGE_FLAGS_ID, &watched<revenge_flags>()},
      {REVENGE_HEALTH_ID, &watched<revenge_health>()},
      {REVENGE_HTTP_ID, &watched<revenge_http>()},
      {REVENGE_HTTP_CLIENT_ID, &watched<revenge_http_client>()},
      {REVENGE_LOG_ID, &watched<revenge_log>()},
      {REVENGE_METRICS_ID, &watched<revenge_metrics>()},
      {REVENGE_PATHS_ID, &watched<revenge_paths>()},
      {REVENGE_PROCESS_ID, &watched<revenge_process>()},
      {REVENGE_SERVICE_ID, &watched<revenge_service>()},
      {REVENGE_SPAWN_ID, &watched<revenge_spawn>()},
      {REVENGE_TELEMETRY_ID, &watched<revenge_telemetry>()},
      {REVENGE_TIMER_ID, &watched<revenge_timer>()},
      {REVENGE_TRACE_ID, &watched<revenge_trace>()},
  };
  watch<&revenge_calls::check>("call.check", kWorks);
  watch<&revenge_commands::add>("command.add", kRegisters);
  watch<&revenge_configuration::read>("config.read", kMayFail, REVENGE_GONE);
  watch<&revenge_events::publish>("events.publish", kMayFail, REVENGE_REFUSED);
  watch<&revenge_events::subscribe>("events.subscribe", kRegisters);
  watch<&revenge_events::unsubscribe>("events.unsubscribe", kGivesBack);
  watch<&revenge_flags::find>("flags.find", kMayFail);
  watch<&revenge_flags::evaluate>("flags.evaluate", kMayFail, REVENGE_GONE);
  watch<&revenge_flags::watch>("flags.watch", kRegisters);
  watch<&revenge_flags::unwatch>("flags.unwatch", kGivesBack);
  watch<&revenge_health::add>("health.add", kRegisters);
  watch<&revenge_health::remove>("health.remove", kGivesBack);
  watch<&revenge_http::add_route>("http.add_route", kRegisters, REVENGE_EXISTS);
  watch<&revenge_http::add_middleware>("http.add_middleware", kRegisters);
  watch<&revenge_http::add_listener>("http.add_listener", kRegisters);
  watch<&revenge_http::remove>("http.remove", kGivesBack);
  watch<&revenge_http::respond>("http.respond", kMayFail, REVENGE_GONE);
  watch<&revenge_http::add_header>("http.add_header", kMayFail, REVENGE_GONE);
  watch<&revenge_http::defer>("http.defer", kMayFail, REVENGE_GONE);
  watch<&revenge_http::drop>("http.drop", kWorks);
  watch<&revenge_http::watch>("http.watch", kMayFail, REVENGE_GONE);
  watch<&revenge_http::limit>("http.limit", kMayFail, REVENGE_GONE);
  watch<&revenge_http::tell_end>("http.tell_end", kMayFail, REVENGE_GONE);
  watch<&revenge_http::resume>("http.resume", kMayFail, REVENGE_GONE);
  watch<&revenge_http::body_read>("http.body_read", kMayFail, REVENGE_GONE);
  watch<&revenge_http::stream_open>("http.stream_open", kMayFail, REVENGE_GONE);
  watch<&revenge_http::stream_write>("http.stream_write", kMayFail, REVENGE_GONE);
  watch<&revenge_http::stream_event>("http.stream_event", kMayFail, REVENGE_GONE);
  watch<&revenge_http::stream_close>("http.stream_close", kWorks);
  watch<&revenge_http_client::send>("http_client.send", kMayFail);
  watch<&revenge_http_client::write>("http_client.write", kMayFail, REVENGE_GONE);
  watch<&revenge_http_client::finish>("http_client.finish", kMayFail, REVENGE_GONE);
  watch<&revenge_http_client::response>("http_client.response", kMayFail, REVENGE_GONE);
  watch<&revenge_http_client::read>("http_client.read", kMayFail, REVENGE_GONE);
  watch<&revenge_http_client::close>("http_client.close", kWorks);
  watch<&revenge_log::write>("log.write", kWorks);
  watch<&revenge_log::bind>("log.bind", kMayFail);
  watch<&revenge_log::unbind>("log.unbind", kWorks);
  watch<&revenge_metrics::open>("metrics.open", kRegisters);
  watch<&revenge_metrics::add>("metrics.add", kWorks);
  watch<&revenge_metrics::set>("metrics.set", kWorks);
  watch<&revenge_paths::folder>("paths.folder", kMayFail, REVENGE_IO);
  watch<&revenge_process::start>("process.start", kMayFail);
  watch<&revenge_process::ended>("process.ended", kMayFail, REVENGE_GONE);
  watch<&revenge_process::result>("process.result", kMayFail, REVENGE_GONE);
  watch<&revenge_process::read>("process.read", kMayFail, REVENGE_GONE);
  watch<&revenge_process::write>("process.write", kMayFail, REVENGE_GONE);
  watch<&revenge_process::finish>("process.finish", kMayFail, REVENGE_GONE);
  watch<&revenge_process::close>("process.close", kWorks);
  watch<&revenge_service::provide>("service.provide", kRegisters);
  watch<&revenge_service::require>("service.require", kMayFail);
  watch<&revenge_service::enter>("service.enter", kMayFail, REVENGE_UNAVAILABLE);
  watch<&revenge_service::leave>("service.leave", kWorks);
  watch<&revenge_service::lease_open>("service.lease_open", kMayFail);
  watch<&revenge_service::lease_enter>("service.lease_enter", kMayFail, REVENGE_GONE);
  watch<&revenge_service::lease_close>("service.lease_close", kWorks);
  watch<&revenge_service::callback_open>("service.callback_open", kMayFail);
  watch<&revenge_service::callback_call>("service.callback_call", kMayFail, REVENGE_GONE);
  watch<&revenge_service::callback_close>("service.callback_close", kGivesBack);
  watch<&revenge_service::completion_open>("service.completion_open", kMayFail);
  watch<&revenge_service::completion_finish>("service.completion_finish", kWorks);
  watch<&revenge_service::completion_cancel>("service.completion_cancel", kWorks);
  watch<&revenge_spawn::start>("spawn.start", kRegisters);
  watch<&revenge_spawn::sleep>("spawn.sleep", kWorks);
  watch<&revenge_spawn::on_shutdown>("spawn.on_shutdown", kRegisters);
  watch<&revenge_telemetry::open>("telemetry.open", kMayFail);
  watch<&revenge_telemetry::wait>("telemetry.wait", kMayFail, REVENGE_CANCELLED);
  watch<&revenge_telemetry::wake>("telemetry.wake", kWorks);
  watch<&revenge_telemetry::spans>("telemetry.spans", kMayFail, REVENGE_GONE);
  watch<&revenge_telemetry::logs>("telemetry.logs", kMayFail, REVENGE_GONE);
  watch<&revenge_telemetry::metrics>("telemetry.metrics", kMayFail, REVENGE_GONE);
  watch<&revenge_telemetry::close>("telemetry.close", kWorks);
  watch<&revenge_timer::start>("timer.start", kRegisters);
  watch<&revenge_timer::cancel>("timer.cancel", kWorks);
  watch<&revenge_timer::submit>("timer.submit", kMayFail);
  watch<&revenge_trace::begin>("trace.begin", kMayFail);
}

// One instance. The order of calls is the caller's; nothing is called by itself, not even at its end.
class Life {
 public:
  Life(HostileHost& host, decltype(revenge_plugin::create) function)
      : host_(&host),
        seat_(&host.seats_.emplace_back(&host, "plugin")),
        create_(function),
        api_(boundary::sized<revenge_host_api>()) {
    api_.abi_generation = REVENGE_ABI_GENERATION;
    api_.version = boundary::view("hostile");
    api_.host = seat_->raw();
    api_.query = HostileHost::queryWatched;
    const std::lock_guard lock(host.watching_);
    host.led_.insert(seat_);
  }
  Life(const Life&) = delete;
  Life& operator=(const Life&) = delete;

  Ended create(std::string json) {
    host_->stopping_ = false;
    host_->config_ = std::make_unique<ConfigText>(std::move(json), ++host_->revision_);
    Ended ended = answer(Callback::kCreate, "create()", [&](revenge_error* error) {
      return create_(&api_, &call_, &host_->config_->raw(), &instance_, error);
    });
    if (ended.ok()) return ended;
    host_->services_.forget(*seat_);
    host_->withdraw(*seat_);
    return ended;
  }
  Ended restore(std::string_view state, std::string_view version) {
    return answer(Callback::kRestore, "restore()", [&](revenge_error* error) {
      return instance_.restore(instance_.self, &call_, boundary::view(state), boundary::view(version), error);
    });
  }
  Ended start() {
    host_->stopping_ = false;
    return lifecycle(Callback::kStart, "start()", instance_.start);
  }
  Ended health() {
    return instance_.health == nullptr ? Ended() : lifecycle(Callback::kHealth, "health()", instance_.health);
  }
  // prepare alone; commit or abort follow.
  Ended prepare(std::string json) {
    next_ = std::make_unique<ConfigText>(std::move(json), ++host_->revision_);
    if (instance_.prepare == nullptr) return {};
    return answer(Callback::kPrepare, "prepare()", [&](revenge_error* error) {
      return instance_.prepare(instance_.self, &call_, &next_->raw(), error);
    });
  }
  Ended commit() {
    if (instance_.commit == nullptr) return {};
    Ended ended = caught(host_->enter(Callback::kCommit, "commit()", {},
                                      [&] { instance_.commit(instance_.self, &next_->raw()); }));
    host_->config_ = std::move(next_);
    return ended;
  }
  Ended abort() {
    if (instance_.abort == nullptr) return {};
    return caught(host_->enter(Callback::kAbort, "abort()", {}, [&] { instance_.abort(instance_.self); }));
  }
  Ended save(std::string& state) {
    revenge_buffer buffer{};
    Ended ended = answer(Callback::kSave, "save()", [&](revenge_error* error) {
      return instance_.save(instance_.self, &call_, &buffer, error);
    });
    if (ended.ok()) state = boundary::take(buffer);
    return ended;
  }
  Ended resume() {
    if (instance_.resume == nullptr) return {};
    return caught(host_->enter(Callback::kResume, "resume()", {}, [&] { instance_.resume(instance_.self); }));
  }
  // As before `stop`: what waits is cancelled, threads are asked to end.
  void drain() {
    host_->quiesce(*seat_);
    host_->runJobs();
  }
  // Between `stop`, or a failed `start`, and `destroy`.
  void join() {
    host_->enter(Callback::kThreadsEnd, "the end of its threads", {},
                 [&] { host_->spawn_.stopAndJoin(seat_); });
  }
  Ended stop() {
    host_->stopping_ = true;
    return lifecycle(Callback::kStop, "stop()", instance_.stop);
  }
  Ended destroy() {
    host_->stopping_ = true;
    host_->withdraw(*seat_);
    return caught(
        host_->enter(Callback::kDestroy, "destroy()", {}, [&] { instance_.destroy(instance_.self); }));
  }

  const revenge_instance& raw() const { return instance_; }

 private:
  static Ended caught(std::optional<std::string> threw) {
    Ended ended;
    ended.threw = std::move(threw);
    return ended;
  }
  template <class Function>
  Ended answer(Callback callback, std::string_view what, const Function& function) {
    boundary::ErrorText error;
    Ended ended;
    ended.threw = host_->enter(callback, what, {}, [&] { ended.status = function(&error); });
    if (ended.status >= 0) return ended;
    ended.wellFormed = error.length <= REVENGE_ERROR_TEXT;
    ended.reason.assign(error.message, std::min<std::size_t>(error.length, REVENGE_ERROR_TEXT));
    return ended;
  }
  Ended lifecycle(Callback callback, std::string_view what, decltype(revenge_instance::start) function) {
    return answer(callback, what,
                  [&](revenge_error* error) { return function(instance_.self, &call_, error); });
  }

  HostileHost* host_;
  Seat* seat_;
  decltype(revenge_plugin::create) create_;
  revenge_host_api api_;
  revenge_instance instance_ = boundary::sized<revenge_instance>();
  revenge_call call_ = boundary::sized<revenge_call>();
  std::unique_ptr<ConfigText> next_;
};

}  // namespace revenge::testing
