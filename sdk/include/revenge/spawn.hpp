// Spawn: threads that the host knows, and hooks for its shutdown. Plugins start no threads of their own.
//
// A spawned thread whose registration is ignored runs until its function returns; kept in a Thread it is asked
// to stop and waited for by that object's end. The instance's stop asks all of them. Safe from any thread.
#pragma once

#include <chrono>
#include <memory>

#include <revenge/call.hpp>
#include <revenge/gate.hpp>
#include <revenge/held.hpp>

namespace revenge {

// Given to the thread's function; borrowed while it runs.
class StopToken {
 public:
  StopToken(const Host& host, revenge_handle thread) : host_(&host), thread_(thread) {}

  bool stopRequested() const { return host_->spawnTable().stop_requested(host_->raw(), thread_); }
  // False: stop was asked for. On the thread itself.
  bool sleep(std::chrono::nanoseconds time) const {
    return host_->spawnTable().sleep(host_->raw(), thread_, time.count()) == REVENGE_TIMED_OUT;
  }

 private:
  const Host* host_;
  revenge_handle thread_;
};

namespace detail {

struct ThreadState {
  explicit ThreadState(const Host& owner) : host(&owner) {}

  void requestStop() const { host->spawnTable().request_stop(host->raw(), handle); }

  const Host* host;
  revenge_handle handle = 0;
  CallbackGate gate;
};

template <class Function>
struct ThreadHolder final : Scope::Member {
  ThreadHolder(Host& owner, std::shared_ptr<ThreadState> shared, Function f)
      : host(owner), state(std::move(shared)), function(std::move(f)) {}

  static void run(void* context, const revenge_call* call, revenge_handle thread) noexcept {
    auto& self = *static_cast<ThreadHolder*>(context);
    const std::shared_ptr<ThreadState> state = self.state;
    const std::unique_ptr<Scope::Member> ends = self.host.kept().release(self);
    if (!state->gate.enter()) return;
    self.host.contained("a thread", [&] {
      const StopToken stop(self.host, thread);
      if constexpr (std::is_invocable_v<Function&, const StopToken&, const Call&>)
        self.function(stop, Call(self.host, call));
      else
        self.function(stop);
    });
    state->gate.leave();
  }

  Host& host;
  std::shared_ptr<ThreadState> state;
  Function function;
};

template <class Function>
struct HookHolder final : Scope::Member {
  HookHolder(Host& owner, Function f) : host(owner), function(std::move(f)) {}

  static revenge_status run(void* context, const revenge_call* call, revenge_error* error) noexcept {
    auto& self = *static_cast<HookHolder*>(context);
    return boundary::guarded(error, [&]() -> decltype(auto) {
      if constexpr (std::is_invocable_v<Function&, const Call&>)
        return self.function(Call(self.host, call));
      else
        return self.function();
    });
  }

  Host& host;
  Function function;
};

}  // namespace detail

class ThreadRegistration {
 public:
  ThreadRegistration() = default;
  explicit ThreadRegistration(std::shared_ptr<detail::ThreadState> state) : state_(std::move(state)) {}

  void requestStop() const { state_->requestStop(); }
  // Asks and waits until the function has returned; never runs it when it had not begun.
  void end() const {
    state_->requestStop();
    state_->gate.close();
  }

 private:
  std::shared_ptr<detail::ThreadState> state_;
};
using Thread = Held<ThreadRegistration>;

struct HookOptions {
  std::int32_t priority = 10;            // 0 stop accepting, 10 drain sessions, 20 flush caches, 30 databases
  std::chrono::nanoseconds deadline{0};  // 0: the host's
};

class Spawn {
 public:
  explicit Spawn(Host& host) : host_(&host) {}

  // `function(const StopToken&)` or `(const StopToken&, const Call&)`; must return soon after stop is asked for.
  template <class Function>
  ThreadRegistration thread(std::string_view name, Function function) {
    auto state = std::make_shared<detail::ThreadState>(*host_);
    using Holder = detail::ThreadHolder<Function>;
    auto& holder = host_->kept().adopt(std::make_unique<Holder>(*host_, state, std::move(function)));
    auto raw = boundary::sized<revenge_thread>();
    raw.name = boundary::view(name);
    raw.context = &holder;
    raw.run = &Holder::run;
    boundary::ErrorText error;
    const revenge_status status = host_->spawnTable().start(host_->raw(), &raw, &state->handle, &error);
    if (status < 0) host_->kept().end(holder);
    boundary::require(status, error, "thread '" + std::string(name) + "'");
    return ThreadRegistration(std::move(state));
  }

  // `function()` or `function(const Call&)`, returning void or Status; once, when the host shuts down.
  template <class Function>
  void onShutdown(std::string_view name, Function function, HookOptions options = {}) {
    using Holder = detail::HookHolder<Function>;
    auto& holder = host_->kept().adopt(std::make_unique<Holder>(*host_, std::move(function)));
    auto raw = boundary::sized<revenge_shutdown_hook>();
    raw.priority = options.priority;
    raw.deadline_ns = options.deadline.count();
    raw.name = boundary::view(name);
    raw.context = &holder;
    raw.run = &Holder::run;
    revenge_handle handle = 0;
    boundary::ErrorText error;
    const revenge_status status = host_->spawnTable().on_shutdown(host_->raw(), &raw, &handle, &error);
    if (status < 0) host_->kept().end(holder);
    boundary::require(status, error, "shutdown hook '" + std::string(name) + "'");
  }

 private:
  Host* host_;
};

inline Spawn Host::spawn() { return Spawn(*this); }

}  // namespace revenge
