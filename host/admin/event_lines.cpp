#include "admin/event_lines.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "admin/views.hpp"

namespace revenge::admin {

namespace {

constexpr std::string_view kType = "application/x-ndjson";

std::string linesOf(const observe::EventBatch& batch) {
  std::string lines;
  if (batch.missed > 0) lines += fmt::format("{{\"missed\":{}}}\n", batch.missed);
  for (const observe::Event& event : batch.events) lines += describe(event) + "\n";
  return lines;
}

// One reader of the event stream. What watches the exchange owns it; wakes and writes reach it only while that lives.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(http::Exchanges& exchanges, http::Caller owner, http::Handle stream)
      : exchanges_(exchanges), owner_(owner), stream_(stream) {}

  void follow(observe::EventStream& events, std::uint64_t from) {
    auto subscription = events.subscribe(from, [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->drain();
    });
    {
      const std::lock_guard lock(mutex_);
      subscription_ = std::make_unique<observe::EventSubscription>(std::move(subscription));
    }
    // Called or only dropped, as when the server ends: either way no wake runs afterwards.
    const std::shared_ptr<Follower> ending(this, [self = shared_from_this()](Follower*) { self->end(); });
    const auto watched = exchanges_.watch(owner_, stream_, [ending] { ending->leave(); });
    if (!watched) return leave();
    drain();
  }

 private:
  // Reading and writing are one step under the lock: neither calls back on this thread, so nobody is waited for but a
  // reader that is about to be done.
  void drain() {
    constexpr std::size_t kBatch = 100;
    const std::lock_guard lock(mutex_);
    while (subscription_ != nullptr && !full_) {
      const observe::EventBatch batch = subscription_->read(kBatch);
      const std::string lines = linesOf(batch);
      if (!lines.empty() && !send(lines)) return;
      if (batch.events.size() < kBatch) return;
    }
  }

  // False: the client has left. Requires: mutex_.
  bool send(const std::string& lines) {
    const revenge_status status =
        exchanges_.write(owner_, stream_, lines, [weak = weak_from_this()](revenge_status sent, auto) {
          const auto self = weak.lock();
          if (self != nullptr && sent == REVENGE_OK) self->goOn();
        });
    full_ = status == REVENGE_PENDING;
    return status >= REVENGE_OK;
  }

  void goOn() {
    {
      const std::lock_guard lock(mutex_);
      full_ = false;
    }
    drain();
  }

  // The client has left: the server keeps the exchange until its writer lets go.
  void leave() {
    end();
    (void)exchanges_.close(owner_, stream_, http::StreamEnd::kCut);
  }

  void end() {
    std::unique_ptr<observe::EventSubscription> ended;
    {
      const std::lock_guard lock(mutex_);
      ended = std::move(subscription_);
    }
    // Destroyed without the lock: it waits for a wake that may be waiting for the lock.
  }

  http::Exchanges& exchanges_;
  const http::Caller owner_;
  const http::Handle stream_;
  std::mutex mutex_;
  std::unique_ptr<observe::EventSubscription> subscription_;  // guarded by mutex_; null: ended
  bool full_ = false;  // guarded by mutex_; the client has to read before more is written
};

}  // namespace

revenge_status answerEvents(http::Exchange& exchange, observe::EventStream& events, std::uint64_t from) {
  auto subscription = events.subscribe(from, [] {});
  http::Response response;
  response.content_type = kType;
  response.body = http::Bytes(linesOf(subscription.read(observe::EventStream::kDefaultCapacity)));
  return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
}

revenge_status followEvents(http::Exchange& exchange, observe::EventStream& events, std::uint64_t from) {
  http::Response head;
  head.content_type = kType;
  const auto opened = exchange.exchanges().openStream(exchange.owner(), exchange.handle(), std::move(head));
  if (!opened) return REVENGE_FAILED;
  std::make_shared<Follower>(exchange.exchanges(), exchange.owner(), *opened)->follow(events, from);
  return REVENGE_OK;
}

}  // namespace revenge::admin
