// Request: what a handler is asked. A borrowed view, valid until the handler returns; with a Responder, until
// the answer. Safe from any thread, except that one body is read by one reader at a time.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include <revenge/call.hpp>
#include <revenge/response.hpp>
#include <revenge/waiting.hpp>

namespace revenge {

enum class Method : std::uint32_t {
  kGet = REVENGE_HTTP_GET,
  kPost = REVENGE_HTTP_POST,
  kPut = REVENGE_HTTP_PUT,
  kDelete = REVENGE_HTTP_DELETE,
  kPatch = REVENGE_HTTP_PATCH,
  kHead = REVENGE_HTTP_HEAD,
  kOptions = REVENGE_HTTP_OPTIONS,
};

// The body of a route with Body::kStream, piece by piece.
class BodyReader {
 public:
  BodyReader(const Host& host, revenge_handle exchange) : host_(&host), exchange_(exchange) {}

  // The next piece, valid until the next read or the answer; nullopt at the end.
  auto read() const {
    using Piece = Result<std::optional<std::string_view>>;
    auto start = [host = host_, exchange = exchange_](revenge_view& piece, const revenge_completion& done,
                                                      revenge_error& error) {
      return host->httpTable().body_read(host->raw(), exchange, &piece, &done, &error);
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
};

// What holds for one request from now on, each where it is less than what held before.
struct RequestLimits {
  // On the host's monotonic clock, to the answer's head: 504 beyond.
  std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max();
  std::uint64_t bodyBytes = UINT64_MAX;  // also of a chunked body: 413 beyond
};

class Request {
 public:
  Request(const Host& host, const revenge_call* call, const revenge_http_request& raw)
      : host_(&host), call_(call), raw_(&raw) {}

  Method method() const { return static_cast<Method>(raw_->method); }
  std::string_view target() const { return boundary::text(raw_->target); }  // as sent
  std::string_view path() const { return boundary::text(raw_->path); }      // decoded, dot segments resolved
  std::string_view pattern() const { return boundary::text(raw_->pattern); }
  std::string_view remoteAddress() const { return boundary::text(raw_->remote_address); }
  std::uint32_t remotePort() const { return raw_->remote_port; }

  // Requires: the route's pattern has `{name}`.
  std::string_view param(std::string_view name) const {
    const revenge_field* field = find({raw_->path_parameters, raw_->path_parameter_count}, name);
    if (field == nullptr)
      throw Failure(Errc::kFailed,
                    "the route " + std::string(pattern()) + " has no {" + std::string(name) + "}");
    return boundary::text(field->value);
  }
  // The first of that name, decoded.
  std::optional<std::string_view> query(std::string_view name) const {
    return valueOf(find({raw_->query_parameters, raw_->query_parameter_count}, name));
  }
  // The first of that name; names are in lower case.
  std::optional<std::string_view> header(std::string_view name) const {
    return valueOf(find({raw_->headers, raw_->header_count}, name));
  }
  // Whole, for a route with Body::kWhole.
  std::string_view body() const { return boundary::text(raw_->body); }
  // nullopt: not known yet.
  std::optional<std::uint64_t> contentLength() const {
    if (raw_->content_length < 0) return std::nullopt;
    return static_cast<std::uint64_t>(raw_->content_length);
  }
  // False on an I/O thread (Run::kInline). A handler that would have to wait there fails with Errc::kBusy, before it has
  // answered, and is called once more on a worker.
  bool mayBlock() const { return raw_->may_block != 0; }
  BodyReader reader() const { return {*host_, raw_->exchange}; }

  // Deadline, cancellation and user; pass it to every call made for this request.
  Call call() const { return {*host_, call_}; }
  // When its head was there, on the host's monotonic clock; now, where the host is older than this.
  std::chrono::steady_clock::time_point receivedAt() const {
    const bool told = REVENGE_HAS(raw_, revenge_http_request, received_ns) && raw_->received_ns != 0;
    return std::chrono::steady_clock::time_point(
        std::chrono::nanoseconds(told ? raw_->received_ns : host_->clockTable().monotonic_ns(host_->raw())));
  }
  // How long the job that waits longest has been waiting for a worker of the plugin whose route this is: what this
  // request would wait at least. Zero: none waits, the route runs inline, or the host is older than this.
  std::chrono::nanoseconds queueDelay() const {
    if (!REVENGE_HAS(raw_, revenge_http_request, queue_delay_ns)) return {};
    return std::chrono::nanoseconds(raw_->queue_delay_ns);
  }
  // Of which plugin's workers that is: one number for each plugin. Zero: of none, the route runs inline, or the host is older
  // than this.
  std::uint64_t queue() const { return REVENGE_HAS(raw_, revenge_http_request, queue) ? raw_->queue : 0; }
  // For middleware, as long as the request has not been answered. kGone: its client left; kUnavailable: the host is older
  // than this.
  Status limit(const RequestLimits& limits) const {
    const revenge_http& table = host_->httpTable();
    if (!REVENGE_HAS(&table, revenge_http, limit))
      return fail(Errc::kUnavailable, "this host cannot limit one request");
    auto raw = boundary::sized<revenge_http_limit>();
    raw.deadline_ns = std::chrono::nanoseconds(limits.deadline.time_since_epoch()).count();
    raw.max_body_bytes = limits.bodyBytes;
    boundary::ErrorText error;
    return boundary::status(table.limit(host_->raw(), raw_->exchange, &raw, &error), &error);
  }
  // For middleware: Http::onEnded of this plugin is told once, with this tag, when the request is over. kExists: it was asked
  // for before; kUnavailable: the host is older than this.
  Status tellEnd(std::uint64_t tag) const {
    const revenge_http& table = host_->httpTable();
    if (!REVENGE_HAS(&table, revenge_http, tell_end))
      return fail(Errc::kUnavailable, "this host does not tell how requests end");
    boundary::ErrorText error;
    return boundary::status(table.tell_end(host_->raw(), raw_->exchange, tag, &error), &error);
  }
  // Adds a field to whatever answer follows.
  Status addHeader(std::string_view name, std::string_view value) const {
    const revenge_field field{boundary::view(name), boundary::view(value)};
    boundary::ErrorText error;
    return boundary::status(host_->httpTable().add_header(host_->raw(), raw_->exchange, &field, &error),
                            &error);
  }

  // For repeated fields and whatever has no accessor.
  const revenge_http_request& raw() const { return *raw_; }

 private:
  static const revenge_field* find(std::span<const revenge_field> fields, std::string_view name) {
    for (const revenge_field& field : fields)
      if (boundary::text(field.name) == name) return &field;
    return nullptr;
  }
  static std::optional<std::string_view> valueOf(const revenge_field* field) {
    if (field == nullptr) return std::nullopt;
    return boundary::text(field->value);
  }

  const Host* host_;
  const revenge_call* call_;
  const revenge_http_request* raw_;
};

}  // namespace revenge
