#include "ext/http_client.hpp"

#include <optional>
#include <utility>

#include "ext/bundle.hpp"
#include "ext/client_span.hpp"
#include "ext/completion.hpp"

namespace revenge::ext {

namespace {

const base::Error kLeaving{base::Errc::kCancelled, "this instance is being stopped"};

http::Told toldBy(const revenge_host& host, const revenge_completion* done, Keeper keeper) {
  return [&host, done = *done, keeper = std::move(keeper)](const base::Result<http::Came>& came) {
    complete(host, done, came);
  };
}

http::Fields fieldsOf(const revenge_http_client_request& request) {
  http::Fields fields;
  fields.reserve(request.header_count);
  for (std::size_t i = 0; i < request.header_count; ++i)
    fields.emplace_back(text(request.headers[i].name), text(request.headers[i].value));
  return fields;
}

http::TlsSettings tlsOf(const revenge_http_client_tls* tls) {
  if (tls == nullptr) return {};
  return {string(tls->ca_file), string(tls->certificate_file), string(tls->key_file),
          string(tls->server_name)};
}

std::optional<observe::TraceContext> traceOf(const revenge_call* call, std::uint32_t flags) {
  if ((flags & REVENGE_HTTP_CLIENT_UNTRACED) != 0 || call == nullptr || call->origin == nullptr)
    return std::nullopt;
  const revenge_origin& origin = *call->origin;
  if (origin.trace_id_high == 0 && origin.trace_id_low == 0) return std::nullopt;
  return observe::TraceContext{origin.trace_id_high, origin.trace_id_low, origin.span_id,
                               static_cast<std::uint8_t>(origin.trace_flags)};
}

base::Result<> check(const revenge_http_client_request& request) {
  using base::Errc;
  if (request.method < REVENGE_HTTP_GET || request.method > REVENGE_HTTP_OPTIONS)
    return base::fail(Errc::kInvalid, "method {}: expected REVENGE_HTTP_GET to REVENGE_HTTP_OPTIONS",
                      request.method);
  if (request.request_body > REVENGE_HTTP_CLIENT_STREAM || request.response_body > REVENGE_HTTP_CLIENT_STREAM)
    return base::fail(Errc::kInvalid,
                      "request_body and response_body are REVENGE_HTTP_CLIENT_WHOLE or _STREAM");
  if (request.timeout_ns < 0 || request.body_length < 0)
    return base::fail(Errc::kInvalid, "timeout_ns and body_length must not be negative");
  return {};
}

base::Result<http::OutgoingRequest> requestOf(const revenge_call* call,
                                              const revenge_http_client_request& request, http::Bytes body) {
  if (auto ok = check(request); !ok) return std::unexpected(std::move(ok.error()));
  auto url = http::parseUrl(text(request.url));
  if (!url) return std::unexpected(std::move(url.error()));
  http::OutgoingRequest asked;
  asked.method = static_cast<http::Method>(request.method);
  asked.url = std::move(*url);
  asked.fields = fieldsOf(request);
  asked.body = std::move(body);
  asked.request_body = static_cast<http::BodyForm>(request.request_body);
  asked.response_body = static_cast<http::BodyForm>(request.response_body);
  asked.body_length = static_cast<std::uint64_t>(request.body_length);
  asked.timeout = base::Duration(request.timeout_ns);
  if (call != nullptr && call->deadline_ns > 0)
    asked.deadline = base::Instant(base::Duration(call->deadline_ns));
  asked.max_response_bytes = request.max_response_bytes;
  asked.max_redirects = request.max_redirects;
  asked.tls = tlsOf(request.tls);
  asked.trace = traceOf(call, request.flags);
  return asked;
}

}  // namespace

std::size_t HttpClientAdapter::cancelAll(const revenge_host& host) {
  leaving_[host.instance.index & (service::kMaxInstances - 1)] = host.instance.generation;
  std::vector<std::shared_ptr<http::Fetch>> found;
  exchanges_.forEach(
      [&](revenge_handle, service::InstanceRef owner, const std::shared_ptr<http::Fetch>& fetch) {
        if (owner == host.instance) found.push_back(fetch);
      });
  for (const auto& fetch : found) fetch->cancel(kLeaving);
  return found.size();
}

std::size_t HttpClientAdapter::withdraw(const revenge_host& host) {
  const auto left = exchanges_.withdraw(host.instance);
  for (const auto& item : left) item.value->close();
  return left.size();
}

struct HttpClientTable {
  static revenge_status send(const revenge_host* host, const revenge_call* call,
                             const revenge_http_client_request* request, revenge_handle* exchange,
                             const revenge_completion* done, revenge_error* error) {
    if (request == nullptr || request->size < sizeof(revenge_http_client_request))
      return say(error, REVENGE_INVALID, "request is NULL, or its size is not set");
    http::Bytes body(request->body);
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (exchange == nullptr || done == nullptr || done->complete == nullptr)
      return say(error, REVENGE_INVALID, "exchange, done or its function is NULL");
    HttpClientAdapter& adapter = ties->bundle.httpClient;
    if (call != nullptr && call->cancel != 0 && ties->bundle.stateOf(call->cancel) == http::CallState::kGone)
      return say(error, REVENGE_CANCELLED, "nobody waits for the answer of this call any more");
    auto asked = requestOf(call, *request, std::move(body));
    if (!asked) return fail(error, asked.error());
    const Keeper keeper = enterUnderWay(adapter.domain_, host->instance);
    if (keeper == nullptr) return gone(error);
    asked->mark = host->mark();
    asked->keeper = keeper;
    const ClientSpan span(ties->bundle.trace, *host, call, *asked);
    auto fetch = adapter.outgoing_->prepare(host->id, std::move(*asked));
    const auto refuse = [&](const base::Error& why) {
      span.end(nullptr, std::unexpected(why));
      return fail(error, why);
    };
    if (!fetch) return refuse(fetch.error());
    const revenge_handle handle =
        adapter.exchanges_.add(host->instance, *fetch, HttpClientAdapter::kMaxExchanges);
    if (handle == 0) return refuse({base::Errc::kLimit, "too many responses that nobody has closed"});
    if (adapter.leaves(host->instance)) {
      adapter.exchanges_.take(handle);
      return refuse(kLeaving);
    }
    *exchange = handle;
    // A failure ends the exchange: its handle is stale before the plugin is told.
    (*fetch)->start([&adapter, handle, host, done = *done, keeper, span,
                     answering = std::weak_ptr(*fetch)](const base::Result<http::Came>& came) {
      span.end(answering.lock().get(), came);
      if (!came) adapter.exchanges_.take(handle);
      complete(*host, done, came);
    });
    // cancelAll() may have looked between the two.
    if (adapter.leaves(host->instance)) (*fetch)->cancel(kLeaving);
    return REVENGE_PENDING;
  }

