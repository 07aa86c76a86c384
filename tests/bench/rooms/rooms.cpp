#include "rooms/rooms.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <utility>

#include "base/host_threads.hpp"
#include "observe/log_format.hpp"

namespace revenge::bench {

namespace {

template <typename T>
T orThrow(base::Result<T> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

}  // namespace

void ErrorSink::write(const observe::LogRecord& record) noexcept {
  if (instead != nullptr) return instead->write(record);
  std::string line;
  observe::appendText(line, record);
  std::fputs((line + "\n").c_str(), stderr);
}

Rooms::Rooms(const std::filesystem::path& folder, const std::filesystem::path& packages,
             std::vector<plugin::Leaf> configuration)
    : lanes({.workers = 2}, timers),
      reactor({.threads = 1}, timers),
      bundle(ext::Rooms{clock, timers, log, metrics, *spans, telemetry, flags, events, domain, lanes,
                        reactor.executor(0), spawner, shutdown, folder / "state", folder / "cache",
                        folder / "tmp", figures, checks},
             ext::HttpAdapter::Parts{domain, lanes, timers, router, listeners, {}}) {
  std::filesystem::create_directories(folder / "state");
  loader = orThrow(module::Loader::make(
      {.privateFolder = folder / "loaded", .stateFolder = folder / "state", .hostProgram = BENCH_HOST},
      clock));
  plugins = orThrow(plugin::Plugins::open(
      {clock, log, health, events, flags, domain, lanes, transitions, *loader, bundle,
       [configuration = std::move(configuration)](const module::Manifest&, const std::string&) {
         return base::Result<std::shared_ptr<const plugin::Section>>(
             std::make_shared<const plugin::Section>(1, "{}", configuration));
       },
       [] { return base::Result<>(); }, base::isHostThread, crashes},
      {.folders = {packages}, .state_dir = folder / "state"}));
  bundle.republish = [this] { return plugins->republish(); };
  plugins->startWanted();
  const plugin::Listing listing = plugins->list();
  for (const plugin::PluginView& view : listing.plugins) {
    if (view.state != plugin::State::kRunning)
      throw std::runtime_error(fmt::format("{} is {}: {}", view.id, name(view.state), view.note));
  }
}

Rooms::~Rooms() {
  (void)plugins->shutdown(clock.now() + std::chrono::seconds(5));
  plugins.reset();
}

std::unique_ptr<Caller> Rooms::callerOf(const std::string& interface) {
  auto caller = std::make_unique<Caller>();
  caller->host.id = "bench";
  caller->host.version = "1.0.0";
  caller->host.needs = {{.id = interface}};
  caller->host.instance = orThrow(domain.instances().open());
  caller->host.capabilities = &bundle;
  caller->host.context = bundle.open(caller->host);
  const revenge_view id{interface.data(), interface.size()};
  if (ext::ServiceAdapter::table().require(&caller->host, id, &caller->slot, nullptr) != REVENGE_OK)
    throw std::runtime_error("no slot for " + interface);
  if (auto published = plugins->republish(); !published) throw std::runtime_error(published.error().message);
  return caller;
}

}  // namespace revenge::bench
