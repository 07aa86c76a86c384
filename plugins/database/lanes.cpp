#include "lanes.hpp"

#include <utility>

namespace database {

bool Lanes::post(std::function<void()>&& work) {
  const std::lock_guard lock(mutex_);
  if (closed_) return false;
  waiting_.push_back(std::move(work));
  changed_.notify_one();
  return true;
}

void Lanes::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return closed_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    std::function<void()> work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

void Lanes::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

std::size_t Lanes::waiting() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

}  // namespace database
