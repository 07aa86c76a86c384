// Keeps the flags in force as their file says: read before any plugin starts, again when the file has become another, and
// changed in the file when the operator asks. What is wrong keeps the flags as they were and says where. Also tells of what
// a schedule turns. Thread safety: every function from any thread that may wait for a disk; start() and stop() from the
// owner. Owns one thread; the rooms outlive it.
#pragma once

#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "base/unique_fd.hpp"
#include "config/watcher.hpp"
#include "flags/edit.hpp"
#include "flags/flags.hpp"
#include "observe/events.hpp"
#include "observe/health.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"

namespace revenge::app {

enum class Watch : std::uint8_t { kNo, kYes };

// The file as it is now. No such file: no flags. The error holds every cause, one line each.
base::Result<flags::Definitions> readFlagsFile(const std::filesystem::path& file);

class FlagsKeeper {
 public:
  struct Rooms {
    const base::Clock& clock;
    flags::Flags& flags;
    observe::Log& log;
    observe::Metrics& metrics;
    observe::Health& health;
    observe::EventStream& events;
  };
  FlagsKeeper(Rooms rooms, std::filesystem::path file, Watch watch);
  ~FlagsKeeper();  // stop()
  FlagsKeeper(const FlagsKeeper&) = delete;
  FlagsKeeper& operator=(const FlagsKeeper&) = delete;

  // The first reading. The error holds every cause, one line each; no such file: no flags.
  base::Result<> open();
  base::Result<> start();
  void stop();

  // The file as it is now, not yet in force; nothing when it is no file of flags.
  base::Result<flags::Definitions> read();
  void publish(flags::Definitions definitions, std::string_view who);
  base::Result<flags::Edited> edit(const flags::Edit& edit, const flags::Asked& asked);

 private:
  config::WatchHandlers handlers();
  void tell(const flags::Change& change, std::string_view who);
  void tellRefusal(const std::string& why);
  void tellOverdue();
  void wake() const;
  void run();

  Rooms rooms_;
  const std::filesystem::path file_;
  const Watch watch_;
  observe::Logger logger_;
  observe::MetricScope scope_;
  observe::Gauge last_success_;
  observe::Counter refused_;
  observe::HealthCondition watching_;
  std::mutex changing_;                 // one change of the file or the flags after the other
  config::Sources read_;                // as they were at open(); for the thread
  std::set<std::string> told_overdue_;  // guarded by changing_
  base::UniqueFd woken_;                // readable: look again
  std::atomic<bool> leaving_{false};
  std::thread thread_;
};

}  // namespace revenge::app
