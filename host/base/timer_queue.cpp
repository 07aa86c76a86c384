#include "base/timer_queue.hpp"

namespace revenge::base {

namespace {
constexpr Duration kRetry = std::chrono::milliseconds(10);
}

TimerId TimerQueue::add(Instant when, Task task, std::shared_ptr<Executor> where) {
  const std::lock_guard lock(mutex_);
  if (closed_) return TimerId::kNone;
  const TimerId id{++last_};
  waiting_.emplace(when, id);
  entries_.emplace(id, Entry{when, std::move(task), std::move(where)});
  return id;
}

bool TimerQueue::cancel(TimerId id) {
  std::unordered_map<TimerId, Entry>::node_type cancelled;  // dies after the lock
  const std::lock_guard lock(mutex_);
  cancelled = entries_.extract(id);
  if (cancelled.empty()) return false;
  waiting_.erase({cancelled.mapped().when, id});
  return true;
}

std::optional<Instant> TimerQueue::next() const {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  return waiting_.begin()->first;
}

void TimerQueue::dispatchDue(Instant now) {
  while (auto due = takeDue(now)) {
    const auto& [id, where] = *due;
    if (!where) {
      run(id);
      continue;
    }
    const Submitted answer = where->submit([self = shared_from_this(), id = id] { self->run(id); });
    if (answer == Submitted::kLimit) putBack(id, now + kRetry);
    if (answer == Submitted::kGone) cancel(id);
  }
}

void TimerQueue::close() {
  std::unordered_map<TimerId, Entry> dropped;
  const std::lock_guard lock(mutex_);
  closed_ = true;
  waiting_.clear();
  dropped.swap(entries_);
}

std::size_t TimerQueue::size() const {
  const std::lock_guard lock(mutex_);
  return entries_.size();
}

std::optional<std::pair<TimerId, std::shared_ptr<Executor>>> TimerQueue::takeDue(Instant now) {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty() || waiting_.begin()->first > now) return std::nullopt;
  const TimerId id = waiting_.begin()->second;
  waiting_.erase(waiting_.begin());
  return std::pair(id, entries_.at(id).where);
}

void TimerQueue::putBack(TimerId id, Instant when) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(id);
  if (entry == entries_.end()) return;
  entry->second.when = when;
  waiting_.emplace(when, id);
}

void TimerQueue::run(TimerId id) {
  std::unordered_map<TimerId, Entry>::node_type claimed;
  {
    const std::lock_guard lock(mutex_);
    claimed = entries_.extract(id);
  }
  if (!claimed.empty()) claimed.mapped().task();
}

}  // namespace revenge::base
