// Puts another configuration in force while the host runs: when the files have changed, or when the operator asks. All of
// it or nothing: rooms of the host and plugins take the new one together, or go on with the old and the refusal says who
// and why. Thread safety: reload() from any thread that may wait for plugins; start() and stop() from the owner. Owns one
// thread, which watches; the rooms outlive it.
#pragma once

#include <memory>
#include <mutex>
#include <thread>

#include "app/configuration.hpp"
#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "config/applied.hpp"
#include "config/watcher.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "plugin/plugins.hpp"

namespace revenge::app {

class Reloader {
 public:
  struct Rooms {
    const base::Clock& clock;
    Configuration& configuration;
    plugin::Plugins& plugins;
    observe::Log& log;
    observe::Metrics& metrics;
    observe::Health& health;
    observe::EventStream& events;
  };
  explicit Reloader(Rooms rooms);
  ~Reloader();  // stop()
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  base::Result<> start();  // begins to watch, if the configuration wants it
  void stop();             // waits for a change that is under way

  // Takes the files as they are now. Errors: kInvalid (every cause, a line each), kBusy, and what a plugin answers.
  base::Result<config::Applied> reload(config::Whom whom);
  // Reads the files for one plugin that is loaded anew; the others hear of them from the watch.
  base::Result<> reread();

 private:
  base::Result<config::Applied> apply(const config::Sources& sources, config::Whom whom);
  base::Result<config::Applied> exchange(std::shared_ptr<const config::Snapshot> next, config::Whom whom);
  void tell(const config::Applied& applied);
  void tellRefusal(const std::string& why);
  config::Taken take(const config::Sources& sources);
  void watch();

  Rooms rooms_;
  observe::Logger logger_;
  observe::MetricScope scope_;
  observe::Gauge last_success_;
  observe::Gauge last_success_at_;
  observe::Counter refused_;
  observe::HealthCondition watching_;
  std::mutex applying_;  // one configuration after the other
  base::UniqueFd end_;   // readable: leave
  std::thread thread_;
};

}  // namespace revenge::app
