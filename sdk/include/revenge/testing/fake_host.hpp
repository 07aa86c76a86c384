// FakeHost: a host in the test's own process, with time that stands still. Every capability is there, through
// the same C tables as in the real host, so that what a test runs is the plugin as it will be loaded.
//
//   revenge::testing::FakeHost host;
//   auto plugin = host.load<Hello>(R"({"greeting": "Good day"})");
//   EXPECT_EQ(host.get("/hello/ada").body, "Good day, ada");
//
// Driven by one thread: the test's. Jobs run at the end of each verb, timers when the clock is advanced. It
// must outlive what it loaded.
#pragma once

#include <chrono>
#include <deque>
#include <memory>
#include <stdexcept>
#include <string>

#include <revenge/plugin.hpp>
#include <revenge/testing/fake_core.hpp>
#include <revenge/testing/fake_events.hpp>
#include <revenge/testing/fake_http.hpp>
#include <revenge/testing/fake_http_client.hpp>
#include <revenge/testing/fake_processes.hpp>
#include <revenge/testing/fake_services.hpp>
#include <revenge/testing/fake_spans.hpp>
#include <revenge/testing/fake_telemetry.hpp>
#include <revenge/testing/json.hpp>
#include <revenge/testing/library.hpp>

namespace revenge::testing {

// Stands for the class of a plugin that was made from its entry function.
class AnyPlugin;
class HostileHost;

// A loaded instance; stops and destroys it at its end.
template <class P>
class Loaded {
 public:
  Loaded(FakeHost& host, Seat& seat, std::unique_ptr<revenge_host_api> api, const revenge_instance& instance)
      : host_(&host), seat_(&seat), api_(std::move(api)), instance_(instance) {}
  Loaded(Loaded&& other) noexcept
      : host_(other.host_),
        seat_(std::exchange(other.seat_, nullptr)),
        api_(std::move(other.api_)),
        instance_(other.instance_),
        started_(other.started_) {}
  Loaded& operator=(Loaded&&) = delete;
  ~Loaded() { unload(); }

  P* operator->() const { return static_cast<detail::Boundary<P>*>(instance_.self)->plugin.get(); }
  P& operator*() const { return *operator->(); }

  Status start() {
    Status started = lifecycle(instance_.start);
    started_ = started.has_value();
    return started;
  }
  Status health() { return instance_.health == nullptr ? Status() : lifecycle(instance_.health); }
  // prepare and commit, or the refusal.
  Status configure(std::string json);
  Result<std::string> save() {
    revenge_buffer state{};
    boundary::ErrorText error;
    const revenge_status status = instance_.save(instance_.self, &call_, &state, &error);
    if (status < 0) return std::unexpected(boundary::failure(status, &error));
    return boundary::take(state);
  }
  Status restore(std::string_view state, std::string_view version) {
    boundary::ErrorText error;
    return boundary::status(
        instance_.restore(instance_.self, &call_, boundary::view(state), boundary::view(version), &error),
        &error);
  }
  // As the host does: what waits is cancelled and threads are asked to end; stop; threads are joined; destroy.
  void unload();

  const revenge_instance& raw() const { return instance_; }

 private:
  Status lifecycle(revenge_status (*function)(void*, const revenge_call*, revenge_error*)) {
    boundary::ErrorText error;
    return boundary::status(function(instance_.self, &call_, &error), &error);
  }

  FakeHost* host_;
  Seat* seat_;
  std::unique_ptr<revenge_host_api> api_;
  revenge_instance instance_;
  revenge_call call_ = boundary::sized<revenge_call>();
  bool started_ = false;
};

class FakeHost {
 public:
  // The clock as a test drives it.
  class TestClock {
   public:
    explicit TestClock(FakeHost& host) : host_(&host) {}
    void advance(std::chrono::nanoseconds by) { host_->advance(by); }
    std::chrono::steady_clock::time_point now() const {
      return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(host_->time_.ns()));
    }

   private:
    FakeHost* host_;
  };

  FakeHost() { fillTables(); }
  FakeHost(const FakeHost&) = delete;
  FakeHost& operator=(const FakeHost&) = delete;

  // create and start. Throws std::runtime_error with the plugin's reason when it refuses.
  template <class P>
  Loaded<P> load(std::string json = "{}") {
    Result<Loaded<P>> loaded = tryLoad<P>(std::move(json));
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return std::move(*loaded);
  }
  template <class P>
  Result<Loaded<P>> tryLoad(std::string json = "{}") {
    return begin<P>(&detail::Boundary<P>::create, std::move(json));
  }
  // The plugin of a library that was built.
  Loaded<AnyPlugin> load(const Library& library, std::string json = "{}") {
    Result<Loaded<AnyPlugin>> loaded = tryLoad(library.entry(), std::move(json));
    if (!loaded) throw std::runtime_error(loaded.error().message);
    return std::move(*loaded);
  }
  // A plugin by its entry symbol, in whatever language it is.
  Result<Loaded<AnyPlugin>> tryLoad(revenge_plugin_entry_fn entry, std::string json = "{}") {
    boundary::ErrorText error;
    const revenge_plugin* plugin = entry(REVENGE_ABI_GENERATION, &error);
    if (plugin == nullptr) return std::unexpected(boundary::failure(REVENGE_REFUSED, &error));
    return begin<AnyPlugin>(plugin->create, std::move(json));
  }

