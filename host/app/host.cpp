#include "app/host.hpp"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <unistd.h>

#include <revenge/abi/version.h>

#include "admin/routes.hpp"
#include "admin/top.hpp"
#include "app/boots.hpp"
#include "app/conduct_book.hpp"
#include "app/config_desk.hpp"
#include "app/configuration.hpp"
#include "app/control_access.hpp"
#include "app/doctor.hpp"
#include "app/flags_keeper.hpp"
#include "app/plugin_gauges.hpp"
#include "app/plugin_health.hpp"
#include "app/plugin_usage.hpp"
#include "app/reloader.hpp"
#include "app/trusted_keys.hpp"
#include "app/watchdog.hpp"
#include "base/clock.hpp"
#include "base/host_threads.hpp"
#include "base/tick_clock.hpp"
#include "ext/bundle.hpp"
#include "flags/flags.hpp"
#include "flags/kept_answers.hpp"
#include "http/outgoing.hpp"
#include "http/server.hpp"
#include "module/loader.hpp"
#include "module/package_store.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "observe/health_checks.hpp"
#include "observe/log.hpp"
#include "observe/log_output.hpp"
#include "observe/metrics.hpp"
#include "observe/plugin_figures.hpp"
#include "observe/spans.hpp"
#include "observe/telemetry.hpp"
#include "observe/telemetry_tap.hpp"
#include "plugin/packages.hpp"
#include "plugin/plugins.hpp"
#include "process/processes.hpp"
#include "runtime/cpu_sampler.hpp"
#include "runtime/lanes.hpp"
#include "runtime/named_thread.hpp"
#include "runtime/reactor.hpp"
#include "runtime/service_notice.hpp"
#include "runtime/shutdown.hpp"
#include "runtime/spawner.hpp"
#include "runtime/timers.hpp"
#include "runtime/transition_threads.hpp"
#include "service/domain.hpp"

namespace revenge::app {

namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;

// Plugins get this long before the listener opens without them: one that hangs delays nobody for more.
constexpr seconds kHeadStart{2};
constexpr mode_t kSocketMode = 0660;
// What `revengectl events` can look back on: some fifty swaps.
constexpr std::size_t kKeptEvents = 512;

base::Result<fs::path> folder(const config::Snapshot& values, const std::string& key) {
  fs::path path = fs::absolute(values.text("/host/" + key));
  std::error_code failed;
  fs::create_directories(path, failed);
  if (failed)
    return base::fail(base::Errc::kIo, "host.{}: {}: cannot be made: {}", key, path.string(),
                      failed.message());
  if (::access(path.c_str(), W_OK | X_OK) != 0) {
    return base::fail(
        base::Errc::kIo,
        "host.{}: {}: not writable: {}; give the host's user write access or name another folder", key,
        path.string(), base::errnoText(errno));
  }
  return path;
}

std::string notifySocket() {
  const char* const address =
      std::getenv("NOTIFY_SOCKET");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return address != nullptr ? address : "";
}

}  // namespace

// In start order; destroyed in reverse.
struct Host::Rooms {
  explicit Rooms(std::unique_ptr<Configuration> read) : configuration(std::move(read)) {}

