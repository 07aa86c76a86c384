#include "ext/trace.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "ext/bundle.hpp"

namespace revenge::ext {

namespace {

using observe::TraceContext;

void add(observe::SpanRecord& record, const revenge_attribute* attributes, std::size_t count) {
  for (const revenge_attribute& attribute : std::span(attributes, count)) {
    observe::SpanValue value;
    value.integer = attribute.integer;
    switch (attribute.type) {
      case REVENGE_ATTRIBUTE_BOOLEAN:
        value.type = observe::SpanValue::Type::kBoolean;
        break;
      case REVENGE_ATTRIBUTE_INTEGER:
      case REVENGE_ATTRIBUTE_DURATION_NS:
        value.type = observe::SpanValue::Type::kInteger;
        break;
      case REVENGE_ATTRIBUTE_NUMBER:
        value.type = observe::SpanValue::Type::kNumber;
        value.number = attribute.number;
        break;
      default:
        value.type = observe::SpanValue::Type::kText;
        value.text = text(attribute.text);
    }
    record.add(text(attribute.name), value);
  }
}

}  // namespace

std::shared_ptr<TraceAdapter::Open> TraceAdapter::make(const revenge_call* call) {
  auto open = std::make_shared<Open>();
  const revenge_origin& above = *call->origin;
  open->ids = {above.trace_id_high, above.trace_id_low, spans_.newId(), above.span_id,
               static_cast<std::uint8_t>(above.trace_flags)};
  open->begun = clock_.now();
  open->origin = above;
  open->origin.span_id = open->ids.span_id;
  open->call = *call;
  open->call.origin = &open->origin;
  return open;
}

std::shared_ptr<TraceAdapter::Open> TraceAdapter::makeRoot(const revenge_call* call) {
  if (!spans_.wanted()) return nullptr;
  const std::uint64_t low = spans_.newId();
  if (!spans_.samplesRoot(low)) return nullptr;
  auto open = std::make_shared<Open>();
  const std::uint8_t flags = TraceContext::kSampled | TraceContext::kRandom;
  open->ids = {spans_.newId(), low, spans_.newId(), 0, flags};
  open->begun = clock_.now();
  open->origin.size = sizeof(revenge_origin);
  open->origin.trace_flags = flags;
  open->origin.trace_id_high = open->ids.trace_id_high;
  open->origin.trace_id_low = low;
  open->origin.span_id = open->ids.span_id;
  if (call != nullptr) open->call = *call;
  open->call.size = sizeof(revenge_call);
  open->call.origin = &open->origin;
  return open;
}

revenge_handle TraceAdapter::begin(const revenge_host& host, revenge_call& call, std::string name) {
  auto open = make(&call);
  open->name = std::move(name);
  const revenge_origin* const origin = &open->origin;
  const revenge_handle handle = open_.add(host.instance, std::move(open), kOpen);
  if (handle != 0) call.origin = origin;
  return handle;
}

std::optional<TraceAdapter::Outgoing> TraceAdapter::beginOutgoing(const revenge_host& host,
                                                                  const revenge_call& call) {
  auto open = make(&call);
  const observe::SpanIds ids = open->ids;
  const revenge_handle handle = open_.add(host.instance, std::move(open), kOpen);
  if (handle == 0) return std::nullopt;
  return Outgoing{handle, {ids.trace_id_high, ids.trace_id_low, ids.span_id, ids.flags}};
}

struct TraceTable {
  static revenge_status begin(const revenge_host* host, const revenge_call* call, revenge_span* span) {
    if (span == nullptr || span->size < sizeof(revenge_span)) return REVENGE_INVALID;
    span->recorded = false;
    span->handle = 0;
    span->call = call;
    const Ties* ties = alive(host);
    if (ties == nullptr) return REVENGE_GONE;
    TraceAdapter& adapter = ties->bundle.trace;
    const bool traced = call != nullptr && call->origin != nullptr;
    if (traced && !adapter.records(call)) return REVENGE_OK;
    auto open = traced ? adapter.make(call) : adapter.makeRoot(call);
    if (open == nullptr) return REVENGE_OK;
    const revenge_call* const beneath = &open->call;
    span->handle = adapter.open_.add(host->instance, std::move(open), TraceAdapter::kOpen);
    span->recorded = span->handle != 0;
    if (span->recorded) span->call = beneath;
    return REVENGE_OK;
  }

  // Also for an instance that is gone meanwhile: there is nothing of its left to find.
  static void end(const revenge_host* host, revenge_handle span, const revenge_span_end* what) {
    const Ties* ties = alive(host);
    if (ties == nullptr || what == nullptr) return;
    ties->bundle.trace.end(*host, span, [&](observe::SpanRecord& record) {
      const std::uint32_t kind =
          std::clamp<std::uint32_t>(what->kind, REVENGE_SPAN_INTERNAL, REVENGE_SPAN_CLIENT);
      record.kind = static_cast<observe::SpanKind>(kind);
      const std::uint32_t status = std::min<std::uint32_t>(what->status, REVENGE_SPAN_ERROR);
      record.status = static_cast<observe::SpanStatus>(status);
      record.name(text(what->name));
      record.message(text(what->message));
      add(record, what->attributes, what->attribute_count);
      for (const revenge_span_event& event : std::span(what->events, what->event_count)) {
        record.event(text(event.name), base::Instant(base::Duration(event.at_ns)));
        add(record, event.attributes, event.attribute_count);
      }
    });
  }
};

const revenge_trace& TraceAdapter::table() {
  static constexpr revenge_trace kTable{sizeof(revenge_trace), 0, TraceTable::begin, TraceTable::end};
  return kTable;
}

}  // namespace revenge::ext
