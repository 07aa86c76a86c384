// A host in a bench program: its rooms with real plugins, and a way into them from here. It serves nobody: no listener,
// no control plane. Thread safety: as the rooms themselves; made and ended on one thread.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <revenge/abi/service.h>

#include "base/tick_clock.hpp"
#include "ext/bundle.hpp"
#include "flags/flags.hpp"
#include "module/loader.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "observe/health_checks.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "observe/plugin_figures.hpp"
#include "observe/spans.hpp"
#include "observe/telemetry.hpp"
#include "plugin/plugins.hpp"
#include "plugin/section.hpp"
#include "runtime/lanes.hpp"
#include "runtime/reactor.hpp"
#include "runtime/shutdown.hpp"
#include "runtime/spawner.hpp"
#include "runtime/timers.hpp"
#include "runtime/transition_threads.hpp"
#include "service/domain.hpp"
#include "unit/plugin/no_crashes.hpp"

namespace revenge::bench {

// Only what goes wrong.
class ErrorSink final : public observe::LogSink {
 public:
  void write(const observe::LogRecord& record) noexcept override;

  observe::LogSink* instead = nullptr;  // takes all lines, when set
};

// A consumer that is no plugin: an instance of its own with one slot.
struct Caller {
  revenge_host host;
  revenge_handle slot = 0;
};

class Rooms {
 public:
  // Starts every plugin below `packages`, each with this configuration. Throws when one does not run.
  Rooms(const std::filesystem::path& folder, const std::filesystem::path& packages,
        std::vector<plugin::Leaf> configuration = {});
  ~Rooms();
  Rooms(const Rooms&) = delete;
  Rooms& operator=(const Rooms&) = delete;

  // Lives as long as the rooms.
  std::unique_ptr<Caller> callerOf(const std::string& interface);

  base::SystemClock clock;
  base::TickClock log_clock;
  observe::Metrics metrics;
  observe::PluginFigures figures{metrics};
  revenge::flags::Flags flags{clock, metrics};
  ErrorSink sink;
  std::shared_ptr<observe::Spans> spans = std::make_shared<observe::Spans>();  // with threads that record
  observe::Telemetry telemetry{spans, clock};
  // A bench of the log must not measure how lines are refused.
  observe::Log log{log_clock, metrics, sink, observe::Level::kWarn, {1'000'000'000, 1'000'000'000}};
  observe::EventStream events{clock};
  observe::Health health{clock};
  runtime::Timers timers{clock};
  service::Domain domain;
  runtime::TransitionThreads transitions{timers, {}};
  runtime::Spawner spawner{timers, 64, {}};
  runtime::Shutdown shutdown{timers};
  runtime::Lanes lanes;
  runtime::Reactor reactor;
  service::Facet<http::Router> router = domain.generations().facet<http::Router>();
  service::Facet<ext::Listeners> listeners = domain.generations().facet<ext::Listeners>();
  observe::HealthChecks checks{health, timers};
  ext::Bundle bundle;
  std::unique_ptr<module::Loader> loader;
  plugin::NoCrashes crashes;
  std::unique_ptr<plugin::Plugins> plugins;
};

}  // namespace revenge::bench
