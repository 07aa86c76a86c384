// Puts another configuration in force while the host runs: when the files have changed, or when the operator asks. All of
// it or nothing: rooms of the host and plugins take the new one together, or go on with the old and the refusal says who
// and why. Thread safety: reload() from any thread that may wait for plugins; start() and stop() from the owner. Owns one
// thread, which watches; the rooms outlive it.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "app/configuration.hpp"
#include "base/clock.hpp"
#include "base/unique_fd.hpp"
#include "config/applied.hpp"
#include "config/history.hpp"
#include "config/watcher.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "observe/spans.hpp"
#include "plugin/plugins.hpp"

namespace revenge::app {

class Reloader {
 public:
  struct Rooms {
    const base::Clock& clock;
    Configuration& configuration;
    plugin::Plugins& plugins;
    observe::Log& log;
    observe::LogOutput& output;
    observe::Spans& spans;
    observe::Metrics& metrics;
    observe::Health& health;
    observe::EventStream& events;
    config::History& history;
    std::function<void()> took_effect = {};  // the host's own part of it
  };
  // What to put in force.
  struct Attempt {
    config::Sources sources;
    config::Whom whom = config::Whom::kChanged;
    std::string by;                                // for the history
    std::optional<std::uint64_t> decided_on = {};  // kStale when another generation runs
    std::function<base::Result<>()> keep = {};     // makes the files say the same, once all have taken it
  };
  explicit Reloader(Rooms rooms);
  ~Reloader();  // stop()
  Reloader(const Reloader&) = delete;
  Reloader& operator=(const Reloader&) = delete;

  // Begins to watch, if the configuration wants it. `asked` answers ask().
  base::Result<> start(std::function<void()> asked = {});
  void stop();  // waits for a change that is under way

  // Takes the files as they are now. Errors: kInvalid (every cause, a line each), kBusy, kStale, and what a plugin answers.
  base::Result<config::Applied> reload(config::Whom whom, std::string by,
                                       std::optional<std::uint64_t> decided_on = {});
  // One change of the files at a time: whoever holds this may read them, decide, and apply().
  std::unique_lock<std::mutex> turn() { return std::unique_lock(applying_); }
  base::Result<config::Applied> apply(const Attempt& attempt, const std::unique_lock<std::mutex>& turn);
  const config::Sources& inForce(const std::unique_lock<std::mutex>& /*turn*/) const { return in_force_; }
  // On the thread that watches: calls the handler of start() soon. Of several that come together one counts.
  void ask();
  // Reads the files for one plugin that is loaded anew; the others hear of them from the watch.
  base::Result<> reread();

 private:
  base::Result<config::Applied> tryOut(const Attempt& attempt);
  base::Result<config::Applied> exchange(std::shared_ptr<const config::Snapshot> next,
                                         const Attempt& attempt);
  void tell(const config::Applied& applied);
  void tellRefusal(const std::string& why, const std::string& by);
  void tellHistory();
  void lookForMounts();
  config::Taken take(const config::Sources& sources);
  void watch();

  Rooms rooms_;
  observe::Logger logger_;
  observe::MetricScope scope_;
  observe::Gauge last_success_;
  observe::Gauge last_success_at_;
  observe::Gauge number_;
  observe::Counter refused_;
  observe::HealthCondition watching_;
  observe::HealthCondition mounts_;
  observe::HealthCondition kept_;
  std::mutex applying_;                                // one configuration after the other
  config::Sources in_force_;                           // guarded by applying_
  std::shared_ptr<const config::Snapshot> last_told_;  // what all were given last; guarded by applying_
  std::string told_trouble_;                           // of the history; guarded by applying_
  bool files_refused_ = false;                         // as they are now; guarded by applying_
  std::string told_mounts_;                            // guarded by applying_
  std::function<void()> asked_;
  base::UniqueFd wanted_;  // readable: ask() was called
  base::UniqueFd end_;     // readable: leave
  std::thread thread_;
};

}  // namespace revenge::app
