#include "admin/control_table.hpp"

#include <utility>

#include "admin/operators.hpp"
#include "admin/request.hpp"

namespace revenge::admin {

namespace {

constexpr std::uint32_t kFirstError = 400;  // HTTP status
constexpr std::uint32_t kFirstFault = 500;

Outcome outcomeOf(const Deed& deed, std::uint32_t status) {
  if (deed.failure) return admin::outcomeOf(*deed.failure);
  if (status < kFirstError) return Outcome::kDone;
  return status < kFirstFault ? Outcome::kRefused : Outcome::kFailed;
}

std::string targetOf(const http::Exchange& exchange) {
  const revenge_view path = exchange.request().path;
  return fmt::format("{} {}", exchange.request().method == REVENGE_HTTP_DELETE ? "DELETE" : "POST",
                     std::string_view(path.data, path.size));
}

// Without anything done or failed there is nothing to tell: what was asked for was so already.
void tell(const ControlRooms& rooms, const http::Exchange& exchange, Operator who, Deed deed) {
  const std::uint32_t status = exchange.answered();
  const Outcome outcome = outcomeOf(deed, status);
  if (outcome == Outcome::kDone && deed.what.empty()) return;
  AuditRecord record = recordOf(exchange, std::move(who));
  if (!deed.what.empty()) record.what = std::move(deed.what);
  record.before = std::move(deed.before);
  record.after = std::move(deed.after);
  record.outcome = outcome;
  if (deed.failure) record.reason = std::move(deed.failure->message);
  if (record.reason.empty() && outcome != Outcome::kDone) record.reason = fmt::format("answered {}", status);
  rooms.audit.write(std::move(record));
}

// Of a stranger nothing is known but the address; whoever knocks at random does not fill the log.
Operator stranger(const http::Exchange& exchange) {
  const revenge_view address = exchange.request().remote_address;
  Operator nobody;
  nobody.who = "nobody known";
  nobody.address = {address.data, address.size};
  return nobody;
}

}  // namespace

Outcome outcomeOf(const base::Error& failure) {
  return failure.code == base::Errc::kFailed || failure.code == base::Errc::kIo ||
                 failure.code == base::Errc::kTimedOut
             ? Outcome::kFailed
             : Outcome::kRefused;
}

AuditRecord recordOf(const http::Exchange& exchange, Operator who) {
  AuditRecord record;
  record.who = std::move(who);
  record.what = targetOf(exchange);
  const revenge_view request = exchange.call().origin->request_id;
  record.request_id = {request.data, request.size};
  return record;
}

revenge_status deny(const ControlRooms& rooms, http::Exchange& exchange, Operator who) {
  AuditRecord record = recordOf(exchange, std::move(who));
  record.outcome = Outcome::kDenied;
  record.reason = "may look, and change nothing";
  rooms.audit.write(std::move(record));
  return refuseSteering(exchange);
}

http::Route& ControlTable::known(http::Method method, std::string pattern, Known handle) {
  http::Route route;
  route.method = method;
  route.pattern = std::move(pattern);
  route.owner.lane = lane_;
  route.handle = [handle = std::move(handle), rooms = rooms_](http::Exchange& exchange, revenge_error&) {
    auto who = rooms->operators.of(exchange);
    if (!who) {
      rooms->audit.turnedAway(stranger(exchange), targetOf(exchange));
      return askForCredentials(exchange);
    }
    return handle(exchange, std::move(*who));
  };
  return routes_.emplace_back(std::move(route));
}

http::Route& ControlTable::look(http::Method method, std::string pattern, Handle handle) {
  return known(
      method, std::move(pattern),
      [handle = std::move(handle)](http::Exchange& exchange, const Operator&) { return handle(exchange); });
}

http::Route& ControlTable::change(http::Method method, std::string pattern, Change handle) {
  return known(method, std::move(pattern),
               [handle = std::move(handle), rooms = rooms_](http::Exchange& exchange, Operator who) {
                 if (who.role != Role::kSteer) return deny(*rooms, exchange, std::move(who));
                 Deed deed;
                 const revenge_status answered = handle(exchange, deed);
                 tell(*rooms, exchange, std::move(who), std::move(deed));
                 return answered;
               });
}

std::vector<http::Route> controlRoutes(ControlRooms given, runtime::LaneId lane) {
  const auto rooms = std::make_shared<const ControlRooms>(std::move(given));
  ControlTable table(lane, rooms);
  addHostRoutes(table, rooms);
  addDoctorRoutes(table, rooms);
  addPluginRoutes(table, rooms);
  addPackageRoutes(table, rooms);
  addCommandRoutes(table, rooms);
  addConfigRoutes(table, rooms);
  addAuditRoutes(table, rooms);
  addTailRoutes(table, rooms);
  addFlagsRoutes(table, rooms);
  addHealthRoutes(table, rooms);
  addTopRoutes(table, rooms);
  addLogRoutes(table, rooms);
  return table.take();
}

}  // namespace revenge::admin