  base::HostThread main_thread;
  std::unique_ptr<Configuration> configuration;
  base::SystemClock clock;
  observe::Metrics metrics{clock};
  observe::PluginFigures figures{metrics};
  base::TickClock log_clock;  // for every line
  revenge::flags::Flags flags{clock, metrics};
  std::optional<revenge::flags::KeptAnswers> who_is_in;
  std::unique_ptr<observe::LogOutput> output;
  std::optional<observe::Log> log;
  std::optional<observe::Logger> logger;
  observe::EventStream events{clock, kKeptEvents};
  observe::Health health{clock};
  std::optional<observe::HealthCondition> started;
  std::optional<observe::HealthCondition> accepting;
  std::optional<observe::HealthCondition> staying;
  std::optional<ConductBook> conduct;
  std::optional<Watchdog> watchdog;
  runtime::Timers timers{clock};
  std::optional<observe::HealthChecks> checks;
  service::Domain domain;
  std::shared_ptr<observe::Spans> spans = std::make_shared<observe::Spans>();  // with threads that record
  observe::Telemetry telemetry{spans, clock};
  std::optional<observe::TelemetryTap> tap;
  std::optional<runtime::TransitionThreads> transitions;
  std::optional<runtime::Spawner> spawner;
  runtime::Shutdown shutdown{timers};
  std::optional<runtime::Lanes> lanes;
  std::optional<runtime::Reactor> reactor;
  std::vector<observe::HealthChecks::Check> loops;
  std::optional<http::Outgoing> outgoing;
  std::optional<process::Processes> processes;
  std::unique_ptr<Boots> boots;
  std::optional<observe::HealthCondition> starts_what_is_wanted;
  base::TimerId good_look = base::TimerId::kNone;
  std::unique_ptr<module::Loader> loader;
  std::unique_ptr<module::PackageStore> store;
  std::optional<ext::Bundle> bundle;
  std::optional<http::Server> server;
  std::unique_ptr<plugin::Plugins> plugins;
  std::optional<plugin::Packages> packages;
  std::optional<PluginGauges> gauges;
  std::optional<PluginHealth> plugin_health;
  std::unique_ptr<runtime::CpuSampler> sampler;
  std::optional<admin::TopReadings> top;
  std::optional<PluginUsage> usage;
  std::optional<Watchdog::Watch> watch;  // ends first: it looks at the plugins
  std::optional<config::History> history;
  std::optional<Reloader> reloader;
  std::optional<admin::AuditLog> audit;
  std::optional<admin::LogFeed> feed;
  std::optional<ConfigDesk> desk;
  std::optional<FlagsKeeper> flags_keeper;
  std::optional<http::Server> control;
  runtime::ServiceNotice notice{notifySocket()};
  std::vector<std::string> urls;
  fs::path run_dir;
  fs::path state_dir;
  std::thread starting;

  std::mutex mutex;
  std::condition_variable changed;
  bool plugins_started = false;  // guarded by mutex
  bool stop = false;             // guarded by mutex

  base::Result<> open(const Serve& options);
  base::Result<> reread();
  void reloadAsked();
  void hangup();
  void openLog(std::unique_ptr<observe::LogOutput> to);
  void openThreads();
  observe::HealthChecks::Check watchLoop(std::size_t loop);
  void openServer(const fs::path& state, const fs::path& cache);
  base::Result<> openPlugins(const fs::path& state, const fs::path& cache);
  void openBoots(const Serve& options, const fs::path& state);
  void lookForGood();
  base::Result<> openControl();
  base::Result<std::string> listenForControl(const ControlAccess& access);
  base::Result<> listen(const Serve& options);
  http::Server::Parts serverParts();
  base::Result<> openConduct();
  void configureConduct();
  void startPlugins();
  void announce();
  admin::Findings examine();
  void requestStop();
  void awaitStop();
  void addHooks();
  std::vector<std::string> stopAll();
};

