#include "http/request_trace.hpp"

#include <array>
#include <charconv>

#include <fmt/format.h>

#include "http/connection.hpp"
#include "http/io_loop.hpp"
#include "http/redacted_query.hpp"
#include "http/server_core.hpp"
#include "http/text.hpp"
#include "observe/spans.hpp"
#include "observe/trace_state.hpp"

namespace revenge::http {
namespace {

using observe::SpanIds;
using observe::SpanKind;
using observe::SpanRecord;
using observe::SpanStatus;
using observe::TraceContext;

constexpr std::size_t kMaxQuery = 200;
constexpr std::size_t kMaxStateHeaders = 32;

observe::Spans& spansOf(const ExchangeRecord& record) { return *record.loop.core().parts.spans; }

SpanIds idsOf(const ExchangeRecord& record, std::uint64_t span, std::uint64_t parent) {
  return {record.origin.trace_id_high, record.origin.trace_id_low, span, parent,
          static_cast<std::uint8_t>(record.origin.trace_flags)};
}

std::string_view stateOf(ExchangeRecord& record) {
  std::array<std::string_view, kMaxStateHeaders> headers;
  std::size_t count = 0;
  for (const revenge_field& field : record.head.headers) {
    if (text(field.name) != "tracestate") continue;
    if (count == headers.size()) return {};
    headers[count++] = text(field.value);
  }
  if (count == 0) return {};
  return observe::acceptTraceState(std::span(headers).first(count), record.trace.state);
}

// "host:port" of the Host field.
void addServer(SpanRecord& span, std::string_view host) {
  const auto colon = host.rfind(':');
  const auto bracket = host.rfind(']');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || bracket < colon);
  span.add("server.address", host.substr(0, has_port ? colon : host.size()));
  int port = 0;
  if (!has_port) return;
  const auto [end, failed] = std::from_chars(host.data() + colon + 1, host.data() + host.size(), port);
  if (failed == std::errc() && end == host.data() + host.size()) span.add("server.port", port);
}

std::string_view userAgent(const RequestHead& head) {
  for (const revenge_field& field : head.headers) {
    if (text(field.name) == "user-agent") return text(field.value);
  }
  return {};
}

void addRequest(SpanRecord& span, const ExchangeRecord& record) {
  const RequestHead& head = record.head;
  const std::string_view route = record.endpoint != nullptr ? text(record.request_view.pattern) : "";
  std::array<char, 2 * SpanRecord::kMaxText> called{};
  const auto end = fmt::format_to_n(called.data(), called.size(), "{}{}{}", name(head.method),
                                    route.empty() ? "" : " ", route);
  span.name({called.data(), std::min(end.size, called.size())});
  span.add("http.request.method", name(head.method));
  span.add("http.route", route);
  span.add("url.scheme", "http");
  span.add("url.path", head.path);
  if (!head.query.empty()) span.add("url.query", redactedQuery(head.query, kMaxQuery));
  span.add("network.protocol.version", head.http11 ? "1.1" : "1.0");
  span.add("client.address", text(record.request_view.remote_address));
  addServer(span, head.host);
  span.add("user_agent.original", userAgent(head));
}

void addStatus(SpanRecord& span, std::uint32_t status) {
  constexpr std::uint32_t kServerError = 500;
  span.add("http.response.status_code", status);
  if (status < kServerError) return;
  span.status = SpanStatus::kError;
  std::array<char, 8> digits{};
  const auto* const end = std::to_chars(digits.data(), digits.data() + digits.size(), status).ptr;
  span.add("error.type", std::string_view(digits.data(), end));
}

std::string_view errorType(revenge_status status) {
  switch (status) {
    case REVENGE_INVALID:
      return "invalid";
    case REVENGE_NOT_FOUND:
      return "not_found";
    case REVENGE_UNAVAILABLE:
      return "unavailable";
    case REVENGE_GONE:
      return "gone";
    case REVENGE_BUSY:
      return "busy";
    case REVENGE_TIMED_OUT:
      return "timed_out";
    case REVENGE_CANCELLED:
      return "cancelled";
    case REVENGE_LIMIT:
      return "limit";
    case REVENGE_IO:
      return "io";
    default:
      return "failed";
  }
}

// What a handler says is wrong with the request is an answer; these are failures.
bool isFailure(revenge_status status) {
  switch (status) {
    case REVENGE_INVALID:
    case REVENGE_NOT_FOUND:
    case REVENGE_REFUSED:
    case REVENGE_EXISTS:
    case REVENGE_BUSY:
    case REVENGE_CANCELLED:
      return false;
    default:
      return status < 0;
  }
}

}  // namespace

