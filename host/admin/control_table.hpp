// The routes of the control plane as they are gathered, a file of routes for each subject. Thread safety: confined to the
// thread that starts the host.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "admin/routes.hpp"
#include "http/exchange.hpp"
#include "http/route.hpp"

namespace revenge::admin {

using Handle = std::function<revenge_status(http::Exchange& exchange)>;

class ControlTable {
 public:
  explicit ControlTable(runtime::LaneId lane) : lane_(lane) {}

  // For whoever may open the socket. The route may be added to until the next one.
  http::Route& look(http::Method method, std::string pattern, Handle handle);
  // For those who may steer; others are refused before the handler.
  http::Route& change(http::Method method, std::string pattern, Handle handle);

  std::vector<http::Route> take() { return std::move(routes_); }

 private:
  const runtime::LaneId lane_;
  std::vector<http::Route> routes_;
};

using SharedRooms = std::shared_ptr<const ControlRooms>;  // shared by the handlers

void addPluginRoutes(ControlTable& table, const SharedRooms& rooms);
void addConfigRoutes(ControlTable& table, const SharedRooms& rooms);
void addHostRoutes(ControlTable& table, const SharedRooms& rooms);

}  // namespace revenge::admin