  // The fetch behind a handle of this instance.
  static std::shared_ptr<http::Fetch> find(const Ties& ties, revenge_handle exchange) {
    return ties.bundle.httpClient.exchanges_.find(exchange, ties.host.instance).value_or(nullptr);
  }
  static revenge_status ended(revenge_error* error) {
    return say(error, REVENGE_GONE, "the exchange has ended, or is not this instance's");
  }
  // For a completion of an exchange that is open.
  static Keeper enter(const Ties& ties) {
    return enterUnderWay(ties.bundle.httpClient.domain_, ties.host.instance);
  }
  static revenge_status answer(const base::Result<http::Went>& went, revenge_error* error) {
    if (!went) return fail(error, went.error());
    switch (*went) {
      case http::Went::kPending:
        return REVENGE_PENDING;
      case http::Went::kEnd:
        return REVENGE_END;
      case http::Went::kDone:
        break;
    }
    return REVENGE_OK;
  }

  static revenge_status write(const revenge_host* host, revenge_handle exchange, revenge_view data,
                              const revenge_completion* done, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (done == nullptr || done->complete == nullptr)
      return say(error, REVENGE_INVALID, "done or its function is NULL");
    const auto fetch = find(*ties, exchange);
    if (fetch == nullptr) return ended(error);
    Keeper keeper = enter(*ties);
    if (keeper == nullptr) return gone(error);
    return answer(fetch->write(text(data), toldBy(*host, done, std::move(keeper))), error);
  }

  static revenge_status finish(const revenge_host* host, revenge_handle exchange, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    const auto fetch = find(*ties, exchange);
    if (fetch == nullptr) return ended(error);
    const auto finished = fetch->finish();
    return finished ? REVENGE_OK : fail(error, finished.error());
  }

  static revenge_status response(const revenge_host* host, revenge_handle exchange,
                                 revenge_http_client_response* response, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (response == nullptr || response->size < sizeof(revenge_http_client_response))
      return say(error, REVENGE_INVALID, "response is NULL, or its size is not set");
    const auto fetch = find(*ties, exchange);
    if (fetch == nullptr) return ended(error);
    const auto shown = fetch->response();
    if (!shown) return fail(error, shown.error());
    response->status = shown->head->status;
    response->headers = shown->head->fields.data();
    response->header_count = shown->head->fields.size();
    response->body = view(shown->body);
    response->content_length = shown->head->content_length;
    response->url = view(shown->url);
    return REVENGE_OK;
  }

  static revenge_status read(const revenge_host* host, revenge_handle exchange, revenge_view* piece,
                             const revenge_completion* done, revenge_error* error) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return gone(error);
    if (piece == nullptr || done == nullptr || done->complete == nullptr)
      return say(error, REVENGE_INVALID, "piece, done or its function is NULL");
    const auto fetch = find(*ties, exchange);
    if (fetch == nullptr) return ended(error);
    Keeper keeper = enter(*ties);
    if (keeper == nullptr) return gone(error);
    std::string_view bytes;
    const revenge_status status = answer(fetch->read(bytes, toldBy(*host, done, std::move(keeper))), error);
    *piece = view(bytes);
    return status;
  }

  static revenge_status cancel(const revenge_host* host, revenge_handle exchange) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto fetch = find(*ties, exchange);
    if (fetch == nullptr) return REVENGE_GONE;
    fetch->cancel({base::Errc::kCancelled, "cancelled by its caller"});
    return REVENGE_OK;
  }

  static revenge_status close(const revenge_host* host, revenge_handle exchange) {
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    const auto taken = ties->bundle.httpClient.exchanges_.take(exchange, ties->host.instance);
    if (!taken) return REVENGE_GONE;
    taken->value->close();
    return REVENGE_OK;
  }
};

const revenge_http_client& HttpClientAdapter::table() {
  static constexpr revenge_http_client kTable{sizeof(revenge_http_client), 0,
                                              HttpClientTable::send,       HttpClientTable::write,
                                              HttpClientTable::finish,     HttpClientTable::response,
                                              HttpClientTable::read,       HttpClientTable::cancel,
                                              HttpClientTable::close};
  return kTable;
}

}  // namespace revenge::ext
