#include "runtime/timers.hpp"

#include "runtime/named_thread.hpp"

namespace revenge::runtime {

Timers::Timers(const base::Clock& clock) : clock_(clock) {
  thread_ = startThread("timers", [this] { run(); }).value();
}

Timers::~Timers() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
  queue_->close();
}

base::TimerId Timers::at(base::Instant when, base::Task task, std::shared_ptr<base::Executor> where) {
  const base::TimerId id = queue_->add(when, std::move(task), std::move(where));
  bool earlier = false;
  {
    const std::lock_guard lock(mutex_);
    earlier = when < sleepsUntil_;
    if (earlier) sleepsUntil_ = base::Instant::min();  // one notification is enough
  }
  if (earlier) changed_.notify_one();
  return id;
}

void Timers::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    const auto next = queue_->next();
    if (next && *next <= clock_.now()) {
      lock.unlock();
      queue_->dispatchDue(clock_.now());
      lock.lock();
      continue;
    }
    sleepsUntil_ = next.value_or(base::Instant::max());
    const auto disturbed = [this] { return stopping_ || sleepsUntil_ == base::Instant::min(); };
    if (next) {
      changed_.wait_until(lock, *next, disturbed);
    } else {
      changed_.wait(lock, disturbed);
    }
    sleepsUntil_ = base::Instant::min();
  }
}

}  // namespace revenge::runtime
