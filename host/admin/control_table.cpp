#include "admin/control_table.hpp"

#include <utility>

#include "admin/request.hpp"

namespace revenge::admin {

namespace {

void tell(observe::EventStream& events, const std::string& who, const Deed& deed) {
  observe::Event event;
  event.kind = "control.changed";
  event.text = fmt::format("{} by {}", deed.what, who);
  event.attributes = {{"what", deed.what}, {"who", who}, {"before", deed.before}, {"after", deed.after}};
  events.publish(std::move(event));
}

}  // namespace

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

http::Route& ControlTable::change(http::Method method, std::string pattern, Change handle) {
  return look(method, std::move(pattern),
              [handle = std::move(handle), rooms = rooms_](http::Exchange& exchange) {
                if (!maySteer(exchange)) return refuseSteering(exchange);
                const std::string who = fmt::format("uid {}", exchange.peer()->uid);
                Deed deed;
                const revenge_status answered = handle(exchange, deed);
                if (!deed.what.empty()) tell(rooms->events, who, deed);
                return answered;
              });
}

std::vector<http::Route> controlRoutes(ControlRooms given, runtime::LaneId lane) {
  const auto rooms = std::make_shared<const ControlRooms>(std::move(given));
  ControlTable table(lane, rooms);
  addHostRoutes(table, rooms);
  addPluginRoutes(table, rooms);
  addConfigRoutes(table, rooms);
  return table.take();
}

}  // namespace revenge::admin
