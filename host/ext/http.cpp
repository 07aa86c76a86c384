#include "ext/http.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "ext/bundle.hpp"
#include "ext/one_way.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

namespace {

http::Handler handlerOf(void* context,
                        revenge_status (*handle)(void*, const revenge_call*, const revenge_http_request*,
                                                 revenge_error*),
                        std::string name) {
  return [context, handle, name = std::make_shared<const std::string>(std::move(name))](
             http::Exchange& exchange, revenge_error& error) {
    return plugin::guarded(name->c_str(), error,
                           [&] { return handle(context, &exchange.call(), &exchange.request(), &error); });
  };
}

// What a plugin that was built before does not fill is zero.
revenge_http_listener listenerOf(const revenge_http_listener& from) {
  revenge_http_listener listener{};
  std::memcpy(&listener, &from, std::min<std::size_t>(sizeof(listener), from.size));
  return listener;
}

http::Done doneOf(const revenge_completion* done) {
  if (done == nullptr || done->complete == nullptr) return {};
  return [completion = *done](revenge_status status, std::string_view piece) {
    revenge_error ignored{sizeof(revenge_error), 0, {}};
    plugin::guarded("completion", ignored, [&] {
      completion.complete(completion.context, status, view(piece), nullptr);
      return revenge_status{REVENGE_OK};
    });
  };
}

template <typename Enum>
bool inRange(std::uint32_t value, Enum last) {
  return value <= static_cast<std::uint32_t>(last);
}

// What clients may send as the head of a request is longer, what anybody writes as a pattern is not.
constexpr std::size_t kLongestPattern = 2048;

base::Result<http::Route> routeOf(const revenge_http_route& from, http::Owner owner) {
  const std::string pattern = string(from.pattern);
  if (pattern.size() > kLongestPattern)
    return base::fail(base::Errc::kInvalid, "route {}...: a pattern of {} bytes is longer than {}",
                      pattern.substr(0, 32), pattern.size(), kLongestPattern);
  if (from.method < REVENGE_HTTP_GET || !inRange(from.method, http::Method::kOptions)) {
    return base::fail(base::Errc::kInvalid, "route {}: unknown method {}", pattern, from.method);
  }
  if (from.handle == nullptr) return base::fail(base::Errc::kInvalid, "route {}: handle is NULL", pattern);
  if (!inRange(from.execution, http::Execution::kInline) || !inRange(from.body, http::BodyMode::kStream) ||
      !inRange(from.absence, http::Absence::kWait) || from.timeout_ns < 0 || from.absence_wait_ns < 0) {
    return base::fail(base::Errc::kInvalid,
                      "route {}: execution, body, absence or a duration is out of range", pattern);
  }
  http::Route route;
  route.method = static_cast<http::Method>(from.method);
  route.pattern = pattern;
  route.owner = std::move(owner);
  route.handle = handlerOf(from.context, from.handle, pattern);
  route.execution = static_cast<http::Execution>(from.execution);
  route.body = static_cast<http::BodyMode>(from.body);
  route.max_body_bytes = from.max_body_bytes;
  route.timeout = base::Duration(from.timeout_ns);
  route.absence = static_cast<http::Absence>(from.absence);
  route.absence_wait = base::Duration(from.absence_wait_ns);
  route.rank = from.rank;
  return route;
}

base::Result<http::Middleware> middlewareOf(const revenge_http_middleware& from, http::Owner owner) {
  if (from.before == nullptr)
    return base::fail(base::Errc::kInvalid, "middleware {}: before is NULL", text(from.name));
  if (!inRange(from.execution, http::Execution::kInline) || !inRange(from.absence, http::Absence::kBypass)) {
    return base::fail(base::Errc::kInvalid, "middleware {}: execution or absence is out of range",
                      text(from.name));
  }
  http::Middleware middleware;
  middleware.name = string(from.name);
  middleware.prefix = string(from.prefix);
  middleware.order = from.order;
  middleware.owner = std::move(owner);
  middleware.before = handlerOf(from.context, from.before, middleware.name);
  middleware.execution = static_cast<http::Execution>(from.execution);
  middleware.absence = static_cast<http::Absence>(from.absence);
  return middleware;
}

// Takes body and file over first, so that they are released whatever is found wrong.
http::Response responseOf(const revenge_http_response& from) {
  http::Response response;
  response.body = http::Bytes(from.body);
  response.file.fd = http::UniqueFd(from.kind == REVENGE_HTTP_FILE ? from.file : -1);
  response.file.offset = from.offset;
  response.file.length = from.length;
  response.status = from.status;
  response.headers = {from.headers, from.header_count};
  response.content_type = text(from.content_type);
  response.etag = text(from.etag);
  response.modified_ns = from.modified_ns;
  response.session = text(from.session);
  return response;
}

}  // namespace

