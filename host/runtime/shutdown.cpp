#include "runtime/shutdown.hpp"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>

#include "runtime/named_thread.hpp"
#include "runtime/patience.hpp"

namespace revenge::runtime {

// One hook on its thread; shared with that thread, which may be given up.
struct Running {
  HookOptions options;
  base::Instant started;
  base::Instant end;
  std::stop_source stop;
  bool returned = false;  // guarded by the core's mutex, like `givenUp` and `took`
  bool givenUp = false;
  base::Duration took{};
};

struct Shutdown::Core {
  struct Registered {
    HookOptions options;
    Hook hook;
  };

  // The hooks that come next; empty when none is left.
  std::vector<Registered> takeGroup() {
    std::vector<Registered> group;
    const std::lock_guard lock(mutex);
    begun = true;
    if (hooks.empty()) return group;
    const auto priorityOf = [](const auto& each) { return each.second.options.priority; };
    const int priority = priorityOf(*std::ranges::min_element(hooks, {}, priorityOf));
    for (auto each = hooks.begin(); each != hooks.end();) {
      const auto here = each++;
      if (priorityOf(*here) == priority) group.push_back(std::move(hooks.extract(here).mapped()));
    }
    std::ranges::stable_sort(group, {}, [](const auto& each) { return each.options.deadline; });
    return group;
  }

  bool isForced() {
    const std::lock_guard lock(mutex);
    return forced;
  }

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::uint64_t last = 0;
  bool begun = false;
  bool forced = false;
  std::map<HookId, Registered> hooks;
};

namespace {

using How = HookOutcome::How;

template <typename Core>
base::Result<std::thread> startHook(const std::shared_ptr<Core>& core,
                                    const std::shared_ptr<Running>& running, Shutdown::Hook hook,
                                    const base::Clock& clock) {
  return startThread("stop " + running->options.name,
                     [core, running, &clock, hook = std::move(hook)]() mutable {
                       {
                         const base::PluginScope scope(running->options.plugin);
                         hook(running->stop.get_token());
                         hook = nullptr;
                       }
                       {
                         const std::lock_guard lock(core->mutex);
                         running->returned = true;
                         if (!running->givenUp)
                           running->took = clock.now() - running->started;  // else the clock may have gone
                       }
                       core->changed.notify_all();
                     });
}

// Waits for the hook as long as it may take, then lets it go or gives it up.
template <typename Core>
HookOutcome finish(const std::shared_ptr<Core>& core, Running& running, std::thread thread,
                   base::Scheduler& scheduler) {
  const auto over = [&] { return running.returned || core->forced; };
  waitUntil(core, scheduler, running.end - scheduler.clock().now(), over);
  HookOutcome outcome{running.options.name, running.options.priority, How::kStopped, {}};
  {
    const std::lock_guard lock(core->mutex);
    running.givenUp = !running.returned;
    outcome.took = running.returned ? running.took : scheduler.clock().now() - running.started;
    if (running.givenUp) outcome.how = core->forced ? How::kForced : How::kTimedOut;
  }
  if (outcome.how == How::kStopped) {
    thread.join();
  } else {
    thread.detach();
    running.stop.request_stop();
  }
  return outcome;
}

}  // namespace

Shutdown::Shutdown(base::Scheduler& scheduler) : scheduler_(scheduler), core_(std::make_shared<Core>()) {}

base::Result<HookId> Shutdown::add(HookOptions options, Hook hook) {
  const std::lock_guard lock(core_->mutex);
  if (core_->begun)
    return base::fail(base::Errc::kGone, "shutdown hook '{}' refused: the stop has begun", options.name);
  const HookId id{++core_->last};
  core_->hooks.emplace(id, Core::Registered{std::move(options), std::move(hook)});
  return id;
}

bool Shutdown::remove(HookId id) {
  std::map<HookId, Core::Registered>::node_type removed;  // dies after the lock
  const std::lock_guard lock(core_->mutex);
  removed = core_->hooks.extract(id);
  return !removed.empty();
}

std::vector<HookOutcome> Shutdown::run(base::Duration overall) {
  const base::Instant end = scheduler_.clock().now() + overall;
  std::vector<HookOutcome> outcomes;
  for (auto group = core_->takeGroup(); !group.empty(); group = core_->takeGroup()) {
    std::vector<std::pair<std::shared_ptr<Running>, std::thread>> started;
    for (auto& [options, hook] : group) {
      const base::Instant now = scheduler_.clock().now();
      if (core_->isForced() || now >= end) {
        outcomes.push_back(
            {options.name, options.priority, core_->isForced() ? How::kForced : How::kTimedOut, {}});
        continue;
      }
      const auto running = std::make_shared<Running>(Running{
          .options = options, .started = now, .end = std::min(end, now + options.deadline), .stop = {}});
      auto thread = startHook(core_, running, std::move(hook), scheduler_.clock());
      if (thread) started.emplace_back(running, std::move(*thread));
      if (!thread) outcomes.push_back({options.name, options.priority, How::kForced, {}});
    }
    for (auto& [running, thread] : started) {
      outcomes.push_back(finish(core_, *running, std::move(thread), scheduler_));
    }
  }
  return outcomes;
}

void Shutdown::force() {
  {
    const std::lock_guard lock(core_->mutex);
    core_->forced = true;
  }
  core_->changed.notify_all();
}

}  // namespace revenge::runtime
