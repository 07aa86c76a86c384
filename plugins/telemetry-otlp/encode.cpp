#include "encode.hpp"

#include <algorithm>

#include "json_writer.hpp"
#include "protobuf_writer.hpp"

namespace telemetry_otlp {

namespace {

constexpr unsigned kCumulative = 2;
constexpr std::string_view kHostScope = "revenge";

template <typename Writer, typename Items, typename Each>
void messages(Writer& out, Field field, const Items& items, Each each) {
  if (items.empty()) return;
  out.beginList(field);
  for (const auto& item : items) {
    out.beginItem(field);
    each(item);
    out.endItem();
  }
  out.endList();
}

template <typename Writer>
void optionalText(Writer& out, Field field, std::string_view text) {
  if (!text.empty()) out.text(field, text);
}

template <typename Writer>
void optionalCount(Writer& out, Field field, std::uint32_t count) {
  if (count > 0) out.uint32(field, count);
}

template <typename Writer>
void anyValue(Writer& out, Field field, const Value& value) {
  out.beginMessage(field);
  if (const auto* text = std::get_if<std::string_view>(&value)) out.text({1, "stringValue"}, *text);
  if (const auto* boolean = std::get_if<bool>(&value)) out.boolean({2, "boolValue"}, *boolean);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) out.int64({3, "intValue"}, *integer);
  if (const auto* number = std::get_if<double>(&value)) out.number({4, "doubleValue"}, *number);
  out.endMessage();
}

template <typename Writer>
void attributes(Writer& out, Field field, const Attributes& from) {
  messages(out, field, from, [&](const Attribute& attribute) {
    out.text({1, "key"}, attribute.key);
    anyValue(out, {2, "value"}, attribute.value);
  });
}

template <typename Writer>
void resourceOf(Writer& out, const Resource& resource) {
  out.beginMessage({1, "resource"});
  messages(out, {1, "attributes"}, resource, [&](const auto& pair) {
    out.text({1, "key"}, pair.first);
    anyValue(out, {2, "value"}, std::string_view(pair.second));
  });
  out.endMessage();
}

template <typename Writer>
void scopeOf(Writer& out, std::string_view scope) {
  out.beginMessage({1, "scope"});
  out.text({1, "name"}, scope.empty() ? kHostScope : scope);
  out.endMessage();
}

template <typename Writer>
void traceOf(Writer& out, Field trace_field, TraceId trace, Field span_field, std::uint64_t span) {
  if (trace) out.traceId(trace_field, trace.high, trace.low);
  if (span != 0) out.spanId(span_field, span);
}

template <typename Writer>
void spanOf(Writer& out, const Span& span) {
  traceOf(out, {1, "traceId"}, span.trace, {2, "spanId"}, span.id);
  optionalText(out, {3, "traceState"}, span.trace_state);
  if (span.parent != 0) out.spanId({4, "parentSpanId"}, span.parent);
  out.text({5, "name"}, span.name);
  out.enumeration({6, "kind"}, static_cast<unsigned>(span.kind));
  out.fixed64({7, "startTimeUnixNano"}, static_cast<std::uint64_t>(span.begun));
  out.fixed64({8, "endTimeUnixNano"}, static_cast<std::uint64_t>(span.ended));
  attributes(out, {9, "attributes"}, span.attributes);
  optionalCount(out, {10, "droppedAttributesCount"}, span.dropped_attributes);
  messages(out, {11, "events"}, span.events, [&](const Event& event) {
    out.fixed64({1, "timeUnixNano"}, static_cast<std::uint64_t>(event.at));
    out.text({2, "name"}, event.name);
    attributes(out, {3, "attributes"}, event.attributes);
  });
  optionalCount(out, {12, "droppedEventsCount"}, span.dropped_events);
  if (span.status != Status::kUnset) {
    out.beginMessage({15, "status"});
    optionalText(out, {2, "message"}, span.message);
    out.enumeration({3, "code"}, static_cast<unsigned>(span.status));
    out.endMessage();
  }
  out.fixed32({16, "flags"}, span.flags);
}

std::string_view severityText(Severity severity) {
  switch (severity) {
    case Severity::kTrace:
      return "TRACE";
    case Severity::kDebug:
      return "DEBUG";
    case Severity::kInfo:
      return "INFO";
    case Severity::kWarn:
      return "WARN";
    case Severity::kError:
      return "ERROR";
    case Severity::kFatal:
      return "FATAL";
  }
  return {};
}

template <typename Writer>
void recordOf(Writer& out, const LogRecord& record) {
  out.fixed64({1, "timeUnixNano"}, static_cast<std::uint64_t>(record.at));
  out.enumeration({2, "severityNumber"}, static_cast<unsigned>(record.severity));
  out.text({3, "severityText"}, severityText(record.severity));
  anyValue(out, {5, "body"}, record.body);
  attributes(out, {6, "attributes"}, record.attributes);
  traceOf(out, {9, "traceId"}, record.trace, {10, "spanId"}, record.span);
  out.fixed64({11, "observedTimeUnixNano"}, static_cast<std::uint64_t>(record.at));
}

template <typename Writer>
void exemplars(Writer& out, Field field, const std::vector<Exemplar>& from) {
  messages(out, field, from, [&](const Exemplar& exemplar) {
    out.fixed64({2, "timeUnixNano"}, static_cast<std::uint64_t>(exemplar.at));
    out.number({3, "asDouble"}, exemplar.value);
    traceOf(out, {5, "traceId"}, exemplar.trace, {4, "spanId"}, exemplar.span);
  });
}

template <typename Writer>
void times(Writer& out, const Point& point, std::int64_t at) {
  if (point.started != 0) out.fixed64({2, "startTimeUnixNano"}, static_cast<std::uint64_t>(point.started));
  out.fixed64({3, "timeUnixNano"}, static_cast<std::uint64_t>(at));
}

template <typename Writer>
void numberPoints(Writer& out, const Metric& metric, std::int64_t at) {
  messages(out, {1, "dataPoints"}, metric.points, [&](const Point& point) {
    times(out, point, at);
    out.number({4, "asDouble"}, point.value);
    exemplars(out, {5, "exemplars"}, point.exemplars);
    attributes(out, {7, "attributes"}, point.attributes);
  });
}

template <typename Writer>
void histogramPoints(Writer& out, const Metric& metric, std::int64_t at) {
  messages(out, {1, "dataPoints"}, metric.points, [&](const Point& point) {
    times(out, point, at);
    out.fixed64({4, "count"}, point.count);
    out.number({5, "sum"}, point.sum);
    out.fixed64s({6, "bucketCounts"}, point.buckets);
    out.numbers({7, "explicitBounds"}, metric.bounds);
    exemplars(out, {8, "exemplars"}, point.exemplars);
    attributes(out, {9, "attributes"}, point.attributes);
  });
}

template <typename Writer>
void metricOf(Writer& out, const Metric& metric, std::int64_t at) {
  out.text({1, "name"}, metric.name);
  optionalText(out, {2, "description"}, metric.description);
  optionalText(out, {3, "unit"}, metric.unit);
  switch (metric.type) {
    case Type::kGauge:
      out.beginMessage({5, "gauge"});
      numberPoints(out, metric, at);
      break;
    case Type::kCounter:
      out.beginMessage({7, "sum"});
      numberPoints(out, metric, at);
      out.enumeration({2, "aggregationTemporality"}, kCumulative);
      out.boolean({3, "isMonotonic"}, true);
      break;
    case Type::kHistogram:
      out.beginMessage({9, "histogram"});
      histogramPoints(out, metric, at);
      out.enumeration({2, "aggregationTemporality"}, kCumulative);
      break;
  }
  out.endMessage();
}

// The items of one scope after those of another, each scope's in their order.
template <typename Item>
std::vector<std::vector<const Item*>> byScope(std::span<const Item> items) {
  std::vector<std::vector<const Item*>> scopes;
  for (const Item& item : items) {
    const auto at =
        std::ranges::find_if(scopes, [&](const auto& scope) { return scope.front()->scope == item.scope; });
    (at != scopes.end() ? *at : scopes.emplace_back()).push_back(&item);
  }
  return scopes;
}

// What traces and logs have in common: a resource, its scopes, their items.
template <typename Writer, typename Item, typename Each>
std::string scoped(const Resource& resource, std::span<const Item> items, Field resource_field,
                   Field scope_field, Field item_field, Each each) {
  Writer out;
  out.beginList(resource_field);
  out.beginItem(resource_field);
  resourceOf(out, resource);
  messages(out, scope_field, byScope(items), [&](const auto& scope) {
    scopeOf(out, scope.front()->scope);
    messages(out, item_field, scope, [&](const Item* item) { each(out, *item); });
  });
  out.endItem();
  out.endList();
  return out.take();
}

template <typename Writer>
std::string traces(const Resource& resource, std::span<const Span> spans) {
  return scoped<Writer>(resource, spans, {1, "resourceSpans"}, {2, "scopeSpans"}, {2, "spans"},
                        [](Writer& out, const Span& span) { spanOf(out, span); });
}

template <typename Writer>
std::string logs(const Resource& resource, std::span<const LogRecord> records) {
  return scoped<Writer>(resource, records, {1, "resourceLogs"}, {2, "scopeLogs"}, {2, "logRecords"},
                        [](Writer& out, const LogRecord& record) { recordOf(out, record); });
}

template <typename Writer>
std::string metricsOf(const Resource& resource, const Metrics& metrics) {
  constexpr Field kResource{1, "resourceMetrics"};
  constexpr Field kScope{2, "scopeMetrics"};
  Writer out;
  out.beginList(kResource);
  out.beginItem(kResource);
  resourceOf(out, resource);
  out.beginList(kScope);
  out.beginItem(kScope);
  scopeOf(out, {});
  messages(out, {2, "metrics"}, metrics.metrics,
           [&](const Metric& metric) { metricOf(out, metric, metrics.at); });
  out.endItem();
  out.endList();
  out.endItem();
  out.endList();
  return out.take();
}

}  // namespace

std::string encodeTraces(Encoding encoding, const Resource& resource, std::span<const Span> spans) {
  return encoding == Encoding::kJson ? traces<JsonWriter>(resource, spans)
                                     : traces<ProtobufWriter>(resource, spans);
}

std::string encodeLogs(Encoding encoding, const Resource& resource, std::span<const LogRecord> records) {
  return encoding == Encoding::kJson ? logs<JsonWriter>(resource, records)
                                     : logs<ProtobufWriter>(resource, records);
}

std::string encodeMetrics(Encoding encoding, const Resource& resource, const Metrics& metrics) {
  return encoding == Encoding::kJson ? metricsOf<JsonWriter>(resource, metrics)
                                     : metricsOf<ProtobufWriter>(resource, metrics);
}

}  // namespace telemetry_otlp