  Reply& get(std::string target) { return send({.target = std::move(target)}); }
  Reply& post(std::string target, std::string body) {
    return send({.method = Method::kPost, .target = std::move(target), .body = std::move(body)});
  }
  Reply& send(Ask ask) { return settled(http_.handle(std::move(ask))); }

  TestClock clock() { return TestClock(*this); }
  void advance(std::chrono::nanoseconds by) {
    const std::int64_t until = time_.ns() + by.count();
    runJobs();
    while (const auto due = timers_.begin(until)) {
      time_.set(std::max(time_.ns(), due->at));
      due->job.run(due->job.context, &nobody_);
      timers_.finish(*due);
      runJobs();
    }
    time_.set(until);
    http_.clockMoved();
    spawn_.clockMoved();
  }
  void runJobs() {
    while (const auto job = timers_.takeJob()) job->run(job->context, &nobody_);
    http_.proceed();
    while (const auto watch = flags_.begin()) {
      watch->run(watch->context, &nobody_);
      flags_.finish();
    }
    while (events_.tellNext()) runJobs();
  }

  // As if another plugin, or the host, published it. Whoever subscribed is told.
  void publish(FakeEvent event) {
    events_.publish(std::move(event));
    runJobs();
  }
  // What was published so far, by the plugin or by the test.
  std::vector<FakeEvent> published() const { return events_.published(); }

  // Defines the flag: for everybody, or for the user of that key. Whoever watches it is told.
  void setFlag(std::string_view key, FakeFlags::Value value, std::string_view user = {}) {
    flags_.set(key, std::move(value), user);
    runJobs();
  }

  // What the health check of that name answers now; kNotFound when there is none.
  Status check(std::string_view name) {
    const auto found = health_.find(name);
    if (!found) return fail(Errc::kNotFound, "no health check '" + std::string(name) + "'");
    boundary::ErrorText error;
    const revenge_status status = found->ask(found->context, &nobody_, &error);
    return boundary::status(status, &error);
  }

  // What the command of that name answers to these arguments, which no schema is held against here.
  Result<std::string> run(std::string_view name, std::string json = "{}", bool dry = false) {
    const auto found = commands_.find(name);
    if (!found) return fail(Errc::kNotFound, "no command '" + std::string(name) + "'");
    const ConfigText arguments(std::move(json), 0);
    auto asked = boundary::sized<revenge_command_run>();
    asked.dry = dry;
    asked.arguments = &arguments.raw();
    revenge_buffer answer{};
    boundary::ErrorText error;
    const revenge_status status = found->run(found->context, &nobody_, &asked, &answer, &error);
    if (status < 0) return std::unexpected(boundary::failure(status, &error));
    return boundary::take(answer);
  }

  // The value of a series, 0 when it was never opened; see FakeMetrics for its name.
  double metric(const std::string& series) const { return metrics_.value(series).value_or(0); }
  // Those that have ended, in that order.
  std::vector<EndedSpan> spans() const { return spans_.ended(); }
  std::vector<LogLine> logged() const { return log_.lines(); }
  bool hasLogged(std::string_view part) const {
    return std::ranges::any_of(log_.lines(),
                               [&](const LogLine& line) { return line.message.contains(part); });
  }

  // Makes blocking waits be refused, as on an I/O thread.
  void refuseBlocking() { mayBlock_ = false; }
  // Every call asked about from now on has no one waiting for it.
  void cancelCalls() { cancelled_ = true; }
  // The shutdown hooks, in their order; the first failure.
  Status shutdown() {
    Status result;
    for (const auto& [priority, hook] : hooks_) {
      boundary::ErrorText error;
      const Status ended = boundary::status(hook.hook.run(hook.hook.context, &nobody_, &error), &error);
      if (result && !ended) result = ended;
    }
    return result;
  }
  // Stands in for a plugin that provides Interface.
  template <class Interface>
  void provide(const Interface& table, void* self) {
    services_.provide(nullptr, InterfaceId<Interface>, &table, self);
  }

  std::filesystem::path folder() const { return folder_.path(); }
  FakeHttp& http() { return http_; }
  FakeHttpClient& client() { return client_; }
  FakeProcesses& processes() { return processes_; }
  FakeTelemetry& telemetry() { return telemetry_; }
  FakeTimers& timers() { return timers_; }
  FakeServices& services() { return services_; }
  FakeSpawn& spawn() { return spawn_; }
  FakeLog& log() { return log_; }

 private:
  template <class P>
  friend class Loaded;
  friend class HostileHost;
  friend class Life;

