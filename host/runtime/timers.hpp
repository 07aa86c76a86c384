// The Scheduler of the running host: one thread that sleeps until the next timer is due. Thread safety: every function
// may be called from any thread. App owns it and destroys it last, after everything that sets timers.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/timer_queue.hpp"

namespace revenge::runtime {

class Timers final : public base::Scheduler {
 public:
  explicit Timers(const base::Clock& clock);
  ~Timers() override;  // no task runs afterwards
  Timers(const Timers&) = delete;
  Timers& operator=(const Timers&) = delete;

  const base::Clock& clock() const override { return clock_; }
  base::TimerId at(base::Instant when, base::Task task,
                   std::shared_ptr<base::Executor> where = nullptr) override;
  bool cancel(base::TimerId id) override { return queue_->cancel(id); }

 private:
  void run();

  const base::Clock& clock_;
  std::shared_ptr<base::TimerQueue> queue_ = std::make_shared<base::TimerQueue>();
  std::mutex mutex_;  // guards what follows; taken before the queue's own
  std::condition_variable changed_;
  base::Instant sleepsUntil_ = base::Instant::min();
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace revenge::runtime
