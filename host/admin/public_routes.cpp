#include <string>

#include "admin/json.hpp"
#include "admin/routes.hpp"
#include "http/exchange.hpp"

namespace revenge::admin {

namespace {

http::Route route(std::string pattern, http::Handler handle) {
  http::Route made;
  made.pattern = std::move(pattern);
  made.execution = http::Execution::kInline;
  made.handle = std::move(handle);
  return made;
}

revenge_status answer(http::Exchange& exchange, std::uint32_t status, std::string_view type,
                      std::string body) {
  static constexpr revenge_field kUncached[] = {{{"cache-control", 13}, {"no-store", 8}}};
  http::Response response;
  response.status = status;
  response.content_type = type;
  response.headers = kUncached;
  response.body = http::Bytes(std::move(body));
  return exchange.respond(std::move(response)) ? REVENGE_OK : REVENGE_FAILED;
}

// Degraded is 200: the host still serves.
std::string describe(const observe::HealthReport& report, bool good) {
  Json json;
  json.object();
  json.key("status").text(!good ? "unavailable" : report.degraded ? "degraded" : "ok");
  json.key("conditions").array();
  for (const observe::HealthEntry& entry : report.entries) {
    json.object();
    json.key("component").text(entry.component).key("name").text(entry.name).key("met").boolean(entry.met);
    if (!entry.met) json.key("reason").text(entry.reason);
    json.end();
  }
  json.end().end();
  return json.take();
}

}  // namespace

std::vector<http::Route> publicRoutes(const observe::Health& health, const observe::Metrics& metrics) {
  return {
      route("/health/live",
            [&health](http::Exchange& exchange, revenge_error&) {
              const auto report = health.report();
              return answer(exchange, report.live ? 200 : 503, "application/json",
                            describe(report, report.live));
            }),
      route("/health/ready",
            [&health](http::Exchange& exchange, revenge_error&) {
              const auto report = health.report();
              return answer(exchange, report.ready ? 200 : 503, "application/json",
                            describe(report, report.ready));
            }),
      route("/metrics",
            [&metrics](http::Exchange& exchange, revenge_error&) {
              return answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", metrics.render());
            }),
  };
}

}  // namespace revenge::admin
