// Threads that the host makes for plugins: named, counted, with a stop token. Thread safety: every function may be
// called from any thread; wait() and stopAll() wait. App owns it; the scheduler outlives it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "runtime/stuck.hpp"

namespace revenge::runtime {

enum class SpawnId : std::uint64_t { kNone = 0 };  // never reused

struct SpawnCounts {
  std::size_t running = 0;  // stuck ones included
  std::size_t stuck = 0;    // were asked to stop and missed the deadline
};

class Spawner {
 public:
  using Body = std::move_only_function<void(std::stop_token)>;

  Spawner(base::Scheduler& scheduler, std::size_t maxPerPlugin = 64, StuckReport onStuck = nullptr);
  ~Spawner();  // asks all to stop, gives them 5 s, gives up the rest
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  base::Result<SpawnId> spawn(base::PluginMark plugin, std::string name, Body body);

  void requestStop(SpawnId id);
  // True once the thread is gone, its thread_local destructors included; also for an id that is long gone.
  bool wait(SpawnId id, base::Duration patience);

  // Asks all threads of the plugin to stop and waits for them. Those that did not stop are returned, reported and stay
  // counted until they end.
  std::vector<Stuck> stopAll(base::PluginMark plugin, base::Duration patience);
  SpawnCounts counts(base::PluginMark plugin) const;

 private:
  struct Core;
  base::Scheduler& scheduler_;
  std::shared_ptr<Core> core_;  // shared with threads that may have to be given up
};

}  // namespace revenge::runtime
