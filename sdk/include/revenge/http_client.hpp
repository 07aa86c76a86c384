// HttpClient: requests to other servers. The host pools connections, verifies TLS and keeps the plugin's limits.
//
//   auto response = co_await host().httpClient().get("https://api.example.org/films/7");
//   if (response && response->status() == 200) parse(response->body());
//
// `.wait()` instead of co_await blocks, on workers and spawned threads. A response of any status is a value; no response
// (refused, timed out, not verified) is an Error whose message names host, port, cause and remedy. Everything here is
// safe from any thread; one ClientResponse or Upload is for one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <revenge/request.hpp>

namespace revenge {

struct ClientTls {
  std::string caFile{};           // PEM; empty: whom the system trusts
  std::string certificateFile{};  // the client's chain; empty: none
  std::string keyFile{};          // empty: it stands in certificateFile
  std::string serverName{};       // empty: the URL's host
};

enum class Traced : std::uint8_t { kYes, kNo };  // whether traceparent goes out

struct ClientRequest {
  Method method = Method::kGet;
  std::string url{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::chrono::nanoseconds timeout{0};  // to the end of the response; 0: the operator's
  std::uint64_t maxResponseBytes = 0;   // 0: the operator's
  std::uint32_t maxRedirects = 0;       // 0: a redirect is the response
  std::uint64_t bodyLength = 0;         // of an Upload; 0: not known
  Traced traced = Traced::kYes;
  ClientTls tls{};

  // For building in one expression.
  ClientRequest withHeader(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
  ClientRequest withTimeout(std::chrono::nanoseconds within) && {
    timeout = within;
    return std::move(*this);
  }
};

// A response whose head has come. Owns its exchange: what has not come when it ends is given up. Until all has come it
// keeps the instance running, as a call would.
class ClientResponse {
 public:
  ClientResponse(const Host& host, revenge_handle exchange) : host_(&host), exchange_(exchange) {
    boundary::ErrorText error;
    const revenge_status got = host.httpClientTable().response(host.raw(), exchange, &raw_, &error);
    if (got < 0) throw Failure(boundary::failure(got, &error));
  }
  ClientResponse(ClientResponse&& other) noexcept
      : host_(other.host_), exchange_(std::exchange(other.exchange_, 0)), raw_(other.raw_) {}
  ClientResponse& operator=(ClientResponse&& other) noexcept {
    std::swap(host_, other.host_);
    std::swap(exchange_, other.exchange_);
    std::swap(raw_, other.raw_);
    return *this;
  }
  ~ClientResponse() {
    if (exchange_ != 0) host_->httpClientTable().close(host_->raw(), exchange_);
  }

  int status() const { return static_cast<int>(raw_.status); }
  std::span<const revenge_field> headers() const { return {raw_.headers, raw_.header_count}; }
  // The first of that name, which is in lower case.
  std::optional<std::string_view> header(std::string_view name) const {
    for (const revenge_field& field : headers())
      if (boundary::text(field.name) == name) return boundary::text(field.value);
    return std::nullopt;
  }
  std::string_view body() const { return boundary::text(raw_.body); }  // whole; empty when streamed
  std::string_view url() const { return boundary::text(raw_.url); }    // that answered, behind redirects
  std::optional<std::uint64_t> contentLength() const {
    if (raw_.content_length < 0) return std::nullopt;
    return static_cast<std::uint64_t>(raw_.content_length);
  }

  // Of HttpClient::open: the next piece, valid until the next read; nullopt at the end.
  auto read() const {
    using Piece = Result<std::optional<std::string_view>>;
    auto start = [host = host_, exchange = exchange_](revenge_view& piece, const revenge_completion& done,
                                                      revenge_error& error) {
      return host->httpClientTable().read(host->raw(), exchange, &piece, &done, &error);
    };
    auto finish = [](revenge_status status, revenge_view piece) -> Piece {
      if (status == REVENGE_END) return std::nullopt;
      return boundary::text(piece);
    };
    return Waiting(*host_, start, finish);
  }

 private:
  const Host* host_;
  revenge_handle exchange_;
  revenge_http_client_response raw_ = boundary::sized<revenge_http_client_response>();
};

namespace detail {

// Hands a request to `send`, whose views live for the call. Moves the body out of it.
template <class Send>
revenge_status sendRaw(ClientRequest& request, std::uint32_t request_body, std::uint32_t response_body,
                       const Send& send) {
  std::vector<revenge_field> fields;
  fields.reserve(request.headers.size());
  for (const auto& [name, value] : request.headers)
    fields.push_back({boundary::view(name), boundary::view(value)});
  auto tls = boundary::sized<revenge_http_client_tls>();
  tls.ca_file = boundary::view(request.tls.caFile);
  tls.certificate_file = boundary::view(request.tls.certificateFile);
  tls.key_file = boundary::view(request.tls.keyFile);
  tls.server_name = boundary::view(request.tls.serverName);
  auto raw = boundary::sized<revenge_http_client_request>();
  raw.method = static_cast<std::uint32_t>(request.method);
  raw.url = boundary::view(request.url);
  raw.headers = fields.data();
  raw.header_count = fields.size();
  if (!request.body.empty()) raw.body = boundary::give(std::move(request.body));
  raw.request_body = request_body;
  raw.response_body = response_body;
  raw.body_length = static_cast<std::int64_t>(request.bodyLength);
  raw.timeout_ns = request.timeout.count();
  raw.max_response_bytes = request.maxResponseBytes;
  raw.max_redirects = request.maxRedirects;
  raw.flags = request.traced == Traced::kYes ? 0 : REVENGE_HTTP_CLIENT_UNTRACED;
  raw.tls = &tls;
  return send(raw);
}

// One request whose end is told to a function, or to whoever asks for it later.
class ClientExchange : public std::enable_shared_from_this<ClientExchange> {
 public:
  using Told = std::function<void(Result<ClientResponse>)>;

  explicit ClientExchange(Host& host, Told told = {}) : host_(&host), told_(std::move(told)) {}

  Status start(const Call& call, ClientRequest request, std::uint32_t request_body) {
    Holder& holder = host_->kept().adopt(std::make_unique<Holder>(shared_from_this()));
    auto done = boundary::sized<revenge_completion>();
    done.context = &holder;
    done.complete = [](void* context, revenge_status status, revenge_view result,
                       const revenge_error* error) {
      auto* held = static_cast<Holder*>(context);
      const std::shared_ptr<ClientExchange> self = held->exchange;
      self->host_->kept().end(*held);
      self->completed(status, result, error);
    };
    boundary::ErrorText error;
    const revenge_status status =
        sendRaw(request, request_body, REVENGE_HTTP_CLIENT_WHOLE, [&](const auto& raw) {
          return host_->httpClientTable().send(host_->raw(), call.raw(), &raw, &handle_, &done, &error);
        });
    if (status < 0) host_->kept().end(holder);
    return boundary::status(status, &error);
  }

  Host& host() const { return *host_; }
  revenge_handle handle() const { return handle_; }

  // PENDING: `done` follows. Once; OK leaves the exchange to the caller.
  revenge_status await(const revenge_completion& done, revenge_error& error) {
    const std::lock_guard lock(mutex_);
    if (!ended_) {
      waiting_ = done;
      return REVENGE_PENDING;
    }
    boundary::write(&error, message_);
    closes_ = false;
    return status_;
  }
  void cancel() const { host_->httpClientTable().cancel(host_->raw(), handle_); }
  // Nobody asks for the response any more: it is closed when it comes.
  void drop() {
    bool came = false;
    {
      const std::lock_guard lock(mutex_);
      came = ended_ && status_ >= 0 && closes_;
      dropped_ = true;
    }
    if (came)
      host_->httpClientTable().close(host_->raw(), handle_);
    else
      cancel();
  }

 private:
  struct Holder : Scope::Member {
    explicit Holder(std::shared_ptr<ClientExchange> held) : exchange(std::move(held)) {}
    std::shared_ptr<ClientExchange> exchange;
  };

  void completed(revenge_status status, revenge_view result, const revenge_error* error) {
    if (told_) {
      host_->contained("a response's function", [&] {
        if (status < 0)
          told_(std::unexpected(boundary::failure(status, error)));
        else
          told_(ClientResponse(*host_, handle_));
      });
      return;
    }
    std::optional<revenge_completion> waiting;
    bool dropped = false;
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      status_ = status;
      if (error != nullptr) message_ = boundary::text(*error);
      waiting = std::exchange(waiting_, std::nullopt);
      dropped = dropped_;
    }
    if (waiting)
      waiting->complete(waiting->context, status, result, error);
    else if (dropped && status >= 0)
      host_->httpClientTable().close(host_->raw(), handle_);
  }

  Host* host_;
  Told told_;
  revenge_handle handle_ = 0;
  std::mutex mutex_;
  bool ended_ = false;  // guarded by mutex_, as what follows
  bool dropped_ = false;
  bool closes_ = true;  // the response is nobody's yet
  revenge_status status_ = REVENGE_OK;
  std::string message_;
  std::optional<revenge_completion> waiting_;
};

}  // namespace detail

// A request under way whose end a function is told of. It goes on when this is ignored.
class Sent {
 public:
  explicit Sent(std::shared_ptr<detail::ClientExchange> exchange) : exchange_(std::move(exchange)) {}
  // The function is told kCancelled, unless something else was first.
  void cancel() const { exchange_->cancel(); }

