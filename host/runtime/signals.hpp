// The signals of the process as calls: SIGTERM or SIGINT asks for a stop, the second of them forces it, SIGHUP is an
// event, SIGPIPE is ignored. Thread safety: constructed and destroyed on the same thread. Owned by main() or app and
// constructed before any other thread starts, since the signals are blocked in every thread made after it. Children
// inherit that mask and the ignored SIGPIPE: whoever execs one resets both.
#pragma once

#include <csignal>
#include <functional>
#include <thread>

#include "base/result.hpp"
#include "base/unique_fd.hpp"

namespace revenge::runtime {

struct SignalHandlers {
  std::function<void()> stop;    // first SIGTERM or SIGINT
  std::function<void()> force;   // each further one
  std::function<void()> hangup;  // SIGHUP
};

class Signals {
 public:
  Signals();
  ~Signals();  // no handler runs afterwards; restores the mask and SIGPIPE
  Signals(const Signals&) = delete;
  Signals& operator=(const Signals&) = delete;

  // Handlers run on a thread of this object; a signal that came before this call is delivered then. Called once.
  base::Result<> listen(SignalHandlers handlers);

 private:
  void run(const SignalHandlers& handlers);

  sigset_t before_{};
  struct sigaction pipeBefore_{};
  base::UniqueFd signals_;
  base::UniqueFd end_;  // readable: leave
  std::thread thread_;
};

}  // namespace revenge::runtime
