// A clock moved by hand; waits end when it has come to their time. Any thread.
#pragma once

#include <set>

#include "time.hpp"

namespace database {

class ManualTime final : public Time {
 public:
  Instant now() const override {
    const std::lock_guard lock(mutex_);
    return now_;
  }
  void wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Instant until) override {
    {
      const std::lock_guard own(mutex_);
      if (now_ >= until) return;
      waiting_.insert(&changed);
      ++waits_;
      waited_.notify_all();
    }
    // A step of the clock may come between here and the wait: the wait is looked at again after a moment.
    changed.wait_for(lock, std::chrono::milliseconds(1));
    const std::lock_guard own(mutex_);
    waiting_.erase(waiting_.find(&changed));
  }
  void advance(Duration by) {
    const std::lock_guard lock(mutex_);
    now_ += by;
    for (std::condition_variable* const one : waiting_) one->notify_all();
  }
  // Until so many waits have begun since the clock was made.
  void awaitWaits(std::size_t count) {
    std::unique_lock lock(mutex_);
    waited_.wait(lock, [&] { return waits_ >= count; });
  }
  std::size_t waits() const {
    const std::lock_guard lock(mutex_);
    return waits_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable waited_;
  Instant now_ = Instant(std::chrono::hours(1));
  std::multiset<std::condition_variable*> waiting_;
  std::size_t waits_ = 0;
};

}  // namespace database
