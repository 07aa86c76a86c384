#include "base/manual_scheduler.hpp"

namespace revenge::base {

TimerId ManualScheduler::at(Instant when, Task task, std::shared_ptr<Executor> where) {
  const TimerId id = queue_->add(when, std::move(task), std::move(where));
  {
    const std::lock_guard lock(mutex_);
  }  // orders the addition before a waiter's look
  added_.notify_all();
  return id;
}

void ManualScheduler::advance(Duration by) {
  const Instant target = clock_.now() + by;
  for (auto next = queue_->next(); next && *next <= target; next = queue_->next()) {
    if (*next > clock_.now()) clock_.advance(*next - clock_.now());
    queue_->dispatchDue(clock_.now());
  }
  clock_.advance(target - clock_.now());
}

void ManualScheduler::awaitPending(std::size_t count) {
  std::unique_lock lock(mutex_);
  added_.wait(lock, [&] { return queue_->size() >= count; });
}

}  // namespace revenge::base
