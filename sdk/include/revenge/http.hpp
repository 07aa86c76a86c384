// Http: routes, middleware and finished-listeners of a plugin.
//
//   host.http().get("/hello/{name}", [](const revenge::Request& request) {
//     return revenge::text("Hello, " + std::string(request.param("name")));
//   });
//
// A handler runs on many threads at once. It takes `const Request&` and returns Response or Result<Response>;
// or takes `(const Request&, Responder)` and answers later; or is a coroutine that returns Task<Response> or
// Task<Result<Response>>. A failure becomes 404, 400, 403, 429, 503 or 504 by its code, anything else and any
// exception 500. Handlers live as long as the instance, also after their route was removed.
#pragma once

#include <revenge/held.hpp>
#include <revenge/responder.hpp>
#include <revenge/task.hpp>

namespace revenge {

enum class Run : std::uint32_t {
  kWorker = REVENGE_HTTP_WORKER,  // the handler may block
  kInline = REVENGE_HTTP_INLINE,  // a wish: on the I/O thread; see Request::mayBlock
};
enum class Body : std::uint32_t {
  kNone = REVENGE_HTTP_BODY_NONE,
  kWhole = REVENGE_HTTP_BODY_WHOLE,    // Request::body()
  kStream = REVENGE_HTTP_BODY_STREAM,  // Request::reader()
};
// What a request gets while the plugin is away.
enum class Absence : std::uint32_t {
  kRefuse = REVENGE_ABSENCE_REFUSE,       // 503
  kBypass = REVENGE_ABSENCE_BYPASS,       // the next candidate, then 404
  kLastGood = REVENGE_ABSENCE_LAST_GOOD,  // the last small 200 to the same target
  kWait = REVENGE_ABSENCE_WAIT,           // parked for absenceWait
};

struct RouteOptions {
  Run run = Run::kWorker;
  Body body = Body::kNone;              // post, put and patch read kWhole unless told otherwise
  std::uint64_t maxBodyBytes = 0;       // 0: the host's default
  std::chrono::nanoseconds timeout{0};  // to the head of the answer; 0: the host's default
  Absence absence = Absence::kRefuse;
  std::chrono::nanoseconds absenceWait{0};
  std::int32_t rank = 0;       // among plugins that offer the same route: lower first
  std::string_view flag = {};  // that says which users get it; empty: the plugin's own
};

struct MiddlewareOptions {
  std::string_view prefix = "/";
  std::int32_t order = 0;
  Run run = Run::kInline;  // kWorker moves every request below the prefix to a worker
  Absence absence = Absence::kBypass;
};

// How a response with a session ended.
struct Finished {
  std::string_view session;
  std::uint32_t status;
  std::uint64_t bytesSent;
  bool complete;  // false: the client left, or the file shrank
};

// How a request ended that Request::tellEnd was called for.
struct Ended {
  std::uint64_t tag;
  std::uint32_t status;  // sent; 0: none was, the client had left
  std::chrono::steady_clock::time_point receivedAt;
  std::optional<std::chrono::steady_clock::time_point> answeredAt;  // when the head of the answer was there
  std::uint64_t bytesSent;                                          // of the body
  bool complete;  // false: the client left, or the file shrank
};

// A registered route, middleware or listener; see Held.
class HttpRegistration {
 public:
  HttpRegistration() = default;
  HttpRegistration(const Host& host, revenge_handle handle) : host_(&host), handle_(handle) {}
  void end() const { host_->httpTable().remove(host_->raw(), handle_); }

