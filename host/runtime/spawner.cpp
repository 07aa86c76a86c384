#include "runtime/spawner.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include <unistd.h>

#include "runtime/named_thread.hpp"
#include "runtime/patience.hpp"

namespace revenge::runtime {

struct Spawner::Core {
  struct Spawned {
    std::string name;
    base::PluginMark plugin;
    base::Instant started;
    pid_t thread_id = 0;
    std::stop_source stop;
    std::thread thread;
    bool returned = false;  // its body; the thread is gone, and leaves `threads`, once joined
    bool stuck = false;
  };

  Core(std::size_t limit, StuckReport report) : maxPerPlugin(limit), onStuck(std::move(report)) {}

  void join() {
    std::vector<std::pair<SpawnId, std::thread>> returned;
    {
      const std::lock_guard lock(mutex);
      for (auto& [id, each] : threads) {
        if (each.returned && each.thread.joinable()) returned.emplace_back(id, std::move(each.thread));
      }
    }
    for (auto& [id, thread] : returned) thread.join();
    {
      const std::lock_guard lock(mutex);
      for (const auto& [id, thread] : returned) threads.erase(id);
    }
    changed.notify_all();
  }

  // Outside the lock: asking runs the stop_callbacks of the plugin.
  template <typename Concerns>
  void requestStop(Concerns concerns) {
    std::vector<std::stop_source> asked;
    {
      const std::lock_guard lock(mutex);
      for (const auto& each : threads) {
        if (concerns(each)) asked.push_back(each.second.stop);
      }
    }
    for (auto& stop : asked) stop.request_stop();
  }

  const std::size_t maxPerPlugin;
  const StuckReport onStuck;
  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::uint64_t last = 0;
  std::map<SpawnId, Spawned> threads;
};

namespace {

// Waits until every thread that `concerns` is gone. A thread whose body has returned is soon gone, whoever joins it.
template <typename Core, typename Concerns>
bool waitGone(const std::shared_ptr<Core>& core, base::Scheduler& scheduler, base::Duration patience,
              Concerns concerns) {
  const auto none = [&](auto pending) {
    return std::ranges::none_of(core->threads,
                                [&](const auto& each) { return concerns(each) && pending(each.second); });
  };
  const bool returned = waitUntil(core, scheduler, patience,
                                  [&] { return none([](const auto& each) { return !each.returned; }); });
  core->join();
  std::unique_lock lock(core->mutex);
  core->changed.wait(lock, [&] { return none([](const auto& each) { return each.returned; }); });
  return returned;
}

}  // namespace

Spawner::Spawner(base::Scheduler& scheduler, std::size_t maxPerPlugin, StuckReport onStuck)
    : scheduler_(scheduler), core_(std::make_shared<Core>(maxPerPlugin, std::move(onStuck))) {}

Spawner::~Spawner() {
  const auto all = [](const auto&) { return true; };
  core_->requestStop(all);
  waitGone(core_, scheduler_, std::chrono::seconds(5), all);
  const std::lock_guard lock(core_->mutex);
  for (auto& [id, each] : core_->threads) each.thread.detach();
}

base::Result<SpawnId> Spawner::spawn(base::PluginMark plugin, std::string name, Body body) {
  core_->join();
  const std::lock_guard lock(core_->mutex);
  const auto owned = std::ranges::count_if(
      core_->threads, [plugin](const auto& each) { return each.second.plugin == plugin; });
  if (static_cast<std::size_t>(owned) >= core_->maxPerPlugin) {
    return base::fail(base::Errc::kLimit, "thread '{}' refused: the plugin has {} threads, the limit", name,
                      owned);
  }
  const SpawnId id{++core_->last};
  auto& spawned = core_->threads[id];
  spawned.name = std::move(name);
  spawned.plugin = plugin;
  spawned.started = scheduler_.clock().now();
  auto thread =
      startThread(spawned.name, [core = core_, id, plugin, shown = spawned.name,
                                 stop = spawned.stop.get_token(), body = std::move(body)]() mutable {
        {
          const std::lock_guard known(core->mutex);
          core->threads[id].thread_id = ::gettid();
        }
        {
          const base::PluginScope scope(plugin);
          const base::ActivityScope doing(shown.c_str());
          body(stop);
          body = nullptr;
        }
        {
          const std::lock_guard returned(core->mutex);
          core->threads[id].returned = true;
        }
        core->changed.notify_all();
      });
  if (!thread) {
    core_->threads.erase(id);
    return std::unexpected(std::move(thread).error());
  }
  spawned.thread = std::move(*thread);
  return id;
}

void Spawner::requestStop(SpawnId id) {
  core_->requestStop([id](const auto& each) { return each.first == id; });
}

bool Spawner::wait(SpawnId id, base::Duration patience) {
  return waitGone(core_, scheduler_, patience, [id](const auto& each) { return each.first == id; });
}

std::vector<Stuck> Spawner::stopAll(base::PluginMark plugin, base::Duration patience) {
  const auto owned = [plugin](const auto& each) { return each.second.plugin == plugin; };
  core_->requestStop(owned);
  waitGone(core_, scheduler_, patience, owned);

  std::vector<Stuck> left;
  {
    const std::lock_guard lock(core_->mutex);
    for (auto& [id, each] : core_->threads) {
      if (each.plugin != plugin || each.returned) continue;
      each.stuck = true;
      left.push_back(
          {each.name, plugin, scheduler_.clock().now() - each.started, Remedy::kNone, each.thread_id});
    }
  }
  if (core_->onStuck) {
    for (const Stuck& each : left) core_->onStuck(each);
  }
  return left;
}

SpawnCounts Spawner::counts(base::PluginMark plugin) const {
  core_->join();
  SpawnCounts counts;
  const std::lock_guard lock(core_->mutex);
  for (const auto& [id, each] : core_->threads) {
    if (each.plugin != plugin) continue;
    ++counts.running;
    counts.stuck += each.stuck ? 1 : 0;
  }
  return counts;
}

}  // namespace revenge::runtime
