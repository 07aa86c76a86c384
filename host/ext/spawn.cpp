#include "ext/spawn.hpp"

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#include "ext/bundle.hpp"
#include "ext/one_way.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

struct SpawnAdapter::Thread {
  std::mutex mutex;
  std::condition_variable changed;
  bool stop = false;  // guarded by mutex
  runtime::SpawnId id = runtime::SpawnId::kNone;

  void ask() {
    {
      const std::lock_guard lock(mutex);
      stop = true;
    }
    changed.notify_all();
  }
  bool asked() {
    const std::lock_guard lock(mutex);
    return stop;
  }
};

void SpawnAdapter::quiesce(const revenge_host& host) {
  for (const auto& hook : hooks_.withdraw(host.instance)) shutdown_.remove(hook.value);
  pause(host);
}

void SpawnAdapter::pause(const revenge_host& host) {
  threads_.forEach([&](revenge_handle, service::InstanceRef owner, const std::shared_ptr<Thread>& thread) {
    if (owner == host.instance) thread->ask();
  });
}

std::vector<std::string> SpawnAdapter::join(const revenge_host& host, base::Instant deadline) {
  const base::Duration patience = std::max(base::Duration::zero(), deadline - clock_.now());
  std::vector<std::string> running;
  for (const runtime::Stuck& stuck : spawner_.stopAll(host.mark(), patience)) running.push_back(stuck.name);
  return running;
}

struct SpawnTable {
  static revenge_status start(const revenge_host* host, const revenge_thread* thread, revenge_handle* handle,
                              revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (thread == nullptr || thread->run == nullptr || handle == nullptr)
      return say(error, REVENGE_INVALID, "thread, its function or handle is NULL");
    SpawnAdapter& adapter = ties->bundle.spawner;
    auto known = std::make_shared<SpawnAdapter::Thread>();
    const revenge_handle made = adapter.threads_.add(host->instance, known);
    const std::string name = fmt::format("{}:{}", host->id, text(thread->name));
    // The thread counts itself by the spawner, which knows when it is gone, and not into the instance: a drain waits for
    // calls, the teardown for threads.
    auto spawned = adapter.spawner_.spawn(
        host->mark(), name,
        [&adapter, host, known, made, run = thread->run, context = thread->context](std::stop_token asked) {
          const std::stop_callback forward(asked, [&known] { known->ask(); });
          revenge_call call{};
          call.size = sizeof call;
          callOneWay(*host, base::currentActivity(), [&] { run(context, &call, made); });
          adapter.threads_.take(made);
        });
    if (!spawned) {
      adapter.threads_.take(made);
      return fail(error, spawned.error());
    }
    *handle = made;
    return REVENGE_OK;
  }

  static std::shared_ptr<SpawnAdapter::Thread> find(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    return ties == nullptr ? nullptr
                           : ties->bundle.spawner.threads_.find(handle, host->instance).value_or(nullptr);
  }

  static void requestStop(const revenge_host* host, revenge_handle handle) {
    if (const auto thread = find(host, handle)) thread->ask();
  }

  static bool stopRequested(const revenge_host* host, revenge_handle handle) {
    const auto thread = find(host, handle);
    return thread == nullptr || thread->asked();
  }

  static revenge_status sleep(const revenge_host* host, revenge_handle handle, std::int64_t timeout_ns) {
    const auto thread = find(host, handle);
    if (thread == nullptr) return REVENGE_GONE;
    std::unique_lock lock(thread->mutex);
    const bool stop = thread->changed.wait_for(lock, base::Duration(std::max<std::int64_t>(timeout_ns, 0)),
                                               [&] { return thread->stop; });
    return stop ? REVENGE_CANCELLED : REVENGE_TIMED_OUT;
  }

  static revenge_status onShutdown(const revenge_host* host, const revenge_shutdown_hook* hook,
                                   revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (hook == nullptr || hook->run == nullptr || handle == nullptr)
      return say(error, REVENGE_INVALID, "hook, its function or handle is NULL");
    SpawnAdapter& adapter = ties->bundle.spawner;
    runtime::HookOptions options;
    options.name = fmt::format("{}: {}", host->id, text(hook->name));
    options.priority = hook->priority;
    if (hook->deadline_ns > 0) options.deadline = base::Duration(hook->deadline_ns);
    options.plugin = host->mark();
    const auto deadline = options.deadline;
    const auto added = adapter.shutdown_.add(std::move(options), [ties, deadline, run = hook->run,
                                                                  context = hook->context](std::stop_token) {
      const auto inside = ties->bundle.spawner.domain_.instances().enter(ties->host.instance);
      if (!inside) return;
      const revenge_call call = hostCall(
          ties->host.instance, (ties->bundle.rooms.clock.now() + deadline).time_since_epoch().count());
      revenge_error why{sizeof(revenge_error), 0, {}};
      const revenge_status status =
          plugin::guarded("shutdown hook", why, [&] { return run(context, &call, &why); });
      if (status != REVENGE_OK)
        ties->logger.warn("shutdown hook failed", {{"reason", std::string_view(why.message, why.length)}});
    });
    if (!added) return fail(error, added.error());
    *handle = adapter.hooks_.add(host->instance, *added);
    return REVENGE_OK;
  }
};

const revenge_spawn& SpawnAdapter::table() {
  static constexpr revenge_spawn kTable{sizeof(revenge_spawn),     0,
                                        SpawnTable::start,         SpawnTable::requestStop,
                                        SpawnTable::stopRequested, SpawnTable::sleep,
                                        SpawnTable::onShutdown};
  return kTable;
}

}  // namespace revenge::ext
