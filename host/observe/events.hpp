// The last lifecycle events, in memory, for people who watch: the control plane and event streams read it
// from any sequence number on. app owns the EventStream, which outlives its subscriptions. Thread safety:
// everything may be called from any thread; a subscription is read by one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace revenge::observe {

struct Event {
  std::uint64_t sequence = 0;  // 1 is the first; given by publish
  base::WallTime time = {};    // given by publish
  std::string kind;            // "plugin.state", "swap.published"
  std::string plugin;          // id; empty: the host
  std::string text;            // for people
  std::vector<std::pair<std::string, std::string>> attributes = {};
};

struct EventBatch {
  std::vector<Event> events;
  std::uint64_t missed = 0;  // fell out of the ring before they were read
};

struct EventSubscriber;
class EventStream;

// Destroying it ends the wake calls: none runs afterwards, one that runs is waited for (unless it is the
// destroyer).
class EventSubscription {
 public:
  EventSubscription(EventSubscription&&) noexcept = default;
  EventSubscription& operator=(EventSubscription&& other) noexcept;
  ~EventSubscription();

  // The next events, oldest first; never waits. After a batch shorter than `max`, wake is called once for the
  // next event; until then it stays silent. So: subscribe, read until short, and read again on each wake.
  EventBatch read(std::size_t max = 100);

 private:
  friend class EventStream;
  EventSubscription(EventStream& stream, std::shared_ptr<EventSubscriber> subscriber)
      : stream_(&stream), subscriber_(std::move(subscriber)) {}
  EventStream* stream_;
  std::shared_ptr<EventSubscriber> subscriber_;  // shared with a publish that is waking it
};

class EventStream {
 public:
  static constexpr std::size_t kDefaultCapacity = 1000;

  explicit EventStream(const base::Clock& clock, std::size_t capacity = kDefaultCapacity);
  EventStream(const EventStream&) = delete;
  EventStream& operator=(const EventStream&) = delete;

  // Returns the sequence number it gave. Wakes subscribers on this thread, no lock held.
  std::uint64_t publish(Event event);

  std::uint64_t lastSequence() const;

  // From event `from` on; 0 or 1: from the oldest kept; lastSequence() + 1 or more: only what comes. `wake`
  // must be quick and must not block: post to an executor.
  EventSubscription subscribe(std::uint64_t from, std::function<void()> wake);

 private:
  friend class EventSubscription;
  EventBatch read(EventSubscriber& subscriber, std::size_t max);
  void unsubscribe(const std::shared_ptr<EventSubscriber>& subscriber);

  const base::Clock& clock_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;                                     // guarded by mutex_
  std::deque<Event> ring_;                                     // guarded by mutex_; ends with event last_
  std::vector<std::shared_ptr<EventSubscriber>> subscribers_;  // guarded by mutex_
};

}  // namespace revenge::observe
