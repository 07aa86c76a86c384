// Timers: functions that run later or again and again on workers, and jobs that run at once.
//
// Runs of one timer never overlap; after the instance's stop none runs. A timer whose registration is ignored
// lasts as long as the instance; kept in a Timer it ends with that object, which waits for a run in progress
// (unless the timer ends itself). Safe from any thread.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>

#include <revenge/call.hpp>
#include <revenge/gate.hpp>
#include <revenge/held.hpp>

namespace revenge {

namespace detail {

// Each arming of the host's timer ends in exactly one of a run and a successful cancel; whichever is the last
// drops the holder, whose address the host has.
class TimerState : public std::enable_shared_from_this<TimerState> {
 public:
  using Period = std::function<std::chrono::nanoseconds()>;

  // No period: once.
  TimerState(Host& host, std::function<void(const Call&)> job, Period period)
      : host_(&host), job_(std::move(job)), period_(std::move(period)) {}

  void start(std::chrono::nanoseconds first) {
    holder_ = &host_->kept().adopt(std::make_unique<Holder>(shared_from_this()));
    boundary::ErrorText error;
    const revenge_status status = arm(first, error);
    if (status < 0) dropHolder();
    boundary::require(status, error, "timer");
  }

  void cancel() {
    gate_.close();
    const std::lock_guard lock(arming_);
    if (host_->timerTable().cancel(host_->raw(), handle_) == REVENGE_OK) dropHolder();
  }

 private:
  struct Holder : Scope::Member {
    explicit Holder(std::shared_ptr<TimerState> held) : state(std::move(held)) {}
    std::shared_ptr<TimerState> state;
  };

  revenge_status arm(std::chrono::nanoseconds first, revenge_error& error) {
    auto job = boundary::sized<revenge_job>();
    job.context = holder_;
    job.run = [](void* context, const revenge_call* call) {
      const std::shared_ptr<TimerState> state = static_cast<Holder*>(context)->state;
      state->run(call);
    };
    const std::lock_guard lock(arming_);
    if (gate_.closed()) return REVENGE_CANCELLED;
    return host_->timerTable().start(host_->raw(), first.count(), 0, &job, &handle_, &error);
  }

  void run(const revenge_call* call) {
    revenge_status armed = REVENGE_END;
    if (gate_.enter()) {
      host_->contained("a timer", [&] { job_({*host_, call}); });
      std::optional<std::chrono::nanoseconds> again;
      if (period_) host_->contained("a timer's period", [&] { again = period_(); });
      gate_.leave();
      if (again) armed = armAgain(*again);
    }
    if (armed != REVENGE_OK) dropHolder();
  }

  // From here on the next run may begin elsewhere: touch nothing after it has succeeded.
  revenge_status armAgain(std::chrono::nanoseconds period) {
    constexpr std::chrono::nanoseconds kShortest = std::chrono::milliseconds(1);
    boundary::ErrorText error;
    const revenge_status status = arm(std::max(period, kShortest), error);
    const bool isOver = status == REVENGE_OK || status == REVENGE_CANCELLED || status == REVENGE_GONE;
    if (!isOver) host_->contained("a timer", [&] { boundary::require(status, error, "starting it again"); });
    return status;
  }

  void dropHolder() {
    if (auto* holder = holder_.exchange(nullptr)) host_->kept().end(*holder);
  }

  Host* host_;
  std::function<void(const Call&)> job_;
  Period period_;
  CallbackGate gate_;
  std::mutex arming_;
  std::atomic<Holder*> holder_ = nullptr;
  revenge_handle handle_ = 0;
};

// Jobs and timers may ignore the call they run for.
template <class Function>
auto takingCall(Function function) {
  return [function = std::move(function)](const Call& call) mutable {
    if constexpr (std::is_invocable_v<Function&, const Call&>)
      function(call);
    else
      function();
  };
}

template <class Function>
struct JobHolder final : Scope::Member {
  JobHolder(Host& owner, Function f) : host(owner), function(std::move(f)) {}

  static void run(void* context, const revenge_call* call) noexcept {
    auto& self = *static_cast<JobHolder*>(context);
    Host& host = self.host;
    const std::unique_ptr<Scope::Member> ends = host.kept().release(self);
    host.contained("a job", [&] { self.function({host, call}); });
  }

  Host& host;
  Function function;
};

}  // namespace detail

class TimerRegistration {
 public:
  TimerRegistration() = default;
  explicit TimerRegistration(std::shared_ptr<detail::TimerState> state) : state_(std::move(state)) {}
  void end() const { state_->cancel(); }

 private:
  std::shared_ptr<detail::TimerState> state_;
};
using Timer = Held<TimerRegistration>;

class Timers {
 public:
  using Period = detail::TimerState::Period;

  explicit Timers(Host& host) : host_(&host) {}

  // `function()` or `function(const Call&)`, `period` after the end of the run before. A period that is a
  // function is asked after each run; less than 1 ms counts as 1 ms.
  template <class Function>
  TimerRegistration every(Period period, Function function) {
    const std::chrono::nanoseconds first = period();
    return begin(first, std::move(period), std::move(function));
  }
  template <class Function>
  TimerRegistration every(std::chrono::nanoseconds period, Function function) {
    return begin(period, [period] { return period; }, std::move(function));
  }
  template <class Function>
  TimerRegistration after(std::chrono::nanoseconds delay, Function function) {
    return begin(delay, nullptr, std::move(function));
  }

  // Runs `function` on a worker as soon as one is free, for nobody or for `call`: under its deadline and
  // request id. kLimit: the plugin's queue is full.
  template <class Function>
  Status submit(Function function) {
    return queue(nullptr, std::move(function));
  }
  template <class Function>
  Status submit(const Call& call, Function function) {
    return queue(call.raw(), std::move(function));
  }

 private:
  template <class Function>
  TimerRegistration begin(std::chrono::nanoseconds first, Period period, Function function) {
    auto state = std::make_shared<detail::TimerState>(*host_, detail::takingCall(std::move(function)),
                                                      std::move(period));
    state->start(first);
    return TimerRegistration(std::move(state));
  }

  template <class Function>
  Status queue(const revenge_call* call, Function function) {
    using Holder = detail::JobHolder<decltype(detail::takingCall(std::move(function)))>;
    auto& holder =
        host_->kept().adopt(std::make_unique<Holder>(*host_, detail::takingCall(std::move(function))));
    auto job = boundary::sized<revenge_job>();
    job.context = &holder;
    job.run = &Holder::run;
    boundary::ErrorText error;
    const revenge_status status = host_->timerTable().submit(host_->raw(), call, &job, &error);
    if (status < 0) host_->kept().end(holder);
    return boundary::status(status, &error);
  }

  Host* host_;
};

inline Timers Host::timers() { return Timers(*this); }

}  // namespace revenge