base::Result<> Host::Rooms::open(const Serve& options) {
  const auto values = configuration->snapshot();
  auto opened = observe::LogOutput::open(clock, metrics, configuration->logOutput());
  if (!opened) return std::unexpected(opened.error());
  openLog(std::move(*opened));

  const auto state = folder(*values, "state_dir");
  if (!state) return std::unexpected(state.error());
  const auto cache = folder(*values, "cache_dir");
  if (!cache) return std::unexpected(cache.error());
  const auto run = folder(*values, "run_dir");
  if (!run) return std::unexpected(run.error());
  run_dir = *run;
  state_dir = *state;

  flags_keeper.emplace(FlagsKeeper::Rooms{clock, flags, *log, metrics, health, events},
                       configuration->flagsFile(),
                       values->boolean("/config/watch") ? Watch::kYes : Watch::kNo);
  if (auto ok = flags_keeper->open(); !ok) return ok;

  openBoots(options, *state);
  conduct.emplace(ConductBook::Rooms{clock, *log, metrics, events});
  watchdog.emplace(clock, *log, *conduct);
  openThreads();
  openServer(*state, *cache);
  if (auto ok = openPlugins(*state, *cache); !ok) return ok;
  if (auto ok = openConduct(); !ok) return ok;
  configuration->consult([this](std::string_view id) { return plugins->versionsAtHand(id); });
  history.emplace(*state / "config-history.json");
  reloader.emplace(Reloader::Rooms{clock, *configuration, *plugins, *log, *output, *spans, metrics, health,
                                   events, *history, [this] { configureConduct(); }});
  desk.emplace(*configuration, *reloader, *plugins, *history);
  startPlugins();
  if (auto ok = listen(options); !ok) return ok;
  if (auto ok = openControl(); !ok) return ok;
  addHooks();
  if (auto ok = flags_keeper->start(); !ok) return ok;
  return reloader->start([this] { reloadAsked(); });
}

// What SIGHUP asks for, beside the log file: both files, one after the other, since a mistake in one is none in the other.
void Host::Rooms::reloadAsked() {
  notice.reloading(clock.now());
  std::string trouble;
  if (auto defined = flags_keeper->read(); defined) {
    flags_keeper->publish(std::move(*defined), "SIGHUP");
  } else {
    logger->error("flags refused; the ones before stay in force", {{"reason", defined.error().message}});
    trouble = defined.error().message;
  }
  if (const auto applied = reloader->reload(config::Whom::kChanged, "SIGHUP"); !applied)
    trouble = applied.error().message;
  notice.ready(trouble.empty() ? fmt::format("configuration {}", history->number())
                               : "reload refused, the configuration before serves: " + trouble);
}

// On the thread of the signals, which waits for nobody: the rest is done where configurations are.
void Host::Rooms::hangup() {
  output->reopen();
  reloader->ask();
}

// All or nothing: a mistake in one file keeps both as they were.
base::Result<> Host::Rooms::reread() {
  auto defined = flags_keeper->read();
  if (!defined) return std::unexpected(defined.error());
  if (auto read = reloader->reread(); !read) return read;
  flags_keeper->publish(std::move(*defined), "a reload");
  return {};
}

void Host::Rooms::openLog(std::unique_ptr<observe::LogOutput> to) {
  output = std::move(to);
  log.emplace(log_clock, metrics, *output);
  log->configure(configuration->logLevel(), configuration->logLevels());
  logger.emplace(log->logger("host"));
  tap.emplace(*output, telemetry);
  for (const std::string& warning : configuration->warnings()) logger->warn(warning);
  started.emplace(health.condition("host", "plugins started", observe::Affects::kStartup));
  staying.emplace(health.condition("host", "not stopping", observe::Affects::kReadiness));
  staying->met();
  accepting.emplace(health.condition("http", "listening", observe::Affects::kReadiness));
}

// Looks at how the plugins behave from here on.
base::Result<> Host::Rooms::openConduct() {
  configureConduct();
  conduct->connect({[this](const std::string& id, runtime::Lanes::Hold hold) { plugins->restrain(id, hold); },
                    [this](const std::string& id, const std::string& why) { plugins->quarantine(id, why); }});
  const auto queue = static_cast<std::size_t>(configuration->snapshot()->integer("/workers/queue"));
  usage.emplace(PluginUsage::Rooms{clock, *log, metrics, *plugins, *conduct, queue});
  auto watching = watchdog->watch([this] { usage->second(); });
  if (!watching) return std::unexpected(watching.error());
  watch.emplace(std::move(*watching));
  return {};
}

void Host::Rooms::configureConduct() {
  const ConductSettings settings = conductSettings(*configuration->snapshot());
  lanes->stuckAfter(settings.worker_after);
  reactor->stuckAfter(settings.io_after);
  conduct->configure(settings);
}