  struct Hook {
    Seat* seat;
    revenge_shutdown_hook hook;
  };

  Reply& settled(Reply& reply) {
    runJobs();
    return reply;
  }

  template <class P>
  Result<Loaded<P>> begin(decltype(revenge_plugin::create) create, std::string json) {
    config_ = std::make_unique<ConfigText>(std::move(json), ++revision_);
    Seat& seat = seats_.emplace_back(this, "plugin");
    auto api = std::make_unique<revenge_host_api>(boundary::sized<revenge_host_api>());
    api->abi_generation = REVENGE_ABI_GENERATION;
    api->version = boundary::view("fake");
    api->host = seat.raw();
    api->query = query;
    auto instance = boundary::sized<revenge_instance>();
    boundary::ErrorText error;
    const revenge_status status = create(api.get(), &nobody_, &config_->raw(), &instance, &error);
    if (status < 0) {
      services_.forget(seat);
      withdraw(seat);
      return std::unexpected(boundary::failure(status, &error));
    }
    Loaded<P> loaded(*this, seat, std::move(api), instance);
    if (Status started = loaded.start(); !started) return std::unexpected(started.error());
    runJobs();
    return loaded;
  }

  // Before an instance stops: what it waits for is cancelled, its threads are asked to end.
  void quiesce(Seat& seat) {
    http_.cancel(seat);
    client_.withdraw(seat);
    processes_.withdraw(seat);
    services_.cancelAll(seat);
    telemetry_.leave(seat);
    spawn_.askToStop(seat);
  }
  void withdraw(Seat& seat) {
    seat.gone = true;
    http_.withdraw(seat);
    timers_.withdraw(seat);
    flags_.withdraw(seat);
    events_.withdraw(seat);
    health_.withdraw(seat);
    commands_.withdraw(seat);
    services_.withdraw(seat);
    telemetry_.withdraw(seat);
    std::erase_if(hooks_, [&](const auto& each) { return each.second.seat == &seat; });
  }

  static FakeHost* alive(const revenge_host* host) {
    const Seat& seat = Seat::of(host);
    return seat.gone ? nullptr : seat.host;
  }
  static const void* query(const revenge_host* host, revenge_view id) {
    const FakeHost& self = *Seat::of(host).host;
    const auto found = self.tables_.find(boundary::text(id));
    return found == self.tables_.end() ? nullptr : found->second;
  }

  void fillTables();
  void fillBasics();
  void fillCommands();
  void fillEvents();
  void fillFlags();
  void fillHealth();
  void fillHttp();
  void fillHttpClient();
  void fillProcesses();
  void fillServices();
  void fillTelemetry();

  FakeClock time_;
  FakeLog log_;
  FakeMetrics metrics_;
  FakeEvents events_;
  FakeSpans spans_;
  FakeFlags flags_;
  FakeHealth health_;
  FakeCommands commands_;
  TempFolder folder_;
  FakeTimers timers_{time_};
  FakeHttp http_{time_};
  FakeHttpClient client_{timers_};
  FakeProcesses processes_;
  FakeServices services_;
  FakeTelemetry telemetry_{time_, timers_};
  std::multimap<std::int32_t, Hook> hooks_;
  std::deque<Seat> seats_;
  std::unique_ptr<ConfigText> config_;
  std::uint64_t revision_ = 0;
  std::atomic<bool> mayBlock_ = true;
  std::atomic<bool> cancelled_ = false;
  revenge_call nobody_ = boundary::sized<revenge_call>();
  std::map<std::string_view, const void*> tables_;
  revenge_calls callsTable_ = boundary::sized<revenge_calls>();
  revenge_clock clockTable_ = boundary::sized<revenge_clock>();
  revenge_commands commandsTable_ = boundary::sized<revenge_commands>();
  revenge_configuration configTable_ = boundary::sized<revenge_configuration>();
  revenge_http httpTable_ = boundary::sized<revenge_http>();
  revenge_http_client httpClientTable_ = boundary::sized<revenge_http_client>();
  revenge_log logTable_ = boundary::sized<revenge_log>();
  revenge_events eventsTable_ = boundary::sized<revenge_events>();
  revenge_flags flagsTable_ = boundary::sized<revenge_flags>();
  revenge_health healthTable_ = boundary::sized<revenge_health>();
  revenge_metrics metricsTable_ = boundary::sized<revenge_metrics>();
  revenge_paths pathsTable_ = boundary::sized<revenge_paths>();
  revenge_process processTable_ = boundary::sized<revenge_process>();
  revenge_service serviceTable_ = boundary::sized<revenge_service>();
  revenge_spawn spawnTable_ = boundary::sized<revenge_spawn>();
  revenge_telemetry telemetryTable_ = boundary::sized<revenge_telemetry>();
  revenge_timer timerTable_ = boundary::sized<revenge_timer>();
  revenge_trace traceTable_ = boundary::sized<revenge_trace>();
  FakeSpawn spawn_{time_};
};

