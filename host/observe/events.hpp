// What happens in the host and what its plugins publish, in one order. People look back: the last events stay in memory,
// and a reader begins at any sequence number. Plugins look forward: a collector has a queue of its own for the kinds it
// asked for, so that one that is slow misses its own events and nobody else's. app owns the EventStream, which outlives
// its subscriptions. Thread safety: everything may be called from any thread; a subscription is read by one thread at a
// time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace revenge::observe {

// For whom it was done, where it was done for a request.
struct EventCause {
  std::string request_id = {};
  std::uint64_t trace_id_high = 0;  // both halves 0: not traced
  std::uint64_t trace_id_low = 0;
  std::uint64_t span_id = 0;
  std::uint32_t trace_flags = 0;
  std::uint32_t hops = 0;  // events that led to this one, each published while the one before was handled
};

struct Event {
  std::uint64_t sequence = 0;  // 1 is the first; given by publish
  base::WallTime time = {};    // given by publish
  std::string kind;            // "plugin.state", "catalogue.added"
  std::string plugin;          // id of the one it is about; empty: the host
  std::string text;            // for people
  std::vector<std::pair<std::string, std::string>> attributes = {};
  std::string source = {};   // id of the plugin that published it; empty: the host
  std::string payload = {};  // JSON; empty: none
  EventCause cause = {};
};

struct EventBatch {
  std::vector<Event> events;
  std::uint64_t missed = 0;  // fell out of the memory, or the queue, before they were read
};

// "flag." is every kind that begins so, "flag.changed" that one alone; no kinds at all: every kind there is.
using EventKinds = std::vector<std::string>;
bool matches(const EventKinds& kinds, std::string_view kind);

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

  // Of collectors of one stream. Forgets what was collected so far, then reads on where `from` stopped, which collects
  // no more: what happens is read by one of the two, once and in order. Wakes nobody.
  void continueFrom(EventSubscription& from);
  void forget();

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

  // Only what comes, of these kinds, in a queue of its own; when `capacity` events wait the oldest goes, and counts as
  // missed. `wake` as above.
  EventSubscription collect(EventKinds kinds, std::size_t capacity, std::function<void()> wake);

 private:
  friend class EventSubscription;
  using Kept = std::deque<std::shared_ptr<const Event>>;  // shared by memory and queues

  EventBatch read(EventSubscriber& subscriber, std::size_t max);
  std::uint64_t oldestLocked() const;
  void unsubscribe(const std::shared_ptr<EventSubscriber>& subscriber);

  const base::Clock& clock_;
  const std::size_t capacity_;
  mutable std::mutex mutex_;
  std::uint64_t last_ = 0;  // guarded by mutex_
  // Each by rising sequence, at most capacity_ of them: however much plugins publish, what the host did is remembered.
  Kept host_;                                                  // guarded by mutex_
  Kept plugins_;                                               // guarded by mutex_
  std::vector<std::shared_ptr<EventSubscriber>> subscribers_;  // guarded by mutex_
};

}  // namespace revenge::observe
