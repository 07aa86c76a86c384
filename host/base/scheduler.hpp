// Timers as an argument: everything that wants to be called later is given a Scheduler and, in tests, a ManualScheduler
// (manual_scheduler.hpp). Thread safety: every function may be called from any thread, also from a timer's own task.
#pragma once

#include <cstdint>
#include <memory>

#include "base/clock.hpp"
#include "base/executor.hpp"

namespace revenge::base {

enum class TimerId : std::uint64_t { kNone = 0 };  // never reused

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  virtual const Clock& clock() const = 0;

  // Runs `task` once, not before `when`, on `where`; without `where` on the scheduler's own thread, which is for a few
  // microseconds of host code only. A `where` that is full is asked again a little later; one that is gone drops it.
  virtual TimerId at(Instant when, Task task, std::shared_ptr<Executor> where = nullptr) = 0;
  TimerId after(Duration delay, Task task, std::shared_ptr<Executor> where = nullptr) {
    return at(clock().now() + delay, std::move(task), std::move(where));
  }

  // True: the task has not run and never will, even if it already waited in its executor. False: it has run, is running
  // now, or was cancelled before.
  virtual bool cancel(TimerId id) = 0;
};

}  // namespace revenge::base
