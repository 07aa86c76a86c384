// The sequence of publications as something a thread can wait for: who found nobody to call, or a held instance, waits
// for what comes next. Thread safety: any thread; never on an I/O thread, because it blocks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

#include "base/clock.hpp"

namespace revenge::service {

class Publications {
 public:
  void published() {
    {
      const std::lock_guard lock(mutex_);
      ++count_;
    }
    changed_.notify_all();
  }
  // To be taken before looking at what may change.
  std::uint64_t count() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  // Until something was published after `seen`; false: `deadline` (CLOCK_MONOTONIC) came first.
  bool wait(std::uint64_t seen, base::Instant deadline) {
    std::unique_lock lock(mutex_);
    return changed_.wait_until(lock, deadline, [&] { return count_ != seen; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t count_ = 0;  // guarded by mutex_
};

}  // namespace revenge::service