void beginTrace(ExchangeRecord& record) {
  observe::Spans* const spans = record.loop.core().parts.spans;
  const auto parent = observe::parseTraceparent(record.head.traceparent);
  TraceContext trace = record.loop.traceIds().begin(parent);
  if (!parent && spans != nullptr && spans->samplesRoot(trace.trace_id_low))
    trace.flags |= TraceContext::kSampled;
  record.origin.trace_id_high = trace.trace_id_high;
  record.origin.trace_id_low = trace.trace_id_low;
  record.origin.span_id = trace.span_id;
  record.origin.trace_flags = trace.flags;
  record.origin.trace_state = parent ? view(stateOf(record)) : revenge_view{};
  record.trace.span_id = trace.span_id;
  record.trace.handler_id = 0;
  record.trace.parent_id = parent ? parent->span_id : 0;
  record.trace.recorded = spans != nullptr && spans->records(trace);
}

void endTrace(const ExchangeRecord& record, Ending ending, base::Instant now) {
  if (!record.trace.recorded) return;
  spansOf(record).record([&](SpanRecord& span) {
    span.begin(idsOf(record, record.trace.span_id, record.trace.parent_id), SpanKind::kServer, record.begun);
    span.ended = now;
    addRequest(span, record);
    if (record.status_sent != 0) addStatus(span, record.status_sent);
    if (record.running != nullptr) span.add("revenge.plugin", record.running->plugin);
    if (ending == Ending::kClientLeft) span.add("revenge.client_left", true);
    if (ending == Ending::kCutShort) {
      span.status = SpanStatus::kError;
      span.add("error.type", "cut_short");
    }
    span.traceState(text(record.origin.trace_state));
  });
}

void traceRefused(IoLoop& loop, const Parsed& parsed) {
  observe::Spans* const spans = loop.core().parts.spans;
  if (spans == nullptr || !spans->wanted()) return;
  const TraceContext trace = loop.traceIds().begin({});
  if (!spans->samplesRoot(trace.trace_id_low)) return;
  spans->record([&](SpanRecord& span) {
    const std::uint8_t flags = trace.flags | TraceContext::kSampled;
    span.begin({trace.trace_id_high, trace.trace_id_low, trace.span_id, 0, flags}, SpanKind::kServer,
               loop.now());
    span.name("HTTP");
    span.add("http.request.method", "_OTHER");
    span.add("url.scheme", "http");
    addStatus(span, parsed.status);
  });
}

void nameHandlerSpan(ExchangeRecord& record) {
  record.trace.handler_id = 0;
  if (!record.trace.recorded || record.running->plugin.empty()) return;
  record.trace.handler_id = record.origin.span_id = spansOf(record).newId();
}

void HandlerSpan::begin(From from) {
  observe::Spans& spans = spansOf(record_);
  begun_ = record_.loop.now();
  if (from == From::kLoop) return;
  spans.record([&](SpanRecord& span) {
    span.begin(idsOf(record_, spans.newId(), record_.trace.span_id), SpanKind::kInternal,
               record_.trace.submitted);
    span.ended = begun_;
    span.name("worker wait");
    span.plugin(record_.running->plugin);
  });
}

void HandlerSpan::finish() const {
  const std::string_view plugin = record_.running->plugin;
  spansOf(record_).record([&](SpanRecord& span) {
    span.begin(idsOf(record_, record_.trace.handler_id, record_.trace.span_id), SpanKind::kInternal, begun_);
    span.ended = record_.loop.now();
    const bool middleware = record_.route == nullptr;
    std::array<char, SpanRecord::kMaxText> called{};
    const auto end =
        fmt::format_to_n(called.data(), called.size(), "{} {}", plugin,
                         middleware ? std::string_view("middleware") : text(record_.request_view.pattern));
    span.name({called.data(), std::min(end.size, called.size())});
    span.plugin(plugin);
    if (!isFailure(record_.returned)) return;
    span.status = SpanStatus::kError;
    span.message(record_.error);
    span.add("error.type", errorType(record_.returned));
  });
}

}  // namespace revenge::http