 private:
  std::shared_ptr<detail::ClientExchange> exchange_;
};

// A request whose body is written piece by piece. Dropped before its response was asked for, it is given up.
class Upload {
 public:
  explicit Upload(std::shared_ptr<detail::ClientExchange> exchange) : exchange_(std::move(exchange)) {}
  Upload(Upload&&) noexcept = default;
  Upload& operator=(Upload&& other) noexcept {
    std::swap(exchange_, other.exchange_);
    return *this;
  }
  ~Upload() {
    if (exchange_ != nullptr) exchange_->drop();
  }

  // Answers when there is room for more: true; false: the server has answered already, ask for the response.
  auto write(std::string_view data) {
    auto start = [exchange = exchange_.get(), data](revenge_view&, const revenge_completion& done,
                                                    revenge_error& error) {
      Host& host = exchange->host();
      return host.httpClientTable().write(host.raw(), exchange->handle(), boundary::view(data), &done,
                                          &error);
    };
    return Waiting(exchange_->host(), start,
                   [](revenge_status status, revenge_view) -> Result<bool> { return status != REVENGE_END; });
  }
  // The body is complete; the response, once.
  auto finish() {
    auto exchange = std::exchange(exchange_, nullptr);
    Host& host = exchange->host();
    static_cast<void>(host.httpClientTable().finish(host.raw(), exchange->handle(), nullptr));
    auto start = [exchange](revenge_view&, const revenge_completion& done, revenge_error& error) {
      return exchange->await(done, error);
    };
    auto take = [exchange](revenge_status, revenge_view) -> Result<ClientResponse> {
      return ClientResponse(exchange->host(), exchange->handle());
    };
    return Waiting(host, start, take);
  }