http::Owner HttpAdapter::ownerOf(const revenge_host& host) const {
  return {host.id, host.instance, host.lane, host.mark()};
}

// Only those whom the flag lets in get the route; a flag that nobody has defined lets in everybody.
base::Result<> HttpAdapter::gate(http::Route& route, std::string_view flag) const {
  if (parts_.who_is_in == nullptr) return {};
  const auto id = parts_.who_is_in->id(flag);
  if (!id) return std::unexpected(id.error());
  route.takes = [in = parts_.who_is_in, id = *id](http::Exchange& exchange) {
    return in->enabled(id, text(exchange.call().origin->user_key), true);
  };
  route.by_user = [in = parts_.who_is_in, id = *id] { return in->asksWho(id); };
  return {};
}

base::Result<> HttpAdapter::contribute(service::GenerationBuilder& next, const plugin::Scene& scene) {
  const auto isParked = [&](const Registered& registered) {
    return std::ranges::find(scene.parked, registered.host) != scene.parked.end();
  };
  std::vector<http::Route> routes = parts_.host_routes;
  std::vector<http::Middleware> middleware;
  auto listeners = std::make_shared<Listeners>();
  registered_.forEach(
      [&](service::HandleTable<Registered>::Handle, service::InstanceRef, const Registered& registered) {
        if (std::ranges::find(scene.visible, registered.host) == scene.visible.end()) return;
        if (const auto* route = std::get_if<http::Route>(&registered.what)) {
          routes.push_back(*route);
          routes.back().owner.held = isParked(registered);
        }
        if (const auto* before = std::get_if<http::Middleware>(&registered.what)) {
          middleware.push_back(*before);
          middleware.back().owner.held = isParked(registered);
        }
        if (const auto* listener = std::get_if<revenge_http_listener>(&registered.what)) {
          listeners->by_plugin[registered.host->id].push_back({registered.host, *listener});
        }
      });
  for (const plugin::Absent& away : scene.absent) {
    if (away.gated) continue;
    const Remembered last = lastOf(away.id);
    routes.insert(routes.end(), last.routes.begin(), last.routes.end());
    middleware.insert(middleware.end(), last.middleware.begin(), last.middleware.end());
  }
  auto router = http::Router::build(std::move(routes), std::move(middleware));
  if (!router) return std::unexpected(router.error());
  next.set(parts_.router, std::shared_ptr<const http::Router>(std::move(*router)));
  next.set(parts_.listeners, std::shared_ptr<const Listeners>(std::move(listeners)));
  return {};
}

std::vector<std::string> HttpAdapter::withdraw(const revenge_host& host) {
  std::vector<Registered> left;
  for (auto& item : registered_.withdraw(host.instance)) left.push_back(std::move(item.value));
  if (Remembered last = awayFrom(left); !last.routes.empty() || !last.middleware.empty()) {
    const std::lock_guard lock(mutex_);
    remembered_[host.id] = std::move(last);
  }
  return {};
}

// What a plugin that leaves still holds while it drains, or what it held last.
HttpAdapter::Remembered HttpAdapter::lastOf(const std::string& id) {
  std::vector<Registered> held;
  std::uint64_t newest = 0;
  registered_.forEach([&](revenge_handle, service::InstanceRef, const Registered& registered) {
    if (registered.host->id != id || registered.host->load < newest) return;
    if (registered.host->load > newest) held.clear();
    newest = registered.host->load;
    held.push_back(registered);
  });
  if (!held.empty()) return awayFrom(held);
  const std::lock_guard lock(mutex_);
  const auto found = remembered_.find(id);
  return found == remembered_.end() ? Remembered{} : found->second;
}

HttpAdapter::Remembered HttpAdapter::awayFrom(const std::vector<Registered>& registered) {
  Remembered last;
  for (const Registered& each : registered) {
    const http::Owner away{.plugin = each.host->id};
    if (const auto* route = std::get_if<http::Route>(&each.what)) {
      last.routes.push_back(*route);
      last.routes.back().owner = away;
      last.routes.back().handle = {};
    } else if (const auto* before = std::get_if<http::Middleware>(&each.what)) {
      last.middleware.push_back(*before);
      last.middleware.back().owner = away;
      last.middleware.back().before = {};
    }
  }
  return last;
}

