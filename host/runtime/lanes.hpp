// Worker threads for code that may block, divided fairly: each owner (a plugin) has a lane that holds at most a share of
// the workers and of the queue, so one that blocks delays only itself. Thread safety: every function may be called from
// any thread; none waits except stop(). App owns the Lanes; jobs must not throw.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "runtime/stuck.hpp"

namespace revenge::runtime {

enum class LaneId : std::uint32_t {
  kNone = 0
};  // carries a generation: an id of a closed lane is answered kGone

struct LanesOptions {
  unsigned workers = 0;  // 0: one for each core, at least 2
  std::size_t queue =
      1024;  // jobs that wait, over all lanes; a lane with none waiting is always admitted one
  unsigned maxSubstitutes = 0;  // workers replaced and not yet back, at most; 0: as many as workers
  base::Duration stuckAfter = std::chrono::seconds(30);  // see Lanes::stuckAfter()
  StuckReport onStuck = nullptr;
  // How long a job waited for its worker; called on that worker before the job.
  std::function<void(base::PluginMark plugin, base::Duration wait)> onWaited = nullptr;
};

struct LaneOptions {
  std::string name;
  base::PluginMark plugin = base::PluginMark::kHost;
  double share = 0.5;                             // of the workers and of the queue, at least one
  std::optional<base::Duration> stuckAfter = {};  // nothing: as for every lane
};

struct LaneStats {
  std::string name;
  base::PluginMark plugin = base::PluginMark::kHost;
  std::size_t running = 0;  // on a worker now, stuck ones included
  std::size_t queued = 0;
  std::size_t stuck = 0;
  std::uint64_t done = 0;
  std::uint64_t refused = 0;  // answered kLimit
};

struct LanesStats {
  unsigned workers = 0;
  unsigned substitutes = 0;   // replaced workers that have not come back
  std::uint64_t wakeups = 0;  // sleeping workers woken by a submission
  std::uint64_t relays = 0;   // sleeping workers woken by a worker that saw more work
  std::vector<LaneStats> lanes;
};

class Lanes {
 public:
  Lanes(LanesOptions options, base::Scheduler& scheduler);
  ~Lanes();  // stop() with 5 s
  Lanes(const Lanes&) = delete;
  Lanes& operator=(const Lanes&) = delete;

  base::Result<LaneId> openLane(LaneOptions options);
  // Refuses new jobs and destroys the waiting ones; running ones go on and are still counted by laneStats().
  void closeLane(LaneId lane);

  // A job that runs so long is reported, and its worker replaced; of lanes that say nothing of their own.
  void stuckAfter(base::Duration limit);

  // One worker, and no more waiting than those for a moment, instead of its share; until it is said otherwise.
  enum class Hold : std::uint8_t { kShare, kOne };
  void restrain(LaneId lane, Hold hold);
  bool isRestrained(LaneId lane) const;

  // How long the job that waits longest has been waiting for a worker; zero: none waits, or the lane is closed. Takes no lock.
  base::Duration queueDelay(LaneId lane) const;

  // kLimit: the lane's share of the queue is full, or its share of the workers is stuck beyond replacing. Answered at
  // once and without side effect: `job` is moved from only when taken.
  [[nodiscard]] base::Submitted submit(LaneId lane, base::Task&& job);
  // The lane as a place for timers and callbacks; answers kGone once the lane is closed.
  std::shared_ptr<base::Executor> executor(LaneId lane);

  // Jobs collected during one round of an I/O loop: admitted one by one, pushed together with at most one wake-up.
  // Thread safety: none, a batch belongs to one thread (or loop).
  class Batch;

  std::optional<LaneStats> laneStats(LaneId lane) const;  // none once closed and empty
  LanesStats stats() const;

  // Destroys waiting jobs, lets running ones finish; returns those that did not within `patience`. Their threads are
  // given up. Requires: not on a worker.
  std::vector<Stuck> stop(base::Duration patience);

 private:
  struct Core;
  struct Lane;
  struct Worker;
  class Place;
  std::shared_ptr<Core> core_;  // shared with threads that may have to be given up
};

class Lanes::Batch {
 public:
  explicit Batch(Lanes& lanes);
  ~Batch();  // flushes
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  [[nodiscard]] base::Submitted add(LaneId lane, base::Task&& job);
  void flush();
  bool empty() const { return jobs_.empty(); }

 private:
  friend class Lanes;
  struct Entry {
    Lane* lane;
    LaneId id;
    base::Task job;
  };
  std::shared_ptr<Core> core_;
  std::vector<Entry> jobs_;
};

}  // namespace revenge::runtime
