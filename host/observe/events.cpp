#include "observe/events.hpp"

#include <algorithm>
#include <condition_variable>
#include <thread>
#include <utility>

namespace revenge::observe {

struct EventSubscriber {
  explicit EventSubscriber(std::uint64_t from, std::function<void()> wake)
      : next(from), wake_(std::move(wake)) {}

  // Wakes of several threads come one after the other, a nested one on the same thread at once, and none once
  // closed. The caller holds no lock.
  void wake() {
    const auto self = std::this_thread::get_id();
    std::unique_lock lock(mutex_);
    idle_.wait(lock, [&] { return closed_ || waking_ == std::thread::id() || waking_ == self; });
    if (closed_) return;
    const auto outer = std::exchange(waking_, self);
    lock.unlock();
    wake_();
    lock.lock();
    waking_ = outer;
    idle_.notify_all();
  }

  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    idle_.notify_all();
    idle_.wait(lock, [&] { return waking_ == std::thread::id() || waking_ == std::this_thread::get_id(); });
  }

  std::uint64_t next;    // guarded by the mutex of the stream
  bool waiting = false;  // wants a wake for the next event; guarded by the mutex of the stream

 private:
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable idle_;
  std::thread::id waking_;  // none: no wake runs; guarded by mutex_
  bool closed_ = false;     // guarded by mutex_
};

EventSubscription::~EventSubscription() {
  if (subscriber_ != nullptr) stream_->unsubscribe(subscriber_);
}

EventSubscription& EventSubscription::operator=(EventSubscription&& other) noexcept {
  std::swap(stream_, other.stream_);
  subscriber_.swap(other.subscriber_);
  return *this;
}

EventBatch EventSubscription::read(std::size_t max) { return stream_->read(*subscriber_, max); }

EventStream::EventStream(const base::Clock& clock, std::size_t capacity)
    : clock_(clock), capacity_(std::max<std::size_t>(capacity, 1)) {}

std::uint64_t EventStream::publish(Event event) {
  std::vector<std::shared_ptr<EventSubscriber>> waiting;
  std::uint64_t sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    sequence = ++last_;
    event.sequence = sequence;
    event.time = clock_.wall();
    if (ring_.size() == capacity_) ring_.pop_front();
    ring_.push_back(std::move(event));
    for (const auto& subscriber : subscribers_) {
      if (std::exchange(subscriber->waiting, false)) waiting.push_back(subscriber);
    }
  }
  for (const auto& subscriber : waiting) subscriber->wake();
  return sequence;
}

std::uint64_t EventStream::lastSequence() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

EventSubscription EventStream::subscribe(std::uint64_t from, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t oldest = last_ - ring_.size() + 1;
  const std::uint64_t next = std::min(from <= 1 ? oldest : from, last_ + 1);
  auto subscriber = std::make_shared<EventSubscriber>(next, std::move(wake));
  subscribers_.push_back(subscriber);
  return {*this, std::move(subscriber)};
}

EventBatch EventStream::read(EventSubscriber& subscriber, std::size_t max) {
  const std::lock_guard lock(mutex_);
  EventBatch batch;
  const std::uint64_t oldest = last_ - ring_.size() + 1;
  if (subscriber.next < oldest) {
    batch.missed = oldest - subscriber.next;
    subscriber.next = oldest;
  }
  const auto first = ring_.begin() + static_cast<std::ptrdiff_t>(subscriber.next - oldest);
  const auto count = std::min<std::size_t>(max, static_cast<std::size_t>(ring_.end() - first));
  batch.events.assign(first, first + static_cast<std::ptrdiff_t>(count));
  subscriber.next += count;
  subscriber.waiting = count < max;
  return batch;
}

void EventStream::unsubscribe(const std::shared_ptr<EventSubscriber>& subscriber) {
  {
    const std::lock_guard lock(mutex_);
    std::erase(subscribers_, subscriber);
  }
  subscriber->close();
}

}  // namespace revenge::observe
