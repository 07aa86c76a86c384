// A scheduler moved by hand, for one thread: work that is posted runs when the clock moves or work() is called, and a
// thread that would block moves the clock to the next timer instead.
#pragma once

#include <algorithm>
#include <cstdlib>
#include <deque>

#include "pipeline/timers.hpp"

namespace revenge::resilience {

constexpr Duration ms(std::int64_t count) { return std::chrono::milliseconds(count); }
constexpr Moment at(std::int64_t milliseconds) { return Moment(ms(milliseconds)); }

class ManualScheduler final : public Scheduler {
 public:
  Moment now() const noexcept override { return now_; }
  void at(Moment when, Timer& timer) noexcept override { timers_.add(when, timer); }
  bool cancel(Timer& timer) noexcept override { return timers_.cancel(timer); }
  void post(Work& work) noexcept override { posted_.push_back(&work); }
  void awaitNonZero(const std::atomic<std::uint32_t>& value) noexcept override {
    work();
    while (value == 0) {
      const Moment next = timers_.next();
      if (next.isNever()) std::abort();  // would hang for ever
      moveTo(next);
    }
  }

  // Timers fire each at their own moment, not all at the end.
  void moveTo(Moment end) {
    work();
    while (timers_.next() <= end && !timers_.next().isNever()) {
      now_ = std::max(now_, timers_.next());
      timers_.fireDue(now_);
      work();
    }
    now_ = std::max(now_, end);
    work();
  }
  void move(Duration by) { moveTo(now_ + by); }
  void work() {
    while (!posted_.empty()) {
      Work& next = *posted_.front();
      posted_.pop_front();
      next.run();
    }
  }
  bool hasTimers() const { return !timers_.next().isNever(); }

 private:
  Moment now_{};
  Timers timers_;
  std::deque<Work*> posted_;
};

}  // namespace revenge::resilience
