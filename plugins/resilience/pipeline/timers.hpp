// A heap of timers and what turns it by: the half of a scheduler that is the same whether a thread of the host's or a test
// moves it on. Thread safety: TimerHeap none; Timers all functions from any thread.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "pipeline/scheduler.hpp"

namespace revenge::resilience {

// A pairing heap (Fredman, Sedgewick, Sleator, Tarjan 1986): O(1) to arm, amortised O(log n) to take out any, no memory.
class TimerHeap {
 public:
  Timer* first() const noexcept { return root_; }
  void add(Timer& timer) noexcept;
  void remove(Timer& timer) noexcept;

 private:
  static Timer* meld(Timer* a, Timer* b) noexcept;
  static Timer* meldSiblings(Timer* first) noexcept;
  Timer* root_ = nullptr;
};

class Timers {
 public:
  // True: it is now the first, so that whoever sleeps until next() looks again.
  bool add(Moment when, Timer& timer) noexcept;
  // As Scheduler::cancel.
  bool cancel(Timer& timer) noexcept;
  // When the first is due; never() without any.
  Moment next() const noexcept;
  // Fires what is due, in order of time, those that are armed meanwhile included. Of several threads one fires.
  void fireDue(Moment now) noexcept;

 private:
  mutable std::mutex mutex_;
  std::condition_variable fired_;
  TimerHeap heap_;
  Timer* firing_ = nullptr;
  std::thread::id firing_thread_;
};

}  // namespace revenge::resilience
