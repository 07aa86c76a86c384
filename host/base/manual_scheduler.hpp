// The Scheduler of tests: time passes only in advance(), and due tasks run there in order. Thread safety: advance() from
// one thread at a time, everything else from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <memory>
#include <mutex>

#include "base/timer_queue.hpp"

namespace revenge::base {

class ManualScheduler final : public Scheduler {
 public:
  explicit ManualScheduler(ManualClock& clock) : clock_(clock) {}
  ~ManualScheduler() override { queue_->close(); }

  const Clock& clock() const override { return clock_; }
  TimerId at(Instant when, Task task, std::shared_ptr<Executor> where = nullptr) override;
  bool cancel(TimerId id) override { return queue_->cancel(id); }

  // Moves the clock from one due time to the next, running what is due at each, also what those tasks add.
  void advance(Duration by);
  std::size_t pending() const { return queue_->size(); }
  // Waits until another thread has set timers: `count` of them pending at once.
  void awaitPending(std::size_t count);

 private:
  ManualClock& clock_;
  std::shared_ptr<TimerQueue> queue_ = std::make_shared<TimerQueue>();
  std::mutex mutex_;
  std::condition_variable added_;
};

}  // namespace revenge::base
