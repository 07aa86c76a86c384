// The ordered stop: hooks by priority, lowest first, the same priority in parallel, each with a deadline and all of them
// with one. Thread safety: every function may be called from any thread; run() waits and is called once. App owns it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "runtime/stuck.hpp"

namespace revenge::runtime {

namespace shutdown_priority {
inline constexpr int kAccept = 0;     // no new work comes in
inline constexpr int kSessions = 10;  // what was accepted is finished
inline constexpr int kCaches = 20;    // what was learnt is written
inline constexpr int kDatabase = 30;  // where it was written is closed
}  // namespace shutdown_priority

enum class HookId : std::uint64_t { kNone = 0 };  // never reused

struct HookOptions {
  std::string name;
  int priority = shutdown_priority::kSessions;
  base::Duration deadline = std::chrono::seconds(10);
  base::PluginMark plugin = base::PluginMark::kHost;
};

struct HookOutcome {
  enum class How {
    kStopped,
    kTimedOut,  // given up at its deadline or at that of the whole stop
    kForced,    // given up, or not begun, because the stop was forced
  };
  std::string name;
  int priority = 0;
  How how = How::kStopped;
  base::Duration took{};
};

class Shutdown {
 public:
  // Its token is asked to stop when the hook is given up; a hook given up owns all that it uses.
  using Hook = std::move_only_function<void(std::stop_token)>;

  explicit Shutdown(base::Scheduler& scheduler);
  Shutdown(const Shutdown&) = delete;
  Shutdown& operator=(const Shutdown&) = delete;

  base::Result<HookId> add(HookOptions options, Hook hook);  // kGone once the stop has begun
  bool remove(HookId id);                                    // true: the hook will not run

  // One outcome a hook, in the order of their priorities.
  std::vector<HookOutcome> run(base::Duration overall = std::chrono::seconds(30));

  // The second signal: run() gives up what is running, begins nothing more and returns.
  void force();

 private:
  struct Core;
  base::Scheduler& scheduler_;
  std::shared_ptr<Core> core_;  // shared with hooks given up
};

}  // namespace revenge::runtime
