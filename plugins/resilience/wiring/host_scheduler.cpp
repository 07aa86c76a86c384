#include "wiring/host_scheduler.hpp"

namespace revenge::resilience {

void HostScheduler::at(Moment when, Timer& timer) noexcept {
  if (timers_.add(when, timer)) arm(when);
}

void HostScheduler::post(Work& work) noexcept {
  auto job = boundary::sized<revenge_job>();
  job.context = &work;
  job.run = &HostScheduler::run;
  if (host_.timerTable().submit(host_.raw(), nullptr, &job, nullptr) != REVENGE_OK) work.run();
}

void HostScheduler::run(void* work, const revenge_call*) noexcept { static_cast<Work*>(work)->run(); }

// A timer that is armed for later stays so: it then finds nothing due, and costs nothing but that.
void HostScheduler::arm(Moment when) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (when >= armed_) return;
    armed_ = when;
  }
  auto job = boundary::sized<revenge_job>();
  job.context = this;
  job.run = &HostScheduler::fire;
  revenge_handle timer = 0;
  const revenge_status status =
      host_.timerTable().start(host_.raw(), remaining(now(), when).count(), 0, &job, &timer, nullptr);
  if (status == REVENGE_OK) return;
  const std::lock_guard lock(mutex_);
  armed_ = Moment::never();
}

void HostScheduler::fire(void* self, const revenge_call*) noexcept {
  static_cast<HostScheduler*>(self)->turn();
}

void HostScheduler::turn() noexcept {
  {
    const std::lock_guard lock(mutex_);
    armed_ = Moment::never();
  }
  timers_.fireDue(now());
  if (const Moment next = timers_.next(); !next.isNever()) arm(next);
}

}  // namespace revenge::resilience
