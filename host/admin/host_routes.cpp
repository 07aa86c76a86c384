#include "admin/control_table.hpp"
#include "admin/event_lines.hpp"
#include "admin/request.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

namespace {

revenge_status events(observe::EventStream& stream, http::Exchange& exchange) {
  const std::string_view given = queryParameter(exchange, "from");
  const auto from = given.empty() ? 0 : wholeNumber(given);
  if (!from) {
    return refuse(exchange, {base::Errc::kInvalid,
                             fmt::format("from: expected the number of an event, got '{}'", given)});
  }
  return queryParameter(exchange, "follow") == "1" ? followEvents(exchange, stream, *from)
                                                   : answerEvents(exchange, stream, *from);
}

}  // namespace

void addHostRoutes(ControlTable& table, const SharedRooms& rooms) {
  using enum http::Method;
  table.look(kGet, "/v1/status",
             [rooms](http::Exchange& exchange) { return answer(exchange, 200, describeHost(*rooms)); });
  table.look(kGet, "/v1/events",
             [rooms](http::Exchange& exchange) { return events(rooms->events, exchange); });
  table.change(kPost, "/v1/stop", [rooms](http::Exchange& exchange, Deed& deed) {
    deed.what = "stop";
    const revenge_status answered = answer(exchange, 202, "{\"stopping\":true}");
    rooms->stop();
    return answered;
  });
}

}  // namespace revenge::admin