void Host::Rooms::openThreads() {
  const auto values = configuration->snapshot();
  transitions.emplace(
      timers,
      [this](const runtime::Stuck& late) {
        logger->warn("a call that had been given up returned",
                     {{"call", late.name}, {"after", late.lasting}});
      },
      watchdog->reports("the thread of {}"));
  spawner.emplace(timers, 64, watchdog->reports("its thread {}, which was asked to stop,"));
  runtime::LanesOptions workers;
  workers.workers = static_cast<unsigned>(values->integer("/workers/threads"));
  workers.queue = static_cast<std::size_t>(values->integer("/workers/queue"));
  workers.maxSubstitutes = static_cast<unsigned>(values->integer("/workers/max_substitutes"));
  workers.onStuck = watchdog->reports("a worker of {}");
  workers.onWaited = [this](base::PluginMark plugin, base::Duration wait) { figures.waited(plugin, wait); };
  lanes.emplace(std::move(workers), timers);
  runtime::ReactorOptions io;
  io.threads = static_cast<unsigned>(values->integer("/http/io_threads"));
  io.onStuck = watchdog->reports("the I/O thread {}");
  reactor.emplace(std::move(io), timers);
  checks.emplace(health, timers);
  for (std::size_t i = 0; i < reactor->size(); ++i) loops.push_back(watchLoop(i));
}

// A loop that is locked up is taken over within a second; only when nothing helps any more should the process be restarted.
observe::HealthChecks::Check Host::Rooms::watchLoop(std::size_t loop) {
  observe::CheckSpec spec{.component = "http", .name = fmt::format("loop {} turns", loop)};
  spec.timeout = seconds(5);
  spec.affects = observe::Affects::kLiveness;
  return checks->add(std::move(spec), [this, loop](const observe::HealthChecks::Answer& answer) {
    // A reactor that stops takes nothing more: nobody is to be restarted for that.
    if (!reactor->post(loop, [answer] { answer({}); })) answer({});
  });
}

http::Server::Parts Host::Rooms::serverParts() { return {*reactor, *lanes, domain, timers, *log, metrics}; }

void Host::Rooms::openServer(const fs::path& state, const fs::path& cache) {
  const auto router = domain.generations().facet<http::Router>();
  const auto listeners = domain.generations().facet<ext::Listeners>();
  who_is_in.emplace(flags, clock, configuration->session());
  bundle.emplace(
      ext::Rooms{clock, timers, *log, metrics, *spans, telemetry, flags, events, domain, *lanes,
                 reactor->executor(0), *spawner, shutdown, state, cache, run_dir / "tmp", figures, *checks},
      ext::HttpAdapter::Parts{domain, *lanes, timers, router, listeners, admin::publicRoutes(health, metrics),
                              &*who_is_in});
  http::ServerHooks hooks;
  hooks.finished = [this](const http::Finished& finished) { bundle->http.finished(finished); };
  hooks.ended = [this](const http::RequestEnd& end) { return bundle->http.ended(end); };
  auto parts = serverParts();
  parts.spans = spans.get();
  spans->setRatio(configuration->snapshot()->number("/tracing/sample_ratio"));
  server.emplace(parts, configuration->server(), http::RouterSource(router), std::move(hooks));
  bundle->http.serveThrough(server->exchanges());
  outgoing.emplace(http::Outgoing::Parts{*reactor, timers, metrics}, configuration->outgoing());
  bundle->httpClient.goOutThrough(*outgoing);
  processes.emplace(process::Processes::Parts{*reactor, timers, metrics, *log}, configuration->processes());
  bundle->process.startThrough(*processes);
  bundle->routesChanged = [this] { server->routesChanged(); };
}