 private:
  const Host* host_ = nullptr;
  revenge_handle handle_ = 0;
};
using Route = Held<HttpRegistration>;

namespace detail {

inline Status answer(const Host& host, revenge_handle exchange, Response response) {
  return respond(host, exchange, std::move(response));
}
inline Status answer(const Host& host, revenge_handle exchange, Result<Response> response) {
  if (!response) return std::unexpected(std::move(response.error()));
  return respond(host, exchange, std::move(*response));
}

inline Result<Responder> defer(const Host& host, revenge_handle exchange, revenge_handle& handle) {
  boundary::ErrorText error;
  const revenge_status status = host.httpTable().defer(host.raw(), exchange, &handle, &error);
  if (status < 0) return std::unexpected(boundary::failure(status, &error));
  return Responder(host, handle);
}

template <class T>
inline constexpr bool kIsTask = false;
template <class T>
inline constexpr bool kIsTask<Task<T>> = true;

// The frame that holds what a coroutine handler borrows until it has answered.
template <class Handler>
Task<void> answerByTask(const Host& host, Handler& handler, revenge_http_request raw, Responder responder) {
  std::optional<Response> response;
  try {
    const Request request(host, responder.call().raw(), raw);
    Result<Response> answered = co_await handler(request);
    response.emplace(answered ? std::move(*answered) : failed(answered.error()));
  } catch (const Failure& failure) {
    response.emplace(failed(failure.error()));
  }
  static_cast<void>(responder.send(std::move(*response)));
}

template <class Handler>
struct RouteHandler final : Scope::Member {
  RouteHandler(Host& owner, Handler function) : host(owner), handler(std::move(function)) {}

  static revenge_status handle(void* context, const revenge_call* call, const revenge_http_request* raw,
                               revenge_error* error) noexcept {
    auto& self = *static_cast<RouteHandler*>(context);
    return boundary::guarded(error, [&] { return self.run(call, *raw); });
  }

  Status run(const revenge_call* call, const revenge_http_request& raw) {
    if constexpr (std::is_invocable_v<Handler&, const Request&, Responder>) {
      return runDeferred(raw);
    } else if constexpr (kIsTask<std::invoke_result_t<Handler&, const Request&>>) {
      return runTask(raw);
    } else {
      return answer(host, raw.exchange, handler(Request(host, call, raw)));
    }
  }

  Status runDeferred(const revenge_http_request& raw) {
    revenge_http_request copy = boundary::known(raw);
    Result<Responder> responder = defer(host, raw.exchange, copy.exchange);
    if (!responder) return std::unexpected(std::move(responder.error()));
    const Request request(host, responder->call().raw(), copy);
    handler(request, std::move(*responder));
    return {};
  }

  Status runTask(const revenge_http_request& raw) {
    revenge_http_request copy = boundary::known(raw);
    Result<Responder> responder = defer(host, raw.exchange, copy.exchange);
    if (!responder) return std::unexpected(std::move(responder.error()));
    revenge::run(host, answerByTask(host, handler, copy, std::move(*responder)));
    return {};
  }

  Host& host;
  Handler handler;
};

template <class Handler>
struct MiddlewareHandler final : Scope::Member {
  MiddlewareHandler(Host& owner, Handler function) : host(owner), handler(std::move(function)) {}

  static constexpr bool kDefers = std::is_invocable_v<Handler&, const Request&, Resumer>;

  static revenge_status before(void* context, const revenge_call* call, const revenge_http_request* raw,
                               revenge_error* error) noexcept {
    auto& self = *static_cast<MiddlewareHandler*>(context);
    return boundary::guarded(error, [&] { return self.run(call, *raw); });
  }

  Status run(const revenge_call* call, const revenge_http_request& raw) {
    if constexpr (kDefers) {
      revenge_http_request copy = boundary::known(raw);
      Result<Responder> responder = defer(host, raw.exchange, copy.exchange);
      if (!responder) return std::unexpected(std::move(responder.error()));
      const Request request(host, responder->call().raw(), copy);
      handler(request, Resumer(std::move(*responder)));
      return {};
    } else {
      Result<std::optional<Response>> early = handler(Request(host, call, raw));
      if (!early) return std::unexpected(std::move(early.error()));
      if (!*early) return {};
      return respond(host, raw.exchange, std::move(**early));
    }
  }

