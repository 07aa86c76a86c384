// GET /v1/tail: events and log records as they happen, one JSON object a line, {"event": ...} or {"log": ...}.
#include "admin/control_table.hpp"
#include "admin/line_stream.hpp"
#include "admin/request.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

namespace {

constexpr std::size_t kBatch = 100;
constexpr std::size_t kEventsAhead = 1000;

struct TailFilter {
  LogFilter logs = {};
  observe::EventKinds kinds = {};
  bool with_logs = true;
};

bool wanted(const TailFilter& filter, const observe::Event& event) {
  if (!filter.logs.plugin.empty() && event.plugin != filter.logs.plugin && event.source != filter.logs.plugin)
    return false;
  if (!filter.logs.request.empty() && event.cause.request_id != filter.logs.request) return false;
  return filter.logs.trace.empty() || traceOf(event.cause) == filter.logs.trace;
}

std::string missedLine(std::uint64_t missed, std::string_view of) {
  return missed == 0 ? "" : fmt::format("{{\"missed\":{},\"of\":\"{}\"}}\n", missed, of);
}

class TailLines final : public LineSource {
 public:
  TailLines(const ControlRooms& rooms, TailFilter filter, const std::function<void()>& wake)
      : filter_(std::move(filter)), events_(rooms.events.collect(filter_.kinds, kEventsAhead, wake)) {
    if (filter_.with_logs) logs_ = rooms.feed.open(filter_.logs, wake);
  }

  std::string take() override {
    std::string lines;
    bool more = true;
    while (lines.empty() && more) {
      more = takeEvents(lines);
      more = takeLogs(lines) || more;
    }
    return lines;
  }

 private:
  // True: there may be more already.
  bool takeEvents(std::string& lines) {
    const observe::EventBatch batch = events_.read(kBatch);
    lines += missedLine(batch.missed, "events");
    for (const observe::Event& event : batch.events) {
      if (wanted(filter_, event)) lines += fmt::format("{{\"event\":{}}}\n", describe(event));
    }
    return batch.events.size() == kBatch;
  }
  bool takeLogs(std::string& lines) {
    if (logs_ == nullptr) return false;
    const LogFeed::Lines batch = logs_->read(kBatch);
    lines += missedLine(batch.missed, "lines of the log");
    for (const std::string& line : batch.lines) lines += fmt::format("{{\"log\":{}}}\n", line);
    return batch.lines.size() == kBatch;
  }

  const TailFilter filter_;
  observe::EventSubscription events_;
  std::unique_ptr<LogFeed::Reader> logs_;  // null: only events
};

base::Result<TailFilter> filterOf(const http::Exchange& exchange) {
  TailFilter filter;
  filter.logs.plugin = queryParameter(exchange, "plugin");
  filter.logs.request = queryParameter(exchange, "request");
  filter.logs.trace = queryParameter(exchange, "trace");
  const auto level = givenParameter(exchange, "level");
  if (level) {
    const auto known = observe::parseLevel(*level);
    if (!known)
      return base::fail(base::Errc::kInvalid, "level: expected trace, debug, info, warn or error, got '{}'",
                        *level);
    filter.logs.level = *known;
  }
  if (const auto kind = givenParameter(exchange, "kind"); kind && !kind->empty()) {
    filter.kinds.emplace_back(*kind);
    filter.with_logs = level.has_value();
  }
  return filter;
}

}  // namespace

void addTailRoutes(ControlTable& table, const SharedRooms& rooms) {
  table.look(http::Method::kGet, "/v1/tail", [rooms](http::Exchange& exchange) {
    auto filter = filterOf(exchange);
    if (!filter) return refuse(exchange, filter.error());
    return streamLines(exchange, [&](const std::function<void()>& wake) {
      return std::make_unique<TailLines>(*rooms, std::move(*filter), wake);
    });
  });
}

}  // namespace revenge::admin