base::Result<> Host::Rooms::openPlugins(const fs::path& state, const fs::path& cache) {
  const auto values = configuration->snapshot();
  module::LoaderOptions loading;
  loading.privateFolder = cache / "loaded";
  loading.stateFolder = state;
  auto trust = trustOf(*values);
  if (!trust) return std::unexpected(trust.error());
  loading.trust = std::move(*trust);
  auto made = module::Loader::make(std::move(loading), clock);
  if (!made) return std::unexpected(made.error());
  loader = std::move(*made);
  auto kept = module::PackageStore::open(state / "packages");
  if (!kept) return std::unexpected(kept.error());
  store = std::move(*kept);

  plugin::PluginsOptions options;
  for (const std::string& name : values->texts("/host/plugin_folders"))
    options.folders.push_back(fs::absolute(name));
  options.state_dir = state;
  options.max_retired = static_cast<std::size_t>(values->integer("/host/max_retired"));
  options.lane_share = values->number("/workers/plugin_share");
  if (boots->mode() != plugin::StartMode::kWanted) {
    options.stand_in.emplace();
    for (const auto& [id, good] : boots->start()) options.stand_in->emplace(id, good.folder);
    options.stand_in_why = boots->mode() == plugin::StartMode::kSafe
                               ? "not started: safe mode"
                               : "not started: not among the plugins that were last known to be good";
  }
  auto opened = plugin::Plugins::open(
      {clock, *log, health, events, flags, domain, *lanes, *transitions, *loader, *bundle,
       [this](const module::Manifest& manifest, const std::string& over) {
         return configuration->section(manifest, over);
       },
       [this] { return reread(); }, base::isHostThread, *boots, &*conduct},
      std::move(options));
  if (!opened) return std::unexpected(opened.error());
  plugins = std::move(*opened);
  packages.emplace(plugin::Packages::Rooms{*plugins, *loader, *store},
                   static_cast<std::size_t>(values->integer("/host/keep_versions")));
  bundle->republish = [this] { return plugins->republish(); };
  gauges.emplace(metrics, *plugins);
  plugin_health.emplace(health, *plugins);
  auto sampling = runtime::CpuSampler::start(
      [this](base::PluginMark plugin, base::Duration cpu) { figures.spent(plugin, cpu); });
  if (!sampling) return std::unexpected(sampling.error());
  sampler = std::move(*sampling);
  return {};
}

void Host::Rooms::openBoots(const Serve& options, const fs::path& state) {
  const auto values = configuration->snapshot();
  boots = Boots::open({.folder = state / "crashes",
                       .limits = {.limit = static_cast<std::size_t>(values->integer("/crashes/limit")),
                                  .window = seconds(values->integer("/crashes/window_s"))},
                       .safe = options.safe_mode},
                      clock);
  for (const std::string& note : boots->notes()) logger->error(note);
  starts_what_is_wanted.emplace(health.condition("host", "starts what is wanted", observe::Affects::kDetail));
  if (boots->mode() == plugin::StartMode::kWanted) {
    starts_what_is_wanted->met();
  } else {
    starts_what_is_wanted->unmet(boots->notes().back());
  }
}

// What has served for a while without anything to complain of is what a later start can go back to.
void Host::Rooms::lookForGood() {
  const auto after = seconds(configuration->snapshot()->integer("/crashes/good_after_s"));
  good_look = timers.after(after, [this, after] {
    std::vector<plugin::GoodPlugin> good;
    bool all = boots->mode() == plugin::StartMode::kWanted && health.ready();
    for (const plugin::PluginView& view : plugins->glance().plugins) {
      const bool serves = view.state == plugin::State::kRunning;
      all = all && (serves || !view.wanted || view.state == plugin::State::kDisabled) &&
            (!serves || clock.wall() - view.since >= after);
      if (serves) good.push_back({view.id, view.version, view.sha256, view.folder});
    }
    if (all) {
      if (const auto kept = boots->keepGood(good); !kept) logger->warn(kept.error().message);
    }
    lookForGood();
  });
}

// The listener opens when the plugins are there, so that no client meets a server without its routes; but a plugin that
// hangs in its start does not keep the others from serving.
void Host::Rooms::startPlugins() {
  starting = std::thread([this] {
    const base::HostThread known;
    plugins->startWanted();
    started->met();
    lookForGood();
    const std::lock_guard lock(mutex);
    plugins_started = true;
    changed.notify_all();
  });
  std::unique_lock lock(mutex);
  changed.wait_for(lock, kHeadStart, [this] { return plugins_started; });
}