template <class P>
Status Loaded<P>::configure(std::string json) {
  host_->config_ = std::make_unique<ConfigText>(std::move(json), ++host_->revision_);
  const revenge_config& next = host_->config_->raw();
  if (instance_.prepare != nullptr) {
    boundary::ErrorText error;
    const revenge_status status = instance_.prepare(instance_.self, &call_, &next, &error);
    if (status < 0) {
      instance_.abort(instance_.self);
      return std::unexpected(boundary::failure(status, &error));
    }
  }
  if (instance_.commit != nullptr) instance_.commit(instance_.self, &next);
  host_->runJobs();
  return {};
}

template <class P>
void Loaded<P>::unload() {
  Seat* seat = std::exchange(seat_, nullptr);
  if (seat == nullptr) return;
  host_->quiesce(*seat);
  if (started_) {
    // What stop() says changes nothing: it is on its way out.
    [[maybe_unused]] const auto stopped = lifecycle(instance_.stop);
  }
  host_->spawn_.stopAndJoin(seat);
  host_->withdraw(*seat);
  instance_.destroy(instance_.self);
}

inline void FakeHost::fillTables() {
  fillBasics();
  fillCommands();
  fillEvents();
  fillFlags();
  fillHealth();
  fillHttp();
  fillHttpClient();
  fillProcesses();
  fillServices();
  fillTelemetry();
  tables_ = {
      {REVENGE_CALL_ID, &callsTable_},
      {REVENGE_CLOCK_ID, &clockTable_},
      {REVENGE_COMMAND_ID, &commandsTable_},
      {REVENGE_CONFIG_ID, &configTable_},
      {REVENGE_EVENTS_ID, &eventsTable_},
      {REVENGE_FLAGS_ID, &flagsTable_},
      {REVENGE_HEALTH_ID, &healthTable_},
      {REVENGE_HTTP_ID, &httpTable_},
      {REVENGE_HTTP_CLIENT_ID, &httpClientTable_},
      {REVENGE_LOG_ID, &logTable_},
      {REVENGE_METRICS_ID, &metricsTable_},
      {REVENGE_PATHS_ID, &pathsTable_},
      {REVENGE_PROCESS_ID, &processTable_},
      {REVENGE_SERVICE_ID, &serviceTable_},
      {REVENGE_SPAWN_ID, &spawnTable_},
      {REVENGE_TELEMETRY_ID, &telemetryTable_},
      {REVENGE_TIMER_ID, &timerTable_},
      {REVENGE_TRACE_ID, &traceTable_},
  };
}

inline void FakeHost::fillEvents() {
  eventsTable_.publish = [](const revenge_host* host, const revenge_call* call, const revenge_event* event,
                            revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    return boundary::report(self->events_.publish(Seat::of(host).id, call, *event), error);
  };
  eventsTable_.subscribe = [](const revenge_host* host, const revenge_view* kinds, size_t kind_count,
                              uint32_t capacity, const revenge_event_handler* handler,
                              revenge_handle* subscription, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *subscription = self->events_.subscribe(Seat::of(host), {kinds, kind_count},
                                            capacity == 0 ? 256 : capacity, *handler);
    return REVENGE_OK;
  };
  eventsTable_.unsubscribe = [](const revenge_host* host, revenge_handle subscription) -> revenge_status {
    return Seat::of(host).host->events_.unsubscribe(Seat::of(host), subscription);
  };
}

inline void FakeHost::fillHealth() {
  healthTable_.add = [](const revenge_host* host, const revenge_health_check* check, revenge_handle* handle,
                        revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *handle = self->health_.add(Seat::of(host), *check);
    return REVENGE_OK;
  };
  healthTable_.remove = [](const revenge_host* host, revenge_handle handle) -> revenge_status {
    return Seat::of(host).host->health_.remove(Seat::of(host), handle);
  };
}

inline void FakeHost::fillCommands() {
  commandsTable_.add = [](const revenge_host* host, const revenge_command* command,
                          revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    const revenge_status added = self->commands_.add(Seat::of(host), *command);
    if (added < 0) boundary::write(error, "the instance has a command of this name");
    return added;
  };
}

