#include "http/request_views.hpp"

#include <algorithm>
#include <charconv>

#include "http/connection.hpp"
#include "http/io_loop.hpp"
#include "http/request_trace.hpp"
#include "http/server_core.hpp"
#include "http/text.hpp"

namespace revenge::http {
namespace {

constexpr std::size_t kMaxRequestId = 64;

// The client's id when it is harmless in a log and a header; else one of this run.
std::string_view chooseRequestId(ExchangeRecord& record) {
  const std::string_view given = record.head.request_id;
  const auto harmless = [](char c) { return isTokenByte(c); };
  if (!given.empty() && given.size() <= kMaxRequestId && std::ranges::all_of(given, harmless)) return given;
  ServerCore& core = record.loop.core();
  char* const end = record.request_id.data() + record.request_id.size();
  char* at = std::to_chars(record.request_id.data(), end, core.run_id, 16).ptr;
  *at++ = '-';
  at = std::to_chars(at, end, core.next_request.fetch_add(1, std::memory_order_relaxed), 16).ptr;
  return {record.request_id.data(), static_cast<std::size_t>(at - record.request_id.data())};
}

}  // namespace

void fillViews(ExchangeRecord& record, std::string_view path) {
  const Peer& peer = record.connection->peer();
  const RequestHead& head = record.head;
  record.origin = {};
  record.origin.size = sizeof(revenge_origin);
  record.origin.request_id = view(chooseRequestId(record));
  beginTrace(record);
  record.call_view = {};
  record.call_view.size = sizeof(revenge_call);
  record.call_view.cancel = record.handle();
  record.call_view.origin = &record.origin;
  record.credentials = peer.credentials;
  record.client_certificate = peer.certificate;

  revenge_http_request& request = record.request_view;
  request.size = sizeof(revenge_http_request);
  request.method = static_cast<std::uint32_t>(head.method);
  request.target = view(head.target);
  request.path = view(path);
  request.query = view(head.query);
  request.query_parameters = record.query_parameters.data();
  request.query_parameter_count = record.query_parameters.size();
  request.headers = head.headers.data();
  request.header_count = head.headers.size();
  record.remote_address = peer.address;
  request.remote_address = view(record.remote_address);
  request.remote_port = peer.port;
  request.body = {};
  request.content_length = head.content_length;
  request.received_ns = record.begun.time_since_epoch().count();
  request.queue_delay_ns = 0;
  request.queue = 0;
}

void fillRoute(ExchangeRecord& record) {
  const Endpoint& endpoint = *record.endpoint;
  record.path_parameters.clear();
  for (std::size_t i = 0; i < endpoint.parameters.size(); ++i) {
    record.path_parameters.push_back({view(endpoint.parameters[i]), view(record.parameter_values[i])});
  }
  record.request_view.pattern = view(endpoint.pattern);
  record.request_view.path_parameters = record.path_parameters.data();
  record.request_view.path_parameter_count = record.path_parameters.size();
}

}  // namespace revenge::http
