// The routes of the control plane as they are gathered, a file of routes for each subject. Thread safety: confined to the
// thread that starts the host.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "admin/routes.hpp"
#include "http/exchange.hpp"
#include "http/route.hpp"

namespace revenge::admin {

using SharedRooms = std::shared_ptr<const ControlRooms>;  // shared by the handlers
using Handle = std::function<revenge_status(http::Exchange& exchange)>;

// What a handler did, or failed to do, for the record of who changed what. Values of secrets never stand in it.
struct Deed {
  std::string what = {};    // "swap stream", "config set http.port"; empty: nothing was changed
  std::string before = {};  // one line each; empty where there is no such thing
  std::string after = {};
  std::optional<base::Error> failure =
      {};  // why it was not done; where it is missing the answer's status tells
};
using Change = std::function<revenge_status(http::Exchange& exchange, Deed& deed)>;

// Who asks for what, by which request: a record that lacks what came of it.
AuditRecord recordOf(const http::Exchange& exchange, Operator who);
// Records it and answers 403.
revenge_status deny(const ControlRooms& rooms, http::Exchange& exchange, Operator who);
Outcome outcomeOf(const base::Error& failure);

class ControlTable {
 public:
  ControlTable(runtime::LaneId lane, SharedRooms rooms) : lane_(lane), rooms_(std::move(rooms)) {}

  // For whoever may open the socket. The route may be added to until the next one.
  http::Route& look(http::Method method, std::string pattern, Handle handle);
  // For those who may steer; others are refused before the handler. What it did, what it failed to do, and who was
  // refused, goes into the audit log and becomes an event `control.changed` or `control.refused`.
  http::Route& change(http::Method method, std::string pattern, Change handle);

  // For whoever may open the socket, whom the handler is told: it refuses and records by itself, later too.
  using Known = std::function<revenge_status(http::Exchange& exchange, Operator who)>;
  http::Route& known(http::Method method, std::string pattern, Known handle);

  std::vector<http::Route> take() { return std::move(routes_); }

 private:
  const runtime::LaneId lane_;
  const SharedRooms rooms_;
  std::vector<http::Route> routes_;
};

void addCommandRoutes(ControlTable& table, const SharedRooms& rooms);
void addPackageRoutes(ControlTable& table, const SharedRooms& rooms);
void addPluginRoutes(ControlTable& table, const SharedRooms& rooms);
void addConfigRoutes(ControlTable& table, const SharedRooms& rooms);
void addFlagsRoutes(ControlTable& table, const SharedRooms& rooms);
void addHealthRoutes(ControlTable& table, const SharedRooms& rooms);
void addTopRoutes(ControlTable& table, const SharedRooms& rooms);
void addDoctorRoutes(ControlTable& table, const SharedRooms& rooms);
void addHostRoutes(ControlTable& table, const SharedRooms& rooms);
void addAuditRoutes(ControlTable& table, const SharedRooms& rooms);
void addTailRoutes(ControlTable& table, const SharedRooms& rooms);
void addLogRoutes(ControlTable& table, const SharedRooms& rooms);

}  // namespace revenge::admin
