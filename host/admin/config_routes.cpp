#include <fmt/ranges.h>

#include "admin/control_table.hpp"
#include "admin/request.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

void addConfigRoutes(ControlTable& table, const SharedRooms& rooms) {
  table.change(http::Method::kPost, "/v1/config/reload", [rooms](http::Exchange& exchange, Deed& deed) {
    const bool all = queryParameter(exchange, "all") == "1";
    const auto applied = rooms->reload_configuration(all ? config::Whom::kAll : config::Whom::kChanged);
    if (applied && !applied->changed.empty()) {
      deed.what = "config reload";
      deed.after = fmt::format("{}", fmt::join(applied->changed, ", "));
    }
    return applied ? answer(exchange, 200, describe(*applied)) : refuse(exchange, applied.error());
  });
}

}  // namespace revenge::admin