struct HttpTable {
  static revenge_status add(const Ties& ties, HttpAdapter::Registration what, revenge_handle* handle,
                            revenge_error* error) {
    HttpAdapter& adapter = ties.bundle.http;
    const revenge_handle added = adapter.registered_.add(ties.host.instance, {&ties.host, std::move(what)},
                                                         HttpAdapter::kMaxRegistrations);
    if (added == 0) {
      return say(error, REVENGE_LIMIT,
                 fmt::format("more than {} routes, middleware and listeners of one plugin",
                             HttpAdapter::kMaxRegistrations));
    }
    if (ties.host.phase.load() == plugin::Phase::kServing) {
      if (const auto published = ties.bundle.republish(); !published) {
        adapter.registered_.take(added);
        return fail(error, published.error());
      }
    }
    if (handle != nullptr) *handle = added;
    return REVENGE_OK;
  }

  static revenge_status addRoute(const revenge_host* host, const revenge_http_route* route,
                                 revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (route == nullptr) return say(error, REVENGE_INVALID, "route is NULL");
    auto made = routeOf(*route, ties->bundle.http.ownerOf(*host));
    if (!made) return fail(error, made.error());
    // Appended: a plugin that was built before it has none.
    constexpr std::size_t kWithFlag = offsetof(revenge_http_route, flag) + sizeof(revenge_view);
    const std::string_view own = route->size >= kWithFlag ? text(route->flag) : std::string_view();
    if (auto gated = ties->bundle.http.gate(*made, own.empty() ? host->gate : own); !gated)
      return say(error, REVENGE_INVALID,
                 fmt::format("route {}: flag: {}", made->pattern, gated.error().message));
    return add(*ties, std::move(*made), handle, error);
  }

  static revenge_status addMiddleware(const revenge_host* host, const revenge_http_middleware* middleware,
                                      revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (middleware == nullptr) return say(error, REVENGE_INVALID, "middleware is NULL");
    auto made = middlewareOf(*middleware, ties->bundle.http.ownerOf(*host));
    if (!made) return fail(error, made.error());
    return add(*ties, std::move(*made), handle, error);
  }

  static revenge_status addListener(const revenge_host* host, const revenge_http_listener* listener,
                                    revenge_handle* handle, revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (listener == nullptr) return say(error, REVENGE_INVALID, "listener is NULL");
    const revenge_http_listener known = listenerOf(*listener);
    if (known.finished == nullptr && known.ended == nullptr)
      return say(error, REVENGE_INVALID, "the listener's functions are NULL");
    return add(*ties, known, handle, error);
  }

  static revenge_status remove(const revenge_host* host, revenge_handle handle) {
    const Ties* ties = alive(host);
    if (ties == nullptr || !ties->bundle.http.registered_.take(handle, ties->host.instance))
      return REVENGE_GONE;
    if (ties->host.phase.load() == plugin::Phase::kServing) (void)ties->bundle.republish();
    return REVENGE_OK;
  }

  static revenge_status respond(const revenge_host* host, revenge_handle exchange,
                                const revenge_http_response* response, revenge_error* error) {
    if (response == nullptr) return say(error, REVENGE_INVALID, "response is NULL");
    http::Response answer = responseOf(*response);
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (response->kind == REVENGE_HTTP_FILE && !answer.file.fd)
      return say(error, REVENGE_INVALID, fmt::format("file {} is no descriptor", response->file));
    const auto sent = ties->bundle.http.exchanges_->respond(ties->host.instance, exchange, std::move(answer));
    return sent ? REVENGE_OK : fail(error, sent.error());
  }

  static revenge_status addHeader(const revenge_host* host, revenge_handle exchange,
                                  const revenge_field* field, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (field == nullptr) return say(error, REVENGE_INVALID, "field is NULL");
    const auto added = ties->bundle.http.exchanges_->addHeader(ties->host.instance, exchange,
                                                               text(field->name), text(field->value));
    return added ? REVENGE_OK : fail(error, added.error());
  }

  static revenge_status defer(const revenge_host* host, revenge_handle exchange, revenge_handle* responder,
                              revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (responder == nullptr) return say(error, REVENGE_INVALID, "responder is NULL");
    const auto deferred = ties->bundle.http.exchanges_->defer(ties->host.instance, exchange);
    if (!deferred) return fail(error, deferred.error());
    *responder = *deferred;
    return REVENGE_OK;
  }

  static const revenge_call* responderCall(const revenge_host* host, revenge_handle responder) {
    const Ties* ties = alive(host);
    return ties == nullptr ? nullptr : ties->bundle.http.exchanges_->call(ties->host.instance, responder);
  }

