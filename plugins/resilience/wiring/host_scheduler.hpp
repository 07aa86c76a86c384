// HostScheduler: the time, the timers and the workers of the host, as runs need them. One timer of the host's at a time, for
// the earliest of them. Thread safety: all functions, any thread. It must outlive what is armed.
#pragma once

#include <mutex>

#include <revenge/clock.hpp>
#include <revenge/timers.hpp>

#include "pipeline/timers.hpp"

namespace revenge::resilience {

class HostScheduler final : public Scheduler {
 public:
  explicit HostScheduler(Host& host) : host_(host), clock_(host.clock()) {}
  HostScheduler(const HostScheduler&) = delete;
  HostScheduler& operator=(const HostScheduler&) = delete;

  Moment now() const noexcept override { return Moment(clock_.now().time_since_epoch()); }
  void at(Moment when, Timer& timer) noexcept override;
  bool cancel(Timer& timer) noexcept override { return timers_.cancel(timer); }
  // On this thread where the host takes no more work.
  void post(Work& work) noexcept override;

  // Fires what is due, and asks the host to be called again. Also for a regular timer, should the host have refused one.
  void turn() noexcept;

 private:
  static void fire(void* self, const revenge_call* call) noexcept;
  static void run(void* work, const revenge_call* call) noexcept;
  void arm(Moment when) noexcept;

  Host& host_;
  const Clock clock_;
  resilience::Timers timers_;
  std::mutex mutex_;  // below
  Moment armed_ = Moment::never();
};

}  // namespace revenge::resilience
