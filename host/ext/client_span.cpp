#include "ext/client_span.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "ext/boundary.hpp"
#include "http/redacted_query.hpp"
#include "http/router.hpp"

namespace revenge::ext {

namespace {

std::string shownUrl(const http::Url& url) {
  const auto question = url.target.find('?');
  std::string text = url.origin() + url.target.substr(0, question);
  if (question == std::string::npos) return text;
  constexpr std::size_t kLongest = 150;
  return text + "?" + http::redactedQuery(std::string_view(url.target).substr(question + 1), kLongest);
}

std::string_view errorType(base::Errc code) {
  switch (code) {
    case base::Errc::kUnavailable:
      return "unavailable";
    case base::Errc::kRefused:
      return "refused";
    case base::Errc::kTimedOut:
      return "timed_out";
    case base::Errc::kLimit:
      return "limit";
    case base::Errc::kCancelled:
      return "cancelled";
    default:
      return "failed";
  }
}

}  // namespace

ClientSpan::ClientSpan(TraceAdapter& trace, const revenge_host& host, const revenge_call* call,
                       http::OutgoingRequest& request)
    : trace_(trace), host_(host), method_(request.method) {
  if (!request.trace) return;
  const revenge_view state = call->origin->trace_state;
  const auto named = [](const auto& field) { return field.first == "tracestate"; };
  if (state.size > 0 && std::ranges::none_of(request.fields, named))
    request.fields.emplace_back("tracestate", text(state));
  if (!trace_.records(call)) return;
  const auto begun = trace_.beginOutgoing(host, *call);
  if (!begun) return;
  span_ = begun->handle;
  url_ = request.url;
  request.trace = begun->context;
  request.parent = http::OutgoingRequest::Parent::kAsGiven;
}

void ClientSpan::end(const http::Fetch* fetch, const base::Result<http::Came>& came) const {
  if (span_ == 0) return;
  trace_.end(host_, span_, [&](observe::SpanRecord& record) { describe(record, fetch, came); });
}

void ClientSpan::describe(observe::SpanRecord& record, const http::Fetch* fetch,
                          const base::Result<http::Came>& came) const {
  record.kind = observe::SpanKind::kClient;
  record.name(http::name(method_));
  record.add("http.request.method", http::name(method_));
  record.add("server.address", url_.host);
  record.add("server.port", url_.port);
  record.add("url.full", shownUrl(url_));
  if (!came) {
    record.status = observe::SpanStatus::kError;
    record.message(came.error().message);
    record.add("error.type", errorType(came.error().code));
    return;
  }
  if (fetch == nullptr) return;
  const auto shown = fetch->response();
  if (!shown) return;
  const unsigned status = shown->head->status;
  record.add("http.response.status_code", status);
  constexpr unsigned kFirstError = 400;
  if (status < kFirstError) return;
  record.status = observe::SpanStatus::kError;
  record.add("error.type", std::to_string(status));
}

}  // namespace revenge::ext
