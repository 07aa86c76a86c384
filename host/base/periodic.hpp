// Calls a task again and again, each time `period` after the last call returned, until destroyed. Thread safety: may be
// destroyed from any thread, also from its own task; elsewhere the destructor waits for a call that is running. The
// scheduler outlives it; when the executor is gone, so is the task.
#pragma once

#include <functional>
#include <memory>

#include "base/scheduler.hpp"

namespace revenge::base {

class Periodic {
 public:
  // Requires: period > 0.
  Periodic(Scheduler& scheduler, Duration period, std::function<void()> task,
           std::shared_ptr<Executor> where = nullptr);
  ~Periodic();
  Periodic(const Periodic&) = delete;
  Periodic& operator=(const Periodic&) = delete;

 private:
  struct Core;
  std::shared_ptr<Core> core_;  // shared with the timer under way
};

}  // namespace revenge::base
