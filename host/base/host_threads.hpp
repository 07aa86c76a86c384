// Which threads of the process the host made: everything else was started by a plugin behind its back, and a library
// with such a thread must not be unmapped. Process-wide like the thread ids themselves, which is why this is a free
// function over one table and not an object. Thread safety: any thread.
#pragma once

#include <sys/types.h>

namespace revenge::base {

// Lives for the length of a host thread's body.
class HostThread {
 public:
  HostThread();
  ~HostThread();
  HostThread(const HostThread&) = delete;
  HostThread& operator=(const HostThread&) = delete;

 private:
  pid_t id_;
};

bool isHostThread(pid_t thread);

}  // namespace revenge::base
