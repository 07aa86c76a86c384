// Waiting for a condition, but not for ever, with the time taken from a Scheduler. Thread safety: see waitUntil.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>

#include "base/scheduler.hpp"

namespace revenge::runtime {

// Waits until `ready()` (called with core->mutex held) or until `patience` has passed; answers the last ready(). Core
// has a std::mutex `mutex` and a std::condition_variable `changed`, notified whenever ready() may have become true.
template <typename Core, typename Ready>
bool waitUntil(const std::shared_ptr<Core>& core, base::Scheduler& scheduler, base::Duration patience,
               Ready ready) {
  {
    const std::lock_guard lock(core->mutex);
    if (ready()) return true;
    if (patience <= base::Duration::zero()) return false;
  }
  auto expired = std::make_shared<bool>(false);  // guarded by core->mutex
  const base::TimerId timer = scheduler.after(patience, [core, expired] {
    {
      const std::lock_guard lock(core->mutex);
      *expired = true;
    }
    core->changed.notify_all();
  });
  std::unique_lock lock(core->mutex);
  core->changed.wait(lock, [&] { return *expired || ready(); });
  const bool answer = ready();
  lock.unlock();
  scheduler.cancel(timer);
  return answer;
}

}  // namespace revenge::runtime