  Host& host;
  Handler handler;
};

template <class Handler>
struct FinishedHandler final : Scope::Member {
  FinishedHandler(Host& owner, Handler function) : host(owner), handler(std::move(function)) {}

  static void finished(void* context, const revenge_call*, const revenge_http_finished* raw) noexcept {
    auto& self = *static_cast<FinishedHandler*>(context);
    self.host.contained("a finished listener", [&] {
      self.handler(Finished{boundary::text(raw->session), raw->status, raw->bytes_sent, raw->complete != 0});
    });
  }

  Host& host;
  Handler handler;
};

template <class Handler>
struct EndedHandler final : Scope::Member {
  EndedHandler(Host& owner, Handler function) : host(owner), handler(std::move(function)) {}

  static void ended(void* context, const revenge_call*, const revenge_http_ended* raw) noexcept {
    using Time = std::chrono::steady_clock::time_point;
    auto& self = *static_cast<EndedHandler*>(context);
    self.host.contained("a listener for ended requests", [&] {
      Ended told{.tag = raw->tag,
                 .status = raw->status,
                 .receivedAt = Time(std::chrono::nanoseconds(raw->received_ns)),
                 .answeredAt = {},
                 .bytesSent = raw->bytes_sent,
                 .complete = raw->complete != 0};
      if (raw->answered_ns != 0) told.answeredAt = Time(std::chrono::nanoseconds(raw->answered_ns));
      self.handler(told);
    });
  }

  Host& host;
  Handler handler;
};

}  // namespace detail

// Registration throws Failure; what is registered in the constructor or start() becomes visible when the
// instance is published, later at once.
class Http {
 public:
  explicit Http(Host& host) : host_(&host) {}

  // "/stream/{id}": {name} matches one segment, {name...} the rest.
  template <class Handler>
  HttpRegistration get(std::string_view pattern, Handler handler, RouteOptions options = {}) {
    return route(Method::kGet, pattern, std::move(handler), options);
  }
  template <class Handler>
  HttpRegistration post(std::string_view pattern, Handler handler,
                        RouteOptions options = {.body = Body::kWhole}) {
    return route(Method::kPost, pattern, std::move(handler), options);
  }
  template <class Handler>
  HttpRegistration put(std::string_view pattern, Handler handler,
                       RouteOptions options = {.body = Body::kWhole}) {
    return route(Method::kPut, pattern, std::move(handler), options);
  }
  template <class Handler>
  HttpRegistration patch(std::string_view pattern, Handler handler,
                         RouteOptions options = {.body = Body::kWhole}) {
    return route(Method::kPatch, pattern, std::move(handler), options);
  }
  template <class Handler>
  HttpRegistration del(std::string_view pattern, Handler handler, RouteOptions options = {}) {
    return route(Method::kDelete, pattern, std::move(handler), options);
  }
  template <class Handler>
  HttpRegistration route(Method method, std::string_view pattern, Handler handler,
                         const RouteOptions& options);

  // `handler(const Request&)` runs before the routes below the prefix and returns
  // Result<std::optional<Response>>: nothing to go on, a response to answer, or a failure. Or `handler(const Request&,
  // Resumer)`: the request waits, without a thread, until the Resumer says how it goes on; not on a host older than this.
  template <class Handler>
  HttpRegistration before(std::string_view name, Handler handler, const MiddlewareOptions& options = {});

  // `handler(const Finished&)` hears the end of every response that named a session, also of those an older
  // version of this plugin gave.
  template <class Handler>
  HttpRegistration onFinished(Handler handler);

  // `handler(const Ended&)` hears once how each request ended that Request::tellEnd was called for, also by an older version
  // of this plugin. On an I/O thread: it must not block. Not on a host older than this.
  template <class Handler>
  HttpRegistration onEnded(Handler handler);