base::Result<> Host::Rooms::listen(const Serve& options) {
  const auto values = configuration->snapshot();
  const auto address = options.listen_fd
                           ? server->adopt(*options.listen_fd)
                           : server->listenTcp(values->text("/http/address"),
                                               static_cast<std::uint16_t>(values->integer("/http/port")));
  if (!address) return std::unexpected(address.error());
  urls.push_back("http://" + *address);
  accepting->met();
  return {};
}

admin::Findings Host::Rooms::examine() {
  return examineRunning(*configuration, {plugins->list(), health.report(), output->lost()});
}

base::Result<> Host::Rooms::openControl() {
  runtime::LaneOptions lane_options;
  lane_options.name = "control";
  lane_options.share = 1;
  lane_options.stuckAfter = seconds(120);
  auto lane = lanes->openLane(std::move(lane_options));
  if (!lane) return std::unexpected(lane.error());
  const auto access = controlAccess(*configuration->snapshot());
  if (!access) return std::unexpected(access.error());
  audit.emplace(admin::AuditLog::Rooms{clock, *log, metrics, events}, admin::AuditLogOptions{state_dir});
  feed.emplace(*output, lanes->executor(*lane));
  top.emplace(metrics, timers, lanes->executor(*lane));
  auto routes = http::Router::build(
      admin::controlRoutes({clock, *plugins, events, health, flags, [this] { requestStop(); }, *desk,
                            [this](const revenge::flags::Edit& edit, const revenge::flags::Asked& asked) {
                              return flags_keeper->edit(edit, asked);
                            },
                            urls, &*top, *log, *audit, *feed, &bundle->commands, lanes->executor(*lane),
                            access->operators, [this] { return examine(); }, &*packages},
                           *lane),
      {});
  if (!routes) return std::unexpected(routes.error());
  http::ServerOptions options;
  options.name = "control";
  options.request_timeout = seconds(120);
  control.emplace(serverParts(), options,
                  http::RouterSource(std::shared_ptr<const http::Router>(std::move(*routes))));
  const auto socket = control->listenUnix((run_dir / "revenge.sock").string(), kSocketMode);
  if (!socket) return std::unexpected(socket.error());
  if (access->address.empty()) return {};
  const auto address = listenForControl(*access);
  if (!address) return std::unexpected(address.error());
  logger->info("control plane over TCP", {{"address", *address}, {"tls", access->tls.has_value()}});
  return {};
}

base::Result<std::string> Host::Rooms::listenForControl(const ControlAccess& access) {
  base::Result<std::string> address;
  if (access.tls) {
    const auto tls = http::ServerTls::load(*access.tls);
    if (!tls) return base::fail(tls.error().code, "control.tls: {}", tls.error().message);
    address = control->listenTls(access.address, access.port, *tls);
  } else {
    address = control->listenTcp(access.address, access.port);
  }
  if (!address) return base::fail(address.error().code, "control.listen: {}", address.error().message);
  return address;
}

void Host::Rooms::addHooks() {
  using namespace runtime::shutdown_priority;
  (void)shutdown.add({"http: stop accepting", kAccept, seconds(1), {}},
                     [this](std::stop_token) { accepting->unmet("stopping"); });
  // Outlives the hook when it is given up: the callback may still come.
  struct Drained {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  const auto limit = seconds(configuration->snapshot()->integer("/host/shutdown_s")) / 2;
  (void)shutdown.add({"http: drain connections", kSessions, limit, {}}, [this](std::stop_token asked) {
    auto drained = std::make_shared<Drained>();
    server->stop([drained] {
      {
        const std::lock_guard lock(drained->mutex);
        drained->done = true;
      }
      drained->changed.notify_all();
    });
    const std::stop_callback wake(asked, [drained] { drained->changed.notify_all(); });
    std::unique_lock lock(drained->mutex);
    drained->changed.wait(lock, [&] { return drained->done || asked.stop_requested(); });
  });
}

void Host::Rooms::announce() {
  std::string text = fmt::format("revenge {}   {}   control: {}\n", REVENGE_VERSION_STRING, urls.front(),
                                 (run_dir / "revenge.sock").string());
  const auto listing = plugins->list();
  for (const plugin::PluginView& view : listing.plugins) {
    text += fmt::format("plugin  {} {} {}{}{}\n", view.id, view.version, plugin::name(view.state),
                        view.note.empty() ? "" : ": ", view.note);
  }
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

// Told under the lock: whoever waits may destroy this as soon as it is released.
void Host::Rooms::requestStop() {
  const std::lock_guard lock(mutex);
  stop = true;
  changed.notify_all();
}

void Host::Rooms::awaitStop() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return stop; });
}

