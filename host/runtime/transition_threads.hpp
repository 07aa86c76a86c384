// Runs a lifecycle call of a plugin on a thread of its own, with a deadline. A call that does not return by then is
// given up: its thread stays behind, the caller goes on. Thread safety: every function may be called from any thread;
// run() waits. App owns it; the scheduler outlives it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/scheduler.hpp"
#include "runtime/stuck.hpp"

namespace revenge::runtime {

namespace detail {
template <typename T>
inline constexpr bool kIsResult = false;
template <typename T>
inline constexpr bool kIsResult<base::Result<T>> = true;
}  // namespace detail

class TransitionThreads {
 public:
  // `onLate` hears, once for each, of a call given up that returned after all; on that call's thread. `onGivenUp` hears of
  // each that missed its deadline, on the thread of whoever asked for it.
  TransitionThreads(base::Scheduler& scheduler, StuckReport onLate, StuckReport onGivenUp = nullptr);
  ~TransitionThreads();  // no report afterwards
  TransitionThreads(const TransitionThreads&) = delete;
  TransitionThreads& operator=(const TransitionThreads&) = delete;

  // The result of `call`, or kTimedOut once it is given up. The call then goes on alone, so it owns all it uses: capture
  // by value or by shared ownership. Its result dies with it. `name` is for people: "stream: start".
  template <typename Call>
  auto run(std::string name, base::PluginMark plugin, base::Duration deadline, Call call) {
    using R = std::invoke_result_t<Call>;
    if constexpr (std::is_void_v<R>) {
      return runTask(std::move(name), plugin, deadline, std::move(call));
    } else {
      using Answer = std::conditional_t<detail::kIsResult<R>, R, base::Result<R>>;
      const auto slot = std::make_shared<std::optional<R>>();  // shared with a call that may be given up
      auto task = [slot, call = std::move(call)]() mutable { slot->emplace(call()); };
      auto ran = runTask(std::move(name), plugin, deadline, std::move(task));
      return ran ? Answer(std::move(**slot)) : Answer(std::unexpected(std::move(ran).error()));
    }
  }

  // Calls under way are given up when `patience` has passed, if not before: kCancelled. For a host that stops.
  void hurry(base::Duration patience);

  std::vector<Stuck> givenUp() const;  // and not returned since

 private:
  base::Result<> runTask(std::string name, base::PluginMark plugin, base::Duration deadline, base::Task call);

  struct Core;
  base::Scheduler& scheduler_;
  std::shared_ptr<Core> core_;  // shared with calls given up
};

}  // namespace revenge::runtime
