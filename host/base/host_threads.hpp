// Which threads of the process the host made: everything else was started by a plugin behind its back, and a library
// with such a thread must not be unmapped. Process-wide like the thread ids themselves, which is why this is a free
// function over one table and not an object. Thread safety: any thread.
#pragma once

#include <functional>

#include <sys/types.h>

#include "base/current_plugin.hpp"

namespace revenge::base {

// Lives for the length of a host thread's body. Gives it a stack of its own for signals, so that one that has run out of stack
// can still say so.
class HostThread {
 public:
  HostThread();
  ~HostThread();
  HostThread(const HostThread&) = delete;
  HostThread& operator=(const HostThread&) = delete;

 private:
  pid_t id_;
  void* signal_stack_;  // null: there was no memory for it
};

bool isHostThread(pid_t thread);

// Each of them, and whom it runs code for at that moment. Threads that begin or end wait meanwhile: `each` is a few
// microseconds of host code that makes no thread.
void forEachHostThread(const std::function<void(pid_t thread, PluginMark mark)>& each);

}  // namespace revenge::base
