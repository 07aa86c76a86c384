#include "admin/line_stream.hpp"

#include <mutex>
#include <utility>

namespace revenge::admin {

namespace {

// What watches the exchange owns it; wakes and writes reach it only while that lives.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(http::Exchanges& exchanges, http::Caller owner, http::Handle stream)
      : exchanges_(exchanges), owner_(owner), stream_(stream) {}

  void follow(const MakeSource& make) {
    auto source = make([weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->drain();
    });
    {
      const std::lock_guard lock(mutex_);
      source_ = std::move(source);
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
    const std::lock_guard lock(mutex_);
    while (source_ != nullptr && !full_) {
      const std::string lines = source_->take();
      if (lines.empty() || !send(lines)) return;
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
    std::unique_ptr<LineSource> ended;
    {
      const std::lock_guard lock(mutex_);
      ended = std::move(source_);
    }
    // Destroyed without the lock: it waits for a wake that may be waiting for the lock.
  }

  http::Exchanges& exchanges_;
  const http::Caller owner_;
  const http::Handle stream_;
  std::mutex mutex_;
  std::unique_ptr<LineSource> source_;  // guarded by mutex_; null: ended
  bool full_ = false;                   // guarded by mutex_; the client has to read before more is written
};

}  // namespace

revenge_status answerLines(http::Exchange& exchange, std::string lines) {
  http::Response response;
  response.content_type = kLinesType;
  response.body = http::Bytes(std::move(lines));
  return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
}

revenge_status streamLines(http::Exchange& exchange, const MakeSource& make) {
  http::Response head;
  head.content_type = kLinesType;
  const auto opened = exchange.exchanges().openStream(exchange.owner(), exchange.handle(), std::move(head));
  if (!opened) return REVENGE_FAILED;
  std::make_shared<Follower>(exchange.exchanges(), exchange.owner(), *opened)->follow(make);
  return REVENGE_OK;
}

}  // namespace revenge::admin
