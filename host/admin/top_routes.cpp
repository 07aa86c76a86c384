#include "admin/control_table.hpp"
#include "admin/request.hpp"
#include "admin/top.hpp"

namespace revenge::admin {

void addTopRoutes(ControlTable& table, const SharedRooms& rooms) {
  table.look(http::Method::kGet, "/v1/top", [rooms](http::Exchange& exchange) {
    return answer(exchange, 200, rooms->top->describe(rooms->plugins.list()));
  });
}

}  // namespace revenge::admin
