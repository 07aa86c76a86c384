// What a watchdog of this room found: foreign code that did not return in time. Thread safety: plain values.
#pragma once

#include <functional>
#include <string>

#include <sys/types.h>

#include "base/clock.hpp"
#include "base/current_plugin.hpp"

namespace revenge::runtime {

enum class Remedy {
  kReplaced,  // another thread does its work now
  kNone,  // the cap of substitutes is reached, or nothing needs replacing: the thread stays counted as stuck
};

struct Stuck {
  std::string name;          // of the thread, lane or call
  base::PluginMark plugin;   // whose code it is
  base::Duration lasting{};  // at least so long
  Remedy remedy = Remedy::kNone;
  pid_t thread = 0;  // it is on; 0: not known
};

// Called once for each stuck call, on the scheduler's thread: short host code only.
using StuckReport = std::function<void(const Stuck&)>;

}  // namespace revenge::runtime