inline void FakeHost::fillFlags() {
  flagsTable_.find = [](const revenge_host* host, revenge_view key, revenge_handle* flag,
                        revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *flag = self->flags_.find(boundary::text(key));
    return REVENGE_OK;
  };
  flagsTable_.enabled = [](const revenge_host* host, revenge_handle flag, revenge_view user, bool fallback) {
    const FakeHost* self = alive(host);
    if (self == nullptr) return fallback;
    auto result = boundary::sized<revenge_flag_result>();
    self->flags_.evaluate(flag, REVENGE_FLAG_BOOLEAN, boundary::text(user), result);
    return result.served ? result.boolean : fallback;
  };
  flagsTable_.evaluate = [](const revenge_host* host, revenge_handle flag, std::uint32_t type,
                            const revenge_flag_user* user, revenge_flag_result* result,
                            revenge_error*) -> revenge_status {
    const FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    self->flags_.evaluate(flag, type, user == nullptr ? std::string_view() : boundary::text(user->key),
                          *result);
    return REVENGE_OK;
  };
  flagsTable_.watch = [](const revenge_host* host, revenge_handle flag, const revenge_job* changed,
                         revenge_handle* watch, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *watch = self->flags_.watch(Seat::of(host), flag, *changed);
    return REVENGE_OK;
  };
  flagsTable_.unwatch = [](const revenge_host* host, revenge_handle watch) -> revenge_status {
    return Seat::of(host).host->flags_.unwatch(watch);
  };
}

inline void FakeHost::fillBasics() {
  callsTable_.check = [](const revenge_host* host, const revenge_call*) -> revenge_status {
    const FakeHost* self = alive(host);
    return self == nullptr || self->cancelled_ ? REVENGE_CANCELLED : REVENGE_OK;
  };
  callsTable_.may_block = [](const revenge_host* host) { return Seat::of(host).host->mayBlock_.load(); };
  clockTable_.monotonic_ns = [](const revenge_host* host) { return Seat::of(host).host->time_.ns(); };
  clockTable_.wall_ns = [](const revenge_host* host) {
    constexpr std::int64_t kNewYear2026 = 1'767'225'600'000'000'000;
    return kNewYear2026 + Seat::of(host).host->time_.ns();
  };
  configTable_.read = [](const revenge_host* host, revenge_buffer* json, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *json = boundary::give(self->config_->json());
    return REVENGE_OK;
  };
  configTable_.revision = [](const revenge_host* host) {
    const FakeHost* self = alive(host);
    return self == nullptr ? 0 : self->revision_;
  };
  traceTable_.begin = [](const revenge_host* host, const revenge_call* call,
                         revenge_span* span) -> revenge_status {
    Seat::of(host).host->spans_.begin(call, *span);
    return REVENGE_OK;
  };
  traceTable_.end = [](const revenge_host* host, revenge_handle span, const revenge_span_end* what) {
    Seat::of(host).host->spans_.end(span, *what);
  };
  logTable_.enabled = [](const revenge_host*, revenge_handle, std::uint32_t) { return true; };
  logTable_.write = [](const revenge_host* host, const revenge_call* call, revenge_handle logger,
                       const revenge_log_record* record) {
    Seat::of(host).host->log_.write(call, logger, *record);
  };
  logTable_.bind = [](const revenge_host* host, revenge_handle logger, const revenge_attribute* attributes,
                      std::size_t count, revenge_handle* bound, revenge_error*) -> revenge_status {
    *bound = Seat::of(host).host->log_.bind(logger, {attributes, count});
    return REVENGE_OK;
  };
  logTable_.unbind = [](const revenge_host* host, revenge_handle logger) {
    Seat::of(host).host->log_.unbind(logger);
  };
  metricsTable_.open = [](const revenge_host* host, const revenge_metric* metric, revenge_handle* series,
                          revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *series = self->metrics_.open(*metric);
    if (*series != 0) return REVENGE_OK;
    boundary::write(error, "the name has another type");
    return REVENGE_EXISTS;
  };
  metricsTable_.add = [](const revenge_host* host, revenge_handle series, double value) {
    Seat::of(host).host->metrics_.add(series, value);
  };
  metricsTable_.add_for = [](const revenge_host* host, const revenge_call*, revenge_handle series,
                             double value) { Seat::of(host).host->metrics_.add(series, value); };
  metricsTable_.set = [](const revenge_host* host, revenge_handle series, double value) {
    Seat::of(host).host->metrics_.set(series, value);
  };
  pathsTable_.folder = [](const revenge_host* host, std::uint32_t kind, revenge_buffer* path,
                          revenge_error*) -> revenge_status {
    const auto folder = Seat::of(host).host->folder() / std::to_string(kind);
    std::filesystem::create_directories(folder);
    *path = boundary::give(folder.string());
    return REVENGE_OK;
  };
  timerTable_.start = [](const revenge_host* host, std::int64_t first, std::int64_t period,
                         const revenge_job* job, revenge_handle* timer, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *timer = self->timers_.start(Seat::of(host), first, period, *job);
    return REVENGE_OK;
  };
  timerTable_.cancel = [](const revenge_host* host, revenge_handle timer) -> revenge_status {
    return Seat::of(host).host->timers_.cancel(timer);
  };
  timerTable_.submit = [](const revenge_host* host, const revenge_call*, const revenge_job* job,
                          revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    self->timers_.submit(Seat::of(host), *job);
    return REVENGE_OK;
  };
  spawnTable_.start = [](const revenge_host* host, const revenge_thread* thread, revenge_handle* handle,
                         revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *handle = self->spawn_.start(Seat::of(host), *thread);
    return REVENGE_OK;
  };
  spawnTable_.request_stop = [](const revenge_host* host, revenge_handle thread) {
    Seat::of(host).host->spawn_.requestStop(thread);
  };
  spawnTable_.stop_requested = [](const revenge_host* host, revenge_handle thread) {
    return Seat::of(host).host->spawn_.stopRequested(thread);
  };
  spawnTable_.sleep = [](const revenge_host* host, revenge_handle thread, std::int64_t timeout) {
    return Seat::of(host).host->spawn_.sleep(thread, timeout);
  };
  spawnTable_.on_shutdown = [](const revenge_host* host, const revenge_shutdown_hook* hook,
                               revenge_handle* handle, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    self->hooks_.emplace(hook->priority, Hook{&Seat::of(host), *hook});
    *handle = self->hooks_.size();
    return REVENGE_OK;
  };
}

