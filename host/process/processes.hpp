// Child processes of plugins: what the table revenge.process/1 is made of. One warden forks them all (warden.hpp); their
// pipes are read and written on the loops of the reactor. app owns it and destroys it after stop() and before the reactor.
// Thread safety: every function may be called from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "process/child.hpp"
#include "process/command.hpp"
#include "process/warden_link.hpp"
#include "runtime/reactor.hpp"

namespace revenge::process {

struct ProcessOptions {
  std::size_t max_running = 64;  // of all plugins; a further one waits
  std::size_t max_running_per_plugin = 16;
  std::uint64_t max_collected_bytes = 1ULL << 20U;  // of one output, where the plugin says nothing
  base::Duration grace =
      std::chrono::seconds(2);  // between SIGTERM and SIGKILL, where the plugin says nothing
  std::string path = "/usr/local/bin:/usr/bin:/bin";
  WardenProgram warden = {};
};

struct ProcessesCore;

class Processes {
 public:
  struct Parts {
    runtime::Reactor& reactor;
    base::Scheduler& scheduler;
    observe::Metrics& metrics;
    observe::Log& log;
  };
  Processes(const Parts& parts, ProcessOptions options);
  ~Processes();  // stop()
  Processes(const Processes&) = delete;
  Processes& operator=(const Processes&) = delete;

  // Checks the command and completes its environment; nothing begins before Child::start().
  base::Result<std::shared_ptr<Child>> prepare(Command command);

  // Every child is killed, and whatever they left behind; waits until the warden has ended. True: it has.
  bool stop();

 private:
  std::shared_ptr<const ChildStats> statsOf(const std::string& owner);

  std::shared_ptr<ProcessesCore> core_;  // shared with children
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<const ChildStats>, std::less<>>
      stats_;                  // by owner; guarded by mutex_
  std::uint64_t last_id_ = 0;  // guarded by mutex_
  bool stopped_ = false;       // guarded by mutex_
};

}  // namespace revenge::process
