// What another thread of this process is at: its stack, taken by a real-time signal to it alone. The thread itself writes the
// frames into a place that is there already; whoever asks waits for that, and not for long. It interrupts a system call of that
// thread once; those that SA_RESTART does not begin again (a sleep, poll) return EINTR there. The signal belongs to
// the process; install() and the ThreadStacks it gives stand for the lifetime.
//
// Thread safety: any thread. app owns it.
#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"
#include "base/result.hpp"
#include "observe/stack_frame.hpp"

namespace revenge::observe {

class ThreadStacks {
 public:
  // kExists: somebody has a handler for that signal already. One at a time.
  static base::Result<ThreadStacks> install();
  ThreadStacks(ThreadStacks&& other) noexcept;
  ThreadStacks& operator=(ThreadStacks&&) = delete;
  ~ThreadStacks();  // a signal that comes later is ignored

  struct Taken {
    base::PluginMark inside = base::PluginMark::kHost;  // whose code it runs
    std::string doing{};                                // what it was entered for; empty: nobody said
    std::vector<StackFrame> frames{};                   // innermost first, without functions
  };
  // kGone: there is no such thread any more; kTimedOut: it did not answer, since it blocks the signal, or is not let
  // run; kLimit: too many such are still awaited.
  base::Result<Taken> take(pid_t thread, base::Duration patience) const;

  static int signalNumber();

 private:
  ThreadStacks() = default;
  bool owns_ = true;
};

}  // namespace revenge::observe
