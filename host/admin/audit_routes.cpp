// The audit log as lines of JSON: what is kept, and what is added to it.
#include "admin/control_table.hpp"
#include "admin/line_stream.hpp"
#include "admin/request.hpp"

namespace revenge::admin {

namespace {

constexpr std::size_t kMost = 1000;   // records of one answer
constexpr std::size_t kAhead = 1000;  // that may wait for a slow reader

// The kept records, then those to come, as their events tell of them.
class AuditLines final : public LineSource {
 public:
  AuditLines(const AuditLog& audit, observe::EventStream& events, std::uint64_t from,
             std::function<void()> wake)
      : coming_(events.collect({"control.changed", "control.refused"}, kAhead, std::move(wake))) {
    for (const std::string& line : audit.read(from, kMost)) add(line);
  }

  std::string take() override {
    while (lines_.empty()) {
      const observe::EventBatch batch = coming_.read(1);
      if (batch.missed > 0) lines_ += fmt::format("{{\"missed\":{}}}\n", batch.missed);
      if (batch.events.empty()) break;
      add(batch.events.front().payload);
    }
    return std::exchange(lines_, {});
  }

 private:
  // What came while the kept ones were read is among them.
  void add(const std::string& line) {
    const std::uint64_t number = numberOf(line);
    if (number <= last_) return;
    last_ = number;
    lines_ += line + "\n";
  }

  observe::EventSubscription coming_;
  std::uint64_t last_ = 0;
  std::string lines_;
};

revenge_status audit(const ControlRooms& rooms, http::Exchange& exchange) {
  const std::string_view given = queryParameter(exchange, "from");
  const auto from = given.empty() ? 0 : wholeNumber(given);
  if (!from) {
    return refuse(exchange, {base::Errc::kInvalid,
                             fmt::format("from: expected the number of a record, got '{}'", given)});
  }
  if (queryParameter(exchange, "follow") == "1") {
    return streamLines(exchange, [&](std::function<void()> wake) {
      return std::make_unique<AuditLines>(rooms.audit, rooms.events, *from, std::move(wake));
    });
  }
  std::string lines;
  for (const std::string& line : rooms.audit.read(*from, kMost)) lines += line + "\n";
  return answerLines(exchange, std::move(lines));
}

}  // namespace

void addAuditRoutes(ControlTable& table, const SharedRooms& rooms) {
  table.look(http::Method::kGet, "/v1/audit",
             [rooms](http::Exchange& exchange) { return audit(*rooms, exchange); });
}

}  // namespace revenge::admin
