// Time and threads as the pipeline is given them: a clock, timers whose memory is the caller's, and a place where work
// runs. Thread safety: all functions from any thread.
#pragma once

#include <atomic>
#include <cstdint>

#include "policy/moment.hpp"

namespace revenge::resilience {

// A timer, embedded in what it is for. Whoever owns it derives from it and keeps it until it has fired or was cancelled.
class Timer {
 public:
  // Called without any lock of the scheduler's; short, since other timers wait behind it. May arm and cancel timers.
  using Fire = void (*)(Timer& timer, Moment now) noexcept;
  explicit Timer(Fire fire) noexcept : fire_(fire) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  friend class TimerHeap;
  friend class Timers;
  Fire fire_;
  Moment when_;
  // A pairing heap's links: eldest child, next sibling, and the elder sibling or else the parent.
  Timer* child_ = nullptr;
  Timer* next_ = nullptr;
  Timer* previous_ = nullptr;
  bool armed_ = false;
};

// Work for another thread, embedded likewise; it is out of the executor's hands when it runs.
class Work {
 public:
  using Run = void (*)(Work& work) noexcept;
  explicit Work(Run its_run) noexcept : run_(its_run) {}
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  void run() noexcept { run_(*this); }
  Work* next = nullptr;  // for the executor's queue

 private:
  Run run_;
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;

  virtual Moment now() const noexcept = 0;
  // Requires: the timer is not armed. A moment that has passed fires as soon as may be, never inside of at().
  virtual void at(Moment when, Timer& timer) noexcept = 0;
  // True: it will not fire. False: it was not armed, or has fired; if it is firing on another thread this returns when
  // that is over, so that the timer's memory may go. Requires: no lock is held that its Fire takes.
  virtual bool cancel(Timer& timer) noexcept = 0;

  // Runs work on another thread than this, soon.
  virtual void post(Work& work) noexcept = 0;

  // Blocks the calling thread until the value is no longer zero; whoever sets it notifies. A test's scheduler moves its
  // clock meanwhile instead.
  virtual void awaitNonZero(const std::atomic<std::uint32_t>& value) noexcept { value.wait(0); }
};

}  // namespace revenge::resilience