  static revenge_status drop(const revenge_host* host, revenge_handle responder) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto dropped = ties->bundle.http.exchanges_->drop(ties->host.instance, responder);
    if (dropped) ties->logger.warn("request dropped, which is answered 500");
    return dropped ? REVENGE_OK : fail(nullptr, dropped.error());
  }

  static revenge_status watch(const revenge_host* host, revenge_handle exchange,
                              const revenge_http_watch* watch, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (watch == nullptr || watch->client_gone == nullptr)
      return say(error, REVENGE_INVALID, "watch or its function is NULL");
    const auto watched = ties->bundle.http.exchanges_->watch(
        ties->host.instance, exchange, [ties, told = *watch] { tellGone(*ties, told); });
    return watched ? REVENGE_OK : fail(error, watched.error());
  }

  static void tellGone(const Ties& ties, const revenge_http_watch& watch) {
    const auto inside =
        ties.bundle.http.parts_.domain.instances().enter(ties.host.instance, service::Pass::kUnderWay);
    if (!inside) return;
    const revenge_call call = hostCall(ties.host.instance);
    callOneWay(ties.host, "watch of a client", [&] { watch.client_gone(watch.context, &call); });
  }

  static revenge_status bodyRead(const revenge_host* host, revenge_handle exchange, revenge_view* piece,
                                 const revenge_completion* done, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (piece == nullptr) return say(error, REVENGE_INVALID, "piece is NULL");
    std::string_view read;
    const revenge_status status =
        ties->bundle.http.exchanges_->bodyRead(ties->host.instance, exchange, read, doneOf(done));
    *piece = view(read);
    return status;
  }

  static revenge_status streamOpen(const revenge_host* host, revenge_handle exchange,
                                   const revenge_http_response* head, revenge_handle* stream,
                                   revenge_error* error) {
    if (head == nullptr || stream == nullptr) return say(error, REVENGE_INVALID, "head or stream is NULL");
    http::Response answer = responseOf(*head);
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    const auto opened =
        ties->bundle.http.exchanges_->openStream(ties->host.instance, exchange, std::move(answer));
    if (!opened) return fail(error, opened.error());
    *stream = *opened;
    return REVENGE_OK;
  }

  static revenge_status streamWrite(const revenge_host* host, revenge_handle stream, revenge_view data,
                                    const revenge_completion* done, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    return ties->bundle.http.exchanges_->write(ties->host.instance, stream, text(data), doneOf(done));
  }

  static revenge_status streamEvent(const revenge_host* host, revenge_handle stream,
                                    const revenge_http_event* event, const revenge_completion* done,
                                    revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (event == nullptr) return say(error, REVENGE_INVALID, "event is NULL");
    const http::StreamEvent sent{text(event->name), text(event->id), text(event->data), event->retry_ms};
    return ties->bundle.http.exchanges_->event(ties->host.instance, stream, sent, doneOf(done));
  }

  static revenge_status limit(const revenge_host* host, revenge_handle exchange,
                              const revenge_http_limit* limit, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (limit == nullptr) return say(error, REVENGE_INVALID, "limit is NULL");
    const auto limited = ties->bundle.http.exchanges_->limit(
        ties->host.instance, exchange,
        {.deadline_ns = limit->deadline_ns, .body_bytes = limit->max_body_bytes});
    return limited ? REVENGE_OK : fail(error, limited.error());
  }

  static revenge_status tellEnd(const revenge_host* host, revenge_handle exchange, std::uint64_t tag,
                                revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    // The record behind `host`, and with it its id, is never freed.
    const auto asked =
        ties->bundle.http.exchanges_->tellEnd(ties->host.instance, exchange, ties->host.id, tag);
    return asked ? REVENGE_OK : fail(error, asked.error());
  }

  static revenge_status resume(const revenge_host* host, revenge_handle responder, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    const auto resumed = ties->bundle.http.exchanges_->resume(ties->host.instance, responder);
    return resumed ? REVENGE_OK : fail(error, resumed.error());
  }

  static revenge_status streamClose(const revenge_host* host, revenge_handle stream, bool complete) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto closed = ties->bundle.http.exchanges_->close(
        ties->host.instance, stream, complete ? http::StreamEnd::kComplete : http::StreamEnd::kCut);
    return closed ? REVENGE_OK : fail(nullptr, closed.error());
  }
};

const revenge_http& HttpAdapter::table() {
  static constexpr revenge_http kTable{sizeof(revenge_http),   0,
                                       HttpTable::addRoute,    HttpTable::addMiddleware,
                                       HttpTable::addListener, HttpTable::remove,
                                       HttpTable::respond,     HttpTable::addHeader,
                                       HttpTable::defer,       HttpTable::responderCall,
                                       HttpTable::drop,        HttpTable::watch,
                                       HttpTable::bodyRead,    HttpTable::streamOpen,
                                       HttpTable::streamWrite, HttpTable::streamEvent,
                                       HttpTable::streamClose, HttpTable::limit,
                                       HttpTable::tellEnd,     HttpTable::resume};
  return kTable;
}

}  // namespace revenge::ext
