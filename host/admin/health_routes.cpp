#include "admin/control_table.hpp"
#include "admin/health_view.hpp"
#include "admin/public_routes.hpp"
#include "admin/request.hpp"

namespace revenge::admin {

namespace {

using observe::Probe;

http::Route probe(std::string pattern, const observe::Health& health, Probe which) {
  return publicRoute(std::move(pattern), [&health, which](http::Exchange& exchange, revenge_error&) {
    const observe::Verdict verdict = health.report().verdict(which);
    return answerNow(exchange, observe::rowOf(verdict).http, kHealthType, tellHealth(verdict));
  });
}

}  // namespace

std::vector<http::Route> healthRoutes(const observe::Health& health) {
  return {probe("/health/live", health, Probe::kLive), probe("/health/startup", health, Probe::kStartup),
          probe("/health/ready", health, Probe::kReady)};
}

// Always 200: that the question was answered says nothing about how the host is.
void addHealthRoutes(ControlTable& table, const SharedRooms& rooms) {
  table.look(http::Method::kGet, "/v1/health", [rooms](http::Exchange& exchange) {
    return answer(exchange, 200, tellHealth(rooms->health.report()));
  });
}

}  // namespace revenge::admin
