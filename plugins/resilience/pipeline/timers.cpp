#include "pipeline/timers.hpp"

#include <utility>

namespace revenge::resilience {

Timer* TimerHeap::meld(Timer* a, Timer* b) noexcept {
  if (a == nullptr) return b;
  if (b == nullptr) return a;
  if (b->when_ < a->when_) std::swap(a, b);
  b->previous_ = a;
  b->next_ = a->child_;
  if (a->child_ != nullptr) a->child_->previous_ = b;
  a->child_ = b;
  return a;
}

// In pairs from the left, then all from the right; the pairs wait in a list of their own.
Timer* TimerHeap::meldSiblings(Timer* first) noexcept {
  Timer* pairs = nullptr;
  while (first != nullptr) {
    Timer* const a = first;
    Timer* const b = a->next_;
    first = b != nullptr ? b->next_ : nullptr;
    a->next_ = a->previous_ = nullptr;
    if (b != nullptr) b->next_ = b->previous_ = nullptr;
    Timer* const pair = meld(a, b);
    pair->next_ = pairs;
    pairs = pair;
  }
  Timer* root = nullptr;
  while (pairs != nullptr) {
    Timer* const pair = pairs;
    pairs = pair->next_;
    pair->next_ = nullptr;
    root = meld(root, pair);
  }
  return root;
}

void TimerHeap::add(Timer& timer) noexcept {
  timer.child_ = timer.next_ = timer.previous_ = nullptr;
  timer.armed_ = true;
  root_ = meld(root_, &timer);
}

void TimerHeap::remove(Timer& timer) noexcept {
  timer.armed_ = false;
  Timer* const below = meldSiblings(timer.child_);
  timer.child_ = nullptr;
  if (&timer == root_) {
    root_ = below;
    return;
  }
  if (timer.previous_->child_ == &timer)
    timer.previous_->child_ = timer.next_;
  else
    timer.previous_->next_ = timer.next_;
  if (timer.next_ != nullptr) timer.next_->previous_ = timer.previous_;
  timer.next_ = timer.previous_ = nullptr;
  root_ = meld(root_, below);
}

bool Timers::add(Moment when, Timer& timer) noexcept {
  const std::lock_guard lock(mutex_);
  timer.when_ = when;
  heap_.add(timer);
  return heap_.first() == &timer;
}

bool Timers::cancel(Timer& timer) noexcept {
  std::unique_lock lock(mutex_);
  if (timer.armed_) {
    heap_.remove(timer);
    return true;
  }
  if (firing_thread_ != std::this_thread::get_id()) fired_.wait(lock, [&] { return firing_ != &timer; });
  return false;
}

Moment Timers::next() const noexcept {
  const std::lock_guard lock(mutex_);
  return heap_.first() != nullptr ? heap_.first()->when_ : Moment::never();
}

void Timers::fireDue(Moment now) noexcept {
  std::unique_lock lock(mutex_);
  if (firing_ != nullptr) return;
  while (heap_.first() != nullptr && heap_.first()->when_ <= now) {
    Timer& timer = *heap_.first();
    heap_.remove(timer);
    firing_ = &timer;
    firing_thread_ = std::this_thread::get_id();
    lock.unlock();
    timer.fire_(timer, now);
    lock.lock();
    firing_ = nullptr;
    firing_thread_ = {};
    fired_.notify_all();
  }
}

}  // namespace revenge::resilience
