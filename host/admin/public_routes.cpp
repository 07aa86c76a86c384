#include "admin/public_routes.hpp"

#include <algorithm>
#include <span>

#include "admin/routes.hpp"

namespace revenge::admin {

http::Route publicRoute(std::string pattern, http::Handler handle) {
  http::Route made;
  made.pattern = std::move(pattern);
  made.execution = http::Execution::kInline;
  made.handle = std::move(handle);
  return made;
}

std::string_view requestHeader(const http::Exchange& exchange, std::string_view name) {
  const revenge_http_request& request = exchange.request();
  const std::span fields(request.headers, request.header_count);
  const auto found = std::ranges::find_if(
      fields, [&](const revenge_field& field) { return http::text(field.name) == name; });
  return found == fields.end() ? std::string_view() : http::text(found->value);
}

revenge_status answerNow(http::Exchange& exchange, std::uint32_t status, std::string_view type,
                         std::string body, std::vector<revenge_field> headers) {
  headers.push_back({http::view("cache-control"), http::view("no-store")});
  http::Response response;
  response.status = status;
  response.content_type = type;
  response.headers = headers;
  response.body = http::Bytes(std::move(body));
  return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
}

std::vector<http::Route> publicRoutes(const observe::Health& health, const observe::Metrics& metrics) {
  std::vector<http::Route> routes = healthRoutes(health);
  routes.push_back(metricsRoute(metrics));
  return routes;
}

}  // namespace revenge::admin
