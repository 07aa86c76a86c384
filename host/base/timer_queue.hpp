// The bookkeeping both schedulers share: which task is due when, and who may run it. Thread safety: every function may
// be called from any thread; tasks run and die outside the lock. Shared ownership, because a dispatched task may wait in
// an executor for longer than its scheduler lives.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "base/scheduler.hpp"

namespace revenge::base {

class TimerQueue : public std::enable_shared_from_this<TimerQueue> {
 public:
  TimerId add(Instant when, Task task, std::shared_ptr<Executor> where);  // kNone once closed
  bool cancel(TimerId id);
  std::optional<Instant> next() const;

  // Sends everything due at `now` to where it runs; a full executor is asked again 10 ms later.
  void dispatchDue(Instant now);

  // Nothing runs after this, not even what already waits in an executor.
  void close();
  std::size_t size() const;

 private:
  struct Entry {
    Instant when;
    Task task;
    std::shared_ptr<Executor> where;
  };
  std::optional<std::pair<TimerId, std::shared_ptr<Executor>>> takeDue(Instant now);
  void putBack(TimerId id, Instant when);
  void run(TimerId id);

  mutable std::mutex mutex_;  // guards everything below
  std::uint64_t last_ = 0;
  bool closed_ = false;
  std::set<std::pair<Instant, TimerId>> waiting_;
  // An entry leaves when its task starts, not when it is dispatched: until then cancel() finds it.
  std::unordered_map<TimerId, Entry> entries_;
};

}  // namespace revenge::base