inline void FakeHost::fillHttp() {
  httpTable_.add_route = [](const revenge_host* host, const revenge_http_route* route, revenge_handle* handle,
                            revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    std::string pattern(boundary::text(route->pattern));
    if (!pattern.starts_with('/'))
      return boundary::write(error, "a pattern begins with '/'"), REVENGE_INVALID;
    *handle = self->http_.add(Seat::of(host), {nullptr, *route, {}, {}, std::move(pattern)});
    return REVENGE_OK;
  };
  httpTable_.add_middleware = [](const revenge_host* host, const revenge_http_middleware* middleware,
                                 revenge_handle* handle, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    std::string prefix(boundary::text(middleware->prefix));
    *handle = self->http_.add(Seat::of(host), {nullptr, {}, *middleware, {}, std::move(prefix)});
    return REVENGE_OK;
  };
  httpTable_.add_listener = [](const revenge_host* host, const revenge_http_listener* listener,
                               revenge_handle* handle, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *handle = self->http_.add(Seat::of(host), {nullptr, {}, {}, boundary::known(*listener), {}});
    return REVENGE_OK;
  };
  httpTable_.remove = [](const revenge_host* host, revenge_handle handle) {
    return Seat::of(host).host->http_.remove(Seat::of(host), handle);
  };
  httpTable_.respond = [](const revenge_host* host, revenge_handle exchange,
                          const revenge_http_response* response,
                          revenge_error*) { return Seat::of(host).host->http_.respond(exchange, *response); };
  httpTable_.add_header = [](const revenge_host* host, revenge_handle exchange, const revenge_field* field,
                             revenge_error*) -> revenge_status {
    auto* found = Seat::of(host).host->http_.find(exchange);
    if (found == nullptr) return REVENGE_GONE;
    found->reply.headers[std::string(boundary::text(field->name))] = boundary::text(field->value);
    return REVENGE_OK;
  };
  httpTable_.defer = [](const revenge_host* host, revenge_handle exchange, revenge_handle* responder,
                        revenge_error*) -> revenge_status {
    *responder = exchange;
    return Seat::of(host).host->http_.defer(exchange);
  };
  httpTable_.responder_call = [](const revenge_host* host, revenge_handle responder) -> const revenge_call* {
    const auto* found = Seat::of(host).host->http_.find(responder);
    return found == nullptr || found->gone ? nullptr : &found->call;
  };
  httpTable_.drop = [](const revenge_host* host, revenge_handle responder) {
    return Seat::of(host).host->http_.drop(responder);
  };
  httpTable_.watch = [](const revenge_host* host, revenge_handle exchange, const revenge_http_watch* watch,
                        revenge_error*) -> revenge_status {
    return Seat::of(host).host->http_.watch(exchange, *watch);
  };
  httpTable_.limit = [](const revenge_host* host, revenge_handle exchange, const revenge_http_limit* limit,
                        revenge_error*) { return Seat::of(host).host->http_.limit(exchange, *limit); };
  httpTable_.tell_end = [](const revenge_host* host, revenge_handle exchange, std::uint64_t tag,
                           revenge_error*) {
    return Seat::of(host).host->http_.tellEnd(Seat::of(host), exchange, tag);
  };
  httpTable_.resume = [](const revenge_host* host, revenge_handle responder, revenge_error*) {
    return Seat::of(host).host->http_.resume(responder);
  };
  httpTable_.body_read = [](const revenge_host* host, revenge_handle exchange, revenge_view* piece,
                            const revenge_completion* done, revenge_error*) {
    return Seat::of(host).host->http_.read(exchange, *piece, *done);
  };
  httpTable_.stream_open = [](const revenge_host* host, revenge_handle exchange,
                              const revenge_http_response* head, revenge_handle* stream, revenge_error*) {
    *stream = exchange;
    return Seat::of(host).host->http_.openStream(exchange, *head);
  };
  httpTable_.stream_write = [](const revenge_host* host, revenge_handle stream, revenge_view data,
                               const revenge_completion* done, revenge_error*) {
    return Seat::of(host).host->http_.write(stream, boundary::text(data), *done);
  };
  httpTable_.stream_event = [](const revenge_host* host, revenge_handle stream,
                               const revenge_http_event* event, const revenge_completion* done,
                               revenge_error*) {
    std::string framed;
    if (event->name.size != 0) framed.append("event: ").append(boundary::text(event->name)).append("\n");
    if (event->id.size != 0) framed.append("id: ").append(boundary::text(event->id)).append("\n");
    framed.append("data: ").append(boundary::text(event->data)).append("\n\n");
    return Seat::of(host).host->http_.write(stream, framed, *done);
  };
  httpTable_.stream_close = [](const revenge_host* host, revenge_handle stream, bool complete) {
    return Seat::of(host).host->http_.close(stream, complete);
  };
}

