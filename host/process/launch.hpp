// The one place that forks and execs. Thread safety: for the warden, which has one thread.
#pragma once

#include <sys/types.h>

#include "base/unique_fd.hpp"
#include "process/wire.hpp"

namespace revenge::process {

struct Launched {
  pid_t pid = 0;  // 0: refused
  Step step = Step::kFork;
  int error = 0;
};

// Returns when the program runs, or why it does not. The child leads a session of its own, is killed when this process
// ends, adopts its orphaned descendants, and has no descriptors but 0 to 2. `null`: /dev/null, for those not given.
Launched launch(const StartChild& start, const base::UniqueFd& null);

}  // namespace revenge::process