 private:
  std::shared_ptr<detail::ClientExchange> exchange_;
};

class HttpClient {
 private:
  auto waiting(const Call& call, ClientRequest request, std::uint32_t response_body) {
    // Beside the wait: the host writes it before the completion, which may come before `send` has returned.
    auto exchange = std::make_shared<revenge_handle>(0);
    auto start = [host = host_, raw_call = call.raw(), request = std::move(request), response_body, exchange](
                     revenge_view&, const revenge_completion& done, revenge_error& error) mutable {
      // Kept alive by the inner one: once the host has the completion, this lambda may be gone.
      return detail::sendRaw(
          request, REVENGE_HTTP_CLIENT_WHOLE, response_body, [&, exchange](const auto& raw) {
            return host->httpClientTable().send(host->raw(), raw_call, &raw, exchange.get(), &done, &error);
          });
    };
    auto finish = [host = host_, exchange](revenge_status, revenge_view) -> Result<ClientResponse> {
      return ClientResponse(*host, *exchange);
    };
    return Waiting(*host_, std::move(start), std::move(finish));
  }

 public:
  explicit HttpClient(Host& host) : host_(&host) {}

  // The response with its whole body.
  auto send(const Call& call, ClientRequest request) {
    return waiting(call, std::move(request), REVENGE_HTTP_CLIENT_WHOLE);
  }
  // The response as soon as its head is there; its body by ClientResponse::read.
  auto open(const Call& call, ClientRequest request) {
    return waiting(call, std::move(request), REVENGE_HTTP_CLIENT_STREAM);
  }
  auto get(const Call& call, std::string url) { return send(call, {.url = std::move(url)}); }
  auto get(std::string url) { return get(host_->call(), std::move(url)); }
  auto post(const Call& call, std::string url, std::string type, std::string body) {
    ClientRequest request{.method = Method::kPost, .url = std::move(url), .body = std::move(body)};
    return send(call, std::move(request).withHeader("content-type", std::move(type)));
  }

  // `told(Result<ClientResponse>)` runs once, on a host thread that must not block, unless this is refused here.
  template <class Function>
  Result<Sent> send(const Call& call, ClientRequest request, Function told) {
    auto shared = std::make_shared<Function>(std::move(told));  // std::function copies
    auto exchange = std::make_shared<detail::ClientExchange>(
        *host_, [shared](Result<ClientResponse> response) { (*shared)(std::move(response)); });
    if (Status begun = exchange->start(call, std::move(request), REVENGE_HTTP_CLIENT_WHOLE); !begun)
      return std::unexpected(std::move(begun.error()));
    return Sent(std::move(exchange));
  }
  Result<Upload> upload(const Call& call, ClientRequest request) {
    auto exchange = std::make_shared<detail::ClientExchange>(*host_);
    if (Status begun = exchange->start(call, std::move(request), REVENGE_HTTP_CLIENT_STREAM); !begun)
      return std::unexpected(std::move(begun.error()));
    return Upload(std::move(exchange));
  }

 private:
  Host* host_;
};

inline HttpClient Host::httpClient() { return HttpClient(*this); }

}  // namespace revenge
