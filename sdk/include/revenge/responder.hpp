// Responder: the duty to answer one request later, from any thread. Stream: an answer sent piece by piece. Resumer: the duty
// of middleware to let one request go on later, or to answer it.
//
// Each has one owner and is movable; not for two threads at once. A Responder or Resumer dropped unanswered answers 500
// at once. A Stream dropped without close() cuts the connection, so that the client sees a failure and not a
// short answer. All keep the instance running until they end.
#pragma once

#include <memory>

#include <revenge/gate.hpp>
#include <revenge/request.hpp>

namespace revenge {

namespace detail {

// What the host calls when the client leaves. Ends with the Responder or Stream that holds it: the host
// begins no `client_gone` once the answer was handed over, and the gate waits for one in progress.
class ClientWatch {
 public:
  ClientWatch(const Host& host, revenge_handle exchange) : host_(&host), exchange_(exchange) {}
  ClientWatch(const ClientWatch&) = delete;
  ClientWatch& operator=(const ClientWatch&) = delete;
  virtual ~ClientWatch() = default;

  void arm() {
    auto watch = boundary::sized<revenge_http_watch>();
    watch.context = this;
    watch.client_gone = [](void* context, const revenge_call* call) {
      static_cast<ClientWatch*>(context)->clientGone(call);
    };
    boundary::ErrorText error;
    boundary::require(host_->httpTable().watch(host_->raw(), exchange_, &watch, &error), error,
                      "client watch");
  }
  static void end(std::shared_ptr<ClientWatch>& watch) {
    if (watch != nullptr) watch->gate_.close();
    watch = nullptr;
  }

 protected:
  virtual void run(const Call& call) = 0;

 private:
  template <class Function>
  friend std::shared_ptr<ClientWatch> watchClient(const Host&, revenge_handle, Function);

  void clientGone(const revenge_call* call) {
    const std::shared_ptr<ClientWatch> alive = alive_.lock();
    if (alive == nullptr || !gate_.enter()) return;
    host_->contained("a client watch", [&] { run({*host_, call}); });
    gate_.leave();
  }

  const Host* host_;
  revenge_handle exchange_;
  CallbackGate gate_;
  std::weak_ptr<ClientWatch> alive_;
};

template <class Function>
std::shared_ptr<ClientWatch> watchClient(const Host& host, revenge_handle exchange, Function function) {
  struct Watch final : ClientWatch {
    Watch(const Host& owner, revenge_handle of, Function f) : ClientWatch(owner, of), told(std::move(f)) {}
    void run(const Call& call) override { told(call); }
    Function told;
  };
  std::shared_ptr<ClientWatch> watch = std::make_shared<Watch>(host, exchange, std::move(function));
  watch->alive_ = watch;
  watch->arm();
  return watch;
}

}  // namespace detail

struct Event {
  std::string_view data;  // may hold line breaks
  std::string_view name{};
  std::string_view id{};
  std::chrono::milliseconds retry{0};  // 0: not sent
};

class Stream {
 public:
  Stream(const Host& host, revenge_handle handle, std::shared_ptr<detail::ClientWatch> watch = nullptr)
      : host_(&host), handle_(handle), watch_(std::move(watch)) {}
  Stream(Stream&& other) noexcept
      : host_(other.host_), handle_(std::exchange(other.handle_, 0)), watch_(std::move(other.watch_)) {}
  Stream& operator=(Stream&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(handle_, other.handle_);
    std::swap(watch_, other.watch_);
    return *this;
  }
  ~Stream() { finish(kCut); }

  // Answers when there is room for more; kGone: the client left. One write at a time.
  auto write(std::string_view data) {
    auto start = [host = host_, stream = handle_, data](revenge_view&, const revenge_completion& done,
                                                        revenge_error& error) {
      return host->httpTable().stream_write(host->raw(), stream, boundary::view(data), &done, &error);
    };
    return Waiting(*host_, start, [](revenge_status, revenge_view) { return Status(); });
  }
  // As write, framed as a server-sent event; the head's type is text/event-stream.
  auto event(Event event) {
    auto start = [host = host_, stream = handle_, event](revenge_view&, const revenge_completion& done,
                                                         revenge_error& error) {
      auto raw = boundary::sized<revenge_http_event>();
      raw.retry_ms = static_cast<std::uint32_t>(event.retry.count());
      raw.name = boundary::view(event.name);
      raw.id = boundary::view(event.id);
      raw.data = boundary::view(event.data);
      return host->httpTable().stream_event(host->raw(), stream, &raw, &done, &error);
    };
    return Waiting(*host_, start, [](revenge_status, revenge_view) { return Status(); });
  }

