#include "observe/events.hpp"

#include <algorithm>
#include <condition_variable>
#include <optional>
#include <thread>
#include <utility>

namespace revenge::observe {

struct EventSubscriber {
  using Waiting = std::deque<std::shared_ptr<const Event>>;

  // What a collector has not read yet.
  struct Queue {
    EventKinds kinds;
    std::size_t capacity = 0;
    Waiting events = {};
    std::uint64_t missed = 0;
    bool closed = false;
  };

  explicit EventSubscriber(std::uint64_t from, std::function<void()> wake)
      : next(from), wake_(std::move(wake)) {}
  explicit EventSubscriber(Queue collects, std::function<void()> wake)
      : queue(std::move(collects)), wake_(std::move(wake)) {}

  // Whether it is for this one. REQUIRES the mutex of the stream.
  bool take(const std::shared_ptr<const Event>& event) {
    if (!queue) return true;
    if (queue->closed || !matches(queue->kinds, event->kind)) return false;
    if (queue->events.size() == queue->capacity) {
      queue->events.pop_front();
      ++queue->missed;
    }
    queue->events.push_back(event);
    return true;
  }

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

  std::uint64_t next = 0;      // of one that looks back; guarded by the mutex of the stream
  std::optional<Queue> queue;  // of a collector; guarded by the mutex of the stream
  bool waiting = false;        // wants a wake for the next event; guarded by the mutex of the stream

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

void EventSubscription::continueFrom(EventSubscription& from) {
  const std::lock_guard lock(stream_->mutex_);
  EventSubscriber::Queue& mine = *subscriber_->queue;
  EventSubscriber::Queue& other = *from.subscriber_->queue;
  // Both have collected up to the last event, so what the other has not read is all there is.
  mine.events = std::exchange(other.events, {});
  mine.missed = std::exchange(other.missed, 0);
  other.closed = true;
}

void EventSubscription::forget() {
  const std::lock_guard lock(stream_->mutex_);
  subscriber_->queue->events.clear();
  subscriber_->queue->missed = 0;
}

bool matches(const EventKinds& kinds, std::string_view kind) {
  return kinds.empty() || std::ranges::any_of(kinds, [&](const std::string& wanted) {
           return wanted.ends_with('.') ? kind.starts_with(wanted) : kind == wanted;
         });
}

EventStream::EventStream(const base::Clock& clock, std::size_t capacity)
    : clock_(clock), capacity_(std::max<std::size_t>(capacity, 1)) {}

std::uint64_t EventStream::publish(Event given) {
  std::vector<std::shared_ptr<EventSubscriber>> waiting;
  auto event = std::make_shared<Event>(std::move(given));
  std::uint64_t sequence = 0;
  {
    const std::lock_guard lock(mutex_);
    sequence = ++last_;
    event->sequence = sequence;
    event->time = clock_.wall();
    Kept& kept = event->source.empty() ? host_ : plugins_;
    if (kept.size() == capacity_) kept.pop_front();
    kept.push_back(event);
    for (const auto& subscriber : subscribers_) {
      if (subscriber->take(event) && std::exchange(subscriber->waiting, false)) waiting.push_back(subscriber);
    }
  }
  for (const auto& subscriber : waiting) subscriber->wake();
  return sequence;
}

std::uint64_t EventStream::lastSequence() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

// REQUIRES mutex_
std::uint64_t EventStream::oldestLocked() const {
  const std::uint64_t host = host_.empty() ? last_ + 1 : host_.front()->sequence;
  const std::uint64_t plugins = plugins_.empty() ? last_ + 1 : plugins_.front()->sequence;
  return std::min(host, plugins);
}

EventSubscription EventStream::subscribe(std::uint64_t from, std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t next = std::min(from <= 1 ? oldestLocked() : from, last_ + 1);
  auto subscriber = std::make_shared<EventSubscriber>(next, std::move(wake));
  subscribers_.push_back(subscriber);
  return {*this, std::move(subscriber)};
}

EventSubscription EventStream::collect(EventKinds kinds, std::size_t capacity, std::function<void()> wake) {
  EventSubscriber::Queue queue{std::move(kinds), std::max<std::size_t>(capacity, 1)};
  auto subscriber = std::make_shared<EventSubscriber>(std::move(queue), std::move(wake));
  const std::lock_guard lock(mutex_);
  subscribers_.push_back(subscriber);
  return {*this, std::move(subscriber)};
}

EventBatch EventStream::read(EventSubscriber& subscriber, std::size_t max) {
  std::vector<std::shared_ptr<const Event>> events;
  EventBatch batch;
  {
    const std::lock_guard lock(mutex_);
    if (subscriber.queue) {
      EventSubscriber::Waiting& queue = subscriber.queue->events;
      batch.missed = std::exchange(subscriber.queue->missed, 0);
      for (; events.size() < max && !queue.empty(); queue.pop_front()) events.push_back(queue.front());
    } else {
      const auto from = [&](const Kept& kept) {
        return std::ranges::lower_bound(kept, subscriber.next, {},
                                        [](const auto& event) { return event->sequence; });
      };
      auto host = from(host_);
      auto plugin = from(plugins_);
      while (events.size() < max && (host != host_.end() || plugin != plugins_.end())) {
        const bool hosts =
            plugin == plugins_.end() || (host != host_.end() && (*host)->sequence < (*plugin)->sequence);
        events.push_back(hosts ? *host++ : *plugin++);
        batch.missed += events.back()->sequence - subscriber.next;
        subscriber.next = events.back()->sequence + 1;
      }
    }
    subscriber.waiting = events.size() < max;
  }
  for (const auto& event : events) batch.events.push_back(*event);
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
