#include "admin/control_table.hpp"

#include <utility>

#include "admin/request.hpp"

namespace revenge::admin {

http::Route& ControlTable::look(http::Method method, std::string pattern, Handle handle) {
  http::Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.owner.lane = lane_;
  route.handle = [handle = std::move(handle)](http::Exchange& exchange, revenge_error&) {
    return handle(exchange);
  };
  return routes_.emplace_back(std::move(route));
}

http::Route& ControlTable::change(http::Method method, std::string pattern, Handle handle) {
  return look(method, std::move(pattern), [handle = std::move(handle)](http::Exchange& exchange) {
    return maySteer(exchange) ? handle(exchange) : refuseSteering(exchange);
  });
}

std::vector<http::Route> controlRoutes(ControlRooms given, runtime::LaneId lane) {
  const auto rooms = std::make_shared<const ControlRooms>(std::move(given));
  ControlTable table(lane);
  addHostRoutes(table, rooms);
  addPluginRoutes(table, rooms);
  addConfigRoutes(table, rooms);
  return table.take();
}

}  // namespace revenge::admin