// Hooks in their order, then the plugins, then the host's own threads. What is left is named, one line each.
std::vector<std::string> Host::Rooms::stopAll() {
  const auto budget = seconds(configuration->snapshot()->integer("/host/shutdown_s"));
  const base::Instant deadline = clock.now() + budget;
  logger->info("stopping", {{"within", base::Duration(budget)}});
  staying->unmet("stopping");
  notice.stopping();
  std::vector<std::string> left;
  for (const runtime::HookOutcome& outcome : shutdown.run(budget)) {
    if (outcome.how != runtime::HookOutcome::How::kStopped)
      left.push_back(fmt::format("{} did not end in {} s", outcome.name, outcome.took / seconds(1)));
  }
  timers.cancel(good_look);
  reloader->stop();
  flags_keeper->stop();
  server->force();
  plugins->beginNothing();
  transitions->hurry(std::max(deadline - clock.now(), base::Duration::zero()));
  starting.join();
  for (std::string& line : plugins->shutdown(std::max(deadline, clock.now() + seconds(1))))
    left.push_back(std::move(line));
  watch.reset();
  outgoing->stop();
  if (!processes->stop()) left.push_back("child processes did not end within 5 s of being killed");
  control->stop([] {});
  control->force();
  return left;
}

Host::Host(std::unique_ptr<Rooms> rooms, std::unique_ptr<runtime::Signals> signals)
    : rooms_(std::move(rooms)), signals_(std::move(signals)) {}
Host::~Host() = default;

std::expected<std::unique_ptr<Host>, std::vector<std::string>> Host::start(
    const Serve& options, std::unique_ptr<runtime::Signals> signals) {
  auto configuration = Configuration::open(options);
  if (!configuration) return std::unexpected(configuration.error());
  auto rooms = std::make_unique<Rooms>(std::move(*configuration));
  Rooms& opened = *rooms;
  if (auto ok = opened.open(options); !ok) {
    if (opened.reloader) opened.reloader->stop();
    if (opened.flags_keeper) opened.flags_keeper->stop();
    if (opened.starting.joinable()) opened.starting.join();
    if (opened.plugins != nullptr) (void)opened.plugins->shutdown(opened.clock.now() + seconds(5));
    return std::unexpected(std::vector{ok.error().message});
  }
  const auto listening =
      signals->listen({[&opened] { opened.requestStop(); }, [&opened] { opened.shutdown.force(); },
                       [&opened] { opened.hangup(); }});
  if (!listening) return std::unexpected(std::vector{listening.error().message});
  opened.announce();
  opened.notice.ready("serving " + opened.urls.front());
  return std::unique_ptr<Host>(new Host(std::move(rooms), std::move(signals)));
}

int Host::run() {
  rooms_->awaitStop();
  const auto left = rooms_->stopAll();
  for (const std::string& line : left) rooms_->logger->error("did not stop", {{"what", line}});
  rooms_->logger->info("stopped");
  rooms_->boots->end();
  if (left.empty() && !rooms_->plugins->keepsLibraries()) return 0;
  // Code of a plugin may still be running: no destructor may pull anything from under it.
  (void)rooms_->output->flush(seconds(2));
  std::_Exit(left.empty() ? 0 : 1);
}

}  // namespace revenge::app