 private:
  HttpRegistration listen(const revenge_http_listener& raw, std::string_view what);

  Host* host_;
};

template <class Handler>
HttpRegistration Http::route(Method method, std::string_view pattern, Handler handler,
                             const RouteOptions& options) {
  using Kept = detail::RouteHandler<Handler>;
  auto& kept = host_->kept().adopt(std::make_unique<Kept>(*host_, std::move(handler)));
  auto raw = boundary::sized<revenge_http_route>();
  raw.method = static_cast<std::uint32_t>(method);
  raw.pattern = boundary::view(pattern);
  raw.execution = static_cast<std::uint32_t>(options.run);
  raw.body = static_cast<std::uint32_t>(options.body);
  raw.max_body_bytes = options.maxBodyBytes;
  raw.timeout_ns = options.timeout.count();
  raw.absence = static_cast<std::uint32_t>(options.absence);
  raw.absence_wait_ns = options.absenceWait.count();
  raw.rank = options.rank;
  raw.flag = boundary::view(options.flag);
  raw.context = &kept;
  raw.handle = &Kept::handle;
  revenge_handle handle = 0;
  boundary::ErrorText error;
  boundary::require(host_->httpTable().add_route(host_->raw(), &raw, &handle, &error), error,
                    "route " + std::string(pattern));
  return {*host_, handle};
}

template <class Handler>
HttpRegistration Http::before(std::string_view name, Handler handler, const MiddlewareOptions& options) {
  using Kept = detail::MiddlewareHandler<Handler>;
  if (const revenge_http& table = host_->httpTable();
      Kept::kDefers && !REVENGE_HAS(&table, revenge_http, resume))
    throw Failure(Errc::kUnavailable, "this host has no middleware that waits");
  auto& kept = host_->kept().adopt(std::make_unique<Kept>(*host_, std::move(handler)));
  auto raw = boundary::sized<revenge_http_middleware>();
  raw.order = options.order;
  raw.name = boundary::view(name);
  raw.prefix = boundary::view(options.prefix);
  raw.execution = static_cast<std::uint32_t>(options.run);
  raw.absence = static_cast<std::uint32_t>(options.absence);
  raw.context = &kept;
  raw.before = &Kept::before;
  revenge_handle handle = 0;
  boundary::ErrorText error;
  boundary::require(host_->httpTable().add_middleware(host_->raw(), &raw, &handle, &error), error,
                    "middleware '" + std::string(name) + "'");
  return {*host_, handle};
}

template <class Handler>
HttpRegistration Http::onFinished(Handler handler) {
  using Kept = detail::FinishedHandler<Handler>;
  auto& kept = host_->kept().adopt(std::make_unique<Kept>(*host_, std::move(handler)));
  auto raw = boundary::sized<revenge_http_listener>();
  raw.context = &kept;
  raw.finished = &Kept::finished;
  return listen(raw, "finished listener");
}

template <class Handler>
HttpRegistration Http::onEnded(Handler handler) {
  using Kept = detail::EndedHandler<Handler>;
  if (const revenge_http& table = host_->httpTable(); !REVENGE_HAS(&table, revenge_http, tell_end))
    throw Failure(Errc::kUnavailable, "this host does not tell how requests end");
  auto& kept = host_->kept().adopt(std::make_unique<Kept>(*host_, std::move(handler)));
  auto raw = boundary::sized<revenge_http_listener>();
  raw.context = &kept;
  raw.ended = &Kept::ended;
  return listen(raw, "listener for ended requests");
}

inline HttpRegistration Http::listen(const revenge_http_listener& raw, std::string_view what) {
  revenge_handle handle = 0;
  boundary::ErrorText error;
  boundary::require(host_->httpTable().add_listener(host_->raw(), &raw, &handle, &error), error, what);
  return {*host_, handle};
}

inline Http Host::http() { return Http(*this); }

}  // namespace revenge