inline void FakeHost::fillHttpClient() {
  httpClientTable_.send = [](const revenge_host* host, const revenge_call*,
                             const revenge_http_client_request* request, revenge_handle* exchange,
                             const revenge_completion* done, revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return boundary::take(request->body), REVENGE_GONE;
    return self->client_.send(Seat::of(host), *request, *exchange, *done, error);
  };
  httpClientTable_.write = [](const revenge_host* host, revenge_handle exchange, revenge_view data,
                              const revenge_completion*, revenge_error*) {
    return Seat::of(host).host->client_.write(exchange, boundary::text(data));
  };
  httpClientTable_.finish = [](const revenge_host* host, revenge_handle exchange, revenge_error*) {
    return Seat::of(host).host->client_.finish(exchange);
  };
  httpClientTable_.response = [](const revenge_host* host, revenge_handle exchange,
                                 revenge_http_client_response* response, revenge_error*) {
    return Seat::of(host).host->client_.response(exchange, *response);
  };
  httpClientTable_.read = [](const revenge_host* host, revenge_handle exchange, revenge_view* piece,
                             const revenge_completion*,
                             revenge_error*) { return Seat::of(host).host->client_.read(exchange, *piece); };
  httpClientTable_.cancel = [](const revenge_host* host, revenge_handle exchange) {
    return Seat::of(host).host->client_.cancel(exchange);
  };
  httpClientTable_.close = [](const revenge_host* host, revenge_handle exchange) {
    return Seat::of(host).host->client_.close(exchange);
  };
}

inline void FakeHost::fillProcesses() {
  processTable_.start = [](const revenge_host* host, const revenge_call*,
                           const revenge_process_command* command, revenge_handle* child,
                           const revenge_completion* done, revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return boundary::take(command->input_bytes), REVENGE_GONE;
    return self->processes_.start(Seat::of(host), *command, *child, *done, error);
  };
  processTable_.ended = [](const revenge_host* host, revenge_handle child, const revenge_completion*,
                           revenge_error*) { return Seat::of(host).host->processes_.ended(child); };
  processTable_.result = [](const revenge_host* host, revenge_handle child, revenge_process_result* result,
                            revenge_error*) {
    return Seat::of(host).host->processes_.result(child, *result);
  };
  processTable_.read = [](const revenge_host* host, revenge_handle child, std::uint32_t output,
                          revenge_view* piece, const revenge_completion*, revenge_error*) {
    return Seat::of(host).host->processes_.read(child, output, *piece);
  };
  processTable_.write = [](const revenge_host* host, revenge_handle child, revenge_view,
                           const revenge_completion*, revenge_error*) -> revenge_status {
    const revenge_status ended = Seat::of(host).host->processes_.ended(child);
    return ended == REVENGE_OK ? REVENGE_END : ended;  // it has ended, and reads no more
  };
  processTable_.finish = [](const revenge_host* host, revenge_handle child, revenge_error*) {
    return Seat::of(host).host->processes_.ended(child);
  };
  processTable_.signal = [](const revenge_host*, revenge_handle, std::int32_t,
                            revenge_error*) -> revenge_status {
    return REVENGE_GONE;  // it has ended
  };
  processTable_.cancel = [](const revenge_host* host, revenge_handle child) {
    return Seat::of(host).host->processes_.ended(child);
  };
  processTable_.close = [](const revenge_host* host, revenge_handle child) {
    return Seat::of(host).host->processes_.close(child);
  };
}

