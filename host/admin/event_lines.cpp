#include "admin/event_lines.hpp"

#include <string>
#include <utility>

#include <fmt/format.h>

#include "admin/line_stream.hpp"
#include "admin/views.hpp"

namespace revenge::admin {

namespace {

std::string linesOf(const observe::EventBatch& batch) {
  std::string lines;
  if (batch.missed > 0) lines += fmt::format("{{\"missed\":{}}}\n", batch.missed);
  for (const observe::Event& event : batch.events) lines += describe(event) + "\n";
  return lines;
}

class EventLines final : public LineSource {
 public:
  explicit EventLines(observe::EventSubscription subscription) : subscription_(std::move(subscription)) {}
  std::string take() override { return linesOf(subscription_.read()); }

 private:
  observe::EventSubscription subscription_;
};

}  // namespace

revenge_status answerEvents(http::Exchange& exchange, observe::EventStream& events, std::uint64_t from) {
  auto subscription = events.subscribe(from, [] {});
  std::string lines;
  for (std::uint64_t last = events.lastSequence(); last > 0;) {
    const observe::EventBatch batch = subscription.read();
    if (batch.events.empty()) break;
    lines += linesOf(batch);
    if (batch.events.back().sequence >= last) break;
  }
  return answerLines(exchange, std::move(lines));
}

revenge_status followEvents(http::Exchange& exchange, observe::EventStream& events, std::uint64_t from) {
  return streamLines(exchange, [&](std::function<void()> wake) {
    return std::make_unique<EventLines>(events.subscribe(from, std::move(wake)));
  });
}

}  // namespace revenge::admin
