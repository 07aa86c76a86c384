// A scheduler of real threads and real time, for the tests of races: one thread turns the timers, some do the work.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "pipeline/timers.hpp"

namespace revenge::resilience {

class ThreadScheduler final : public Scheduler {
 public:
  explicit ThreadScheduler(int workers = 2) {
    threads_.emplace_back([this] { turnTimers(); });
    for (int i = 0; i < workers; ++i) threads_.emplace_back([this] { work(); });
  }
  ThreadScheduler(const ThreadScheduler&) = delete;
  ThreadScheduler& operator=(const ThreadScheduler&) = delete;
  ~ThreadScheduler() override {
    {
      const std::lock_guard lock(mutex_);
      is_closed_ = true;
    }
    changed_.notify_all();
  }

  Moment now() const noexcept override { return Moment(std::chrono::steady_clock::now().time_since_epoch()); }
  void at(Moment when, Timer& timer) noexcept override {
    if (!timers_.add(when, timer)) return;
    {
      const std::lock_guard lock(mutex_);
    }
    changed_.notify_all();
  }
  bool cancel(Timer& timer) noexcept override { return timers_.cancel(timer); }
  void post(Work& work) noexcept override {
    {
      const std::lock_guard lock(mutex_);
      posted_.push_back(&work);
    }
    changed_.notify_all();
  }

 private:
  void turnTimers() {
    std::unique_lock lock(mutex_);
    while (!is_closed_) {
      lock.unlock();
      timers_.fireDue(now());
      lock.lock();
      const Duration until = remaining(now(), timers_.next());
      changed_.wait_for(lock, std::min<Duration>(until, std::chrono::milliseconds(1)));
    }
  }
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return is_closed_ || !posted_.empty(); });
      if (posted_.empty()) return;
      Work& next = *posted_.front();
      posted_.pop_front();
      lock.unlock();
      next.run();
      lock.lock();
    }
  }

  Timers timers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work*> posted_;
  bool is_closed_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace revenge::resilience