  // The body ends well.
  void close() { finish(kWell); }

  // `told(const Call&)` runs once, on a worker, when the client leaves before the end.
  template <class Function>
  void onClientGone(Function told) {
    detail::ClientWatch::end(watch_);
    watch_ = detail::watchClient(*host_, handle_, std::move(told));
  }

 private:
  enum End { kWell, kCut };

  void finish(End end) {
    if (handle_ != 0) host_->httpTable().stream_close(host_->raw(), std::exchange(handle_, 0), end == kWell);
    detail::ClientWatch::end(watch_);
  }

  const Host* host_;
  revenge_handle handle_;
  std::shared_ptr<detail::ClientWatch> watch_;
};

namespace detail {

inline Status respond(const Host& host, revenge_handle exchange, Response response) {
  std::vector<revenge_field> fields;
  const revenge_http_response raw = wire(response, fields);
  boundary::ErrorText error;
  return boundary::status(host.httpTable().respond(host.raw(), exchange, &raw, &error), &error);
}

inline Result<revenge_handle> openStream(const Host& host, revenge_handle exchange, Response head) {
  std::vector<revenge_field> fields;
  head.body.clear();
  const revenge_http_response raw = wire(head, fields);
  revenge_handle stream = 0;
  boundary::ErrorText error;
  const revenge_status status = host.httpTable().stream_open(host.raw(), exchange, &raw, &stream, &error);
  if (status < 0) return std::unexpected(boundary::failure(status, &error));
  return stream;
}

}  // namespace detail

class Responder {
 public:
  Responder(const Host& host, revenge_handle handle) : host_(&host), handle_(handle) {}
  Responder(Responder&& other) noexcept
      : host_(other.host_), handle_(std::exchange(other.handle_, 0)), watch_(std::move(other.watch_)) {}
  Responder& operator=(Responder&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(handle_, other.handle_);
    std::swap(watch_, other.watch_);
    return *this;
  }
  ~Responder() {
    if (handle_ != 0) host_->httpTable().drop(host_->raw(), handle_);
    detail::ClientWatch::end(watch_);
  }

  // kGone: the client left or the deadline passed, nothing to do; kExists: already answered.
  Status send(Response response) {
    const Status sent = detail::respond(*host_, std::exchange(handle_, 0), std::move(response));
    detail::ClientWatch::end(watch_);
    return sent;
  }
  // Opens an answer without a known end; `head` is its status, type and headers.
  Result<Stream> stream(Response head) {
    const Result<revenge_handle> opened = detail::openStream(*host_, handle_, std::move(head));
    if (!opened) return std::unexpected(opened.error());
    handle_ = 0;
    return Stream(*host_, *opened, std::move(watch_));
  }

  // The request's call, valid until the answer; nobody's when the client has already left.
  Call call() const {
    const revenge_call* call = host_->httpTable().responder_call(host_->raw(), handle_);
    return call == nullptr ? host_->call() : Call(*host_, call);
  }
  BodyReader reader() const { return {*host_, handle_}; }
  // `told(const Call&)` runs once, on a worker, when the client leaves before the answer.
  template <class Function>
  void onClientGone(Function told) {
    detail::ClientWatch::end(watch_);
    watch_ = detail::watchClient(*host_, handle_, std::move(told));
  }

 private:
  friend class Resumer;

  const Host* host_;
  revenge_handle handle_;
  std::shared_ptr<detail::ClientWatch> watch_;
};

class Resumer {
 public:
  explicit Resumer(Responder responder) : responder_(std::move(responder)) {}

  // The request goes on to what comes behind this middleware. kGone: its client left or its deadline passed, nothing to do.
  Status goOn() {
    const Host& host = *responder_.host_;
    boundary::ErrorText error;
    const revenge_status status =
        host.httpTable().resume(host.raw(), std::exchange(responder_.handle_, 0), &error);
    detail::ClientWatch::end(responder_.watch_);
    return boundary::status(status, &error);
  }
  // As Responder::send.
  Status answer(Response response) { return responder_.send(std::move(response)); }

  // The request's call, valid until it goes on or is answered.
  Call call() const { return responder_.call(); }
  // `told(const Call&)` runs once when the client leaves while the request waits here.
  template <class Function>
  void onClientGone(Function told) {
    responder_.onClientGone(std::move(told));
  }

 private:
  Responder responder_;
};

}  // namespace revenge
