// Where a task runs: a worker lane, an I/O loop. Thread safety: submit() may be called from any thread. Shared ownership,
// because a timer may still hold the place when its owner has gone; then submit() answers kGone.
#pragma once

#include <functional>

namespace revenge::base {

using Task = std::move_only_function<void()>;

enum class Submitted {
  kTaken,  // it will run once, or be destroyed without running when the place closes first
  kLimit,  // full; later may help
  kGone,   // the place is closed for good
};

class Executor {
 public:
  virtual ~Executor() = default;
  // Never waits. Moves from `task` only when it answers kTaken.
  [[nodiscard]] virtual Submitted submit(Task&& task) = 0;
};

}  // namespace revenge::base
