#include "admin/control_table.hpp"
#include "admin/finding.hpp"
#include "admin/request.hpp"

namespace revenge::admin {

void addDoctorRoutes(ControlTable& table, const SharedRooms& rooms) {
  table.look(http::Method::kGet, "/v1/doctor", [rooms](http::Exchange& exchange) {
    return answer(exchange, 200, describe(rooms->examine(), Whence::kRunning));
  });
}

}  // namespace revenge::admin