inline void FakeHost::fillTelemetry() {
  telemetryTable_.open = [](const revenge_host* host, const revenge_telemetry_feed* wanted,
                            revenge_handle* feed, revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    return self->telemetry_.open(Seat::of(host), *wanted, *feed, error);
  };
  telemetryTable_.wait = [](const revenge_host* host, revenge_handle feed, const revenge_telemetry_wait* what,
                            const revenge_completion* done, revenge_error*) {
    return Seat::of(host).host->telemetry_.wait(feed, *what, *done);
  };
  telemetryTable_.wake = [](const revenge_host* host, revenge_handle feed) {
    return Seat::of(host).host->telemetry_.wake(feed);
  };
  telemetryTable_.pending = [](const revenge_host* host, revenge_handle feed,
                               revenge_telemetry_pending* pending) {
    return Seat::of(host).host->telemetry_.pending(feed, *pending);
  };
  telemetryTable_.spans = [](const revenge_host* host, revenge_handle feed, std::uint64_t max,
                             revenge_span_batch* batch, revenge_error*) {
    return Seat::of(host).host->telemetry_.spans(feed, max, *batch);
  };
  telemetryTable_.logs = [](const revenge_host* host, revenge_handle feed, std::uint64_t max,
                            revenge_log_batch* batch, revenge_error*) {
    return Seat::of(host).host->telemetry_.logs(feed, max, *batch);
  };
  telemetryTable_.metrics = [](const revenge_host* host, revenge_handle feed, revenge_metric_batch* batch,
                               revenge_error*) {
    return Seat::of(host).host->telemetry_.metrics(feed, *batch);
  };
  telemetryTable_.close = [](const revenge_host* host, revenge_handle feed) {
    return Seat::of(host).host->telemetry_.close(feed);
  };
}

inline void FakeHost::fillServices() {
  serviceTable_.provide = [](const revenge_host* host, const revenge_provision* provision,
                             revenge_handle* handle, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    self->services_.provide(&Seat::of(host), std::string(boundary::text(provision->interface_id)),
                            provision->table, provision->self);
    *handle = 1;
    return REVENGE_OK;
  };
  serviceTable_.require = [](const revenge_host* host, revenge_view id, revenge_handle* slot,
                             revenge_error*) -> revenge_status {
    *slot = Seat::of(host).host->services_.require(std::string(boundary::text(id)));
    return REVENGE_OK;
  };
  serviceTable_.enter = [](const revenge_host* host, const revenge_call* call, revenge_handle slot,
                           revenge_entry* entry, revenge_error* error) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    const revenge_status entered = self->services_.enter(*call, slot, *entry);
    if (entered < 0) boundary::write(error, "nobody provides the interface");
    return entered;
  };
  serviceTable_.leave = [](const revenge_host* host, revenge_entry*) {
    Seat::of(host).host->services_.leave();
  };
  serviceTable_.lease_open = [](const revenge_host* host, const revenge_call*, const revenge_leased* leased,
                                revenge_handle* lease, revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    if (self == nullptr) return REVENGE_GONE;
    *lease = self->services_.lend(Seat::of(host), *leased);
    return REVENGE_OK;
  };
  serviceTable_.lease_enter = [](const revenge_host* host, const revenge_call* call, revenge_handle,
                                 revenge_handle lease, revenge_entry* entry,
                                 revenge_error*) -> revenge_status {
    FakeHost* self = alive(host);
    return self == nullptr ? REVENGE_GONE : self->services_.enterLease(*call, lease, *entry);
  };
  serviceTable_.lease_object = [](const revenge_host* host, revenge_handle lease) {
    return Seat::of(host).host->services_.lent(Seat::of(host), lease);
  };
  serviceTable_.lease_close = [](const revenge_host* host, revenge_handle lease) {
    return Seat::of(host).host->services_.endLease(lease);
  };
  serviceTable_.token = [](const revenge_host* host) { return Seat::of(host).host->services_.token(); };
  serviceTable_.callback_open = [](const revenge_host* host, const revenge_function* function,
                                   revenge_handle* callback, revenge_error*) -> revenge_status {
    *callback = Seat::of(host).host->services_.openCallback(Seat::of(host), *function);
    return REVENGE_OK;
  };
  serviceTable_.callback_call = [](const revenge_host* host, const revenge_call* call,
                                   revenge_handle callback, revenge_view argument, revenge_buffer* result,
                                   revenge_error* error) {
    return Seat::of(host).host->services_.call(*call, callback, argument, result, error);
  };
  serviceTable_.callback_close = [](const revenge_host* host, revenge_handle callback) {
    return Seat::of(host).host->services_.closeCallback(callback);
  };
  serviceTable_.completion_open = [](const revenge_host* host, const revenge_call*,
                                     const revenge_completion* completion, revenge_handle* handle,
                                     revenge_error*) -> revenge_status {
    *handle = Seat::of(host).host->services_.openWait(Seat::of(host), *completion);
    return REVENGE_OK;
  };
  serviceTable_.completion_accept = [](const revenge_host* host, revenge_handle handle,
                                       const revenge_function* cancelled, revenge_error*) {
    return Seat::of(host).host->services_.accept(Seat::of(host), handle, cancelled);
  };
  serviceTable_.completion_finish = [](const revenge_host* host, revenge_handle handle, revenge_status status,
                                       revenge_view result, const revenge_error* error) {
    return Seat::of(host).host->services_.finish(handle, status, result, error);
  };
  serviceTable_.completion_cancel = [](const revenge_host* host, revenge_handle handle) {
    return Seat::of(host).host->services_.cancel(handle);
  };
}

}  // namespace revenge::testing
