#include "wiring/from_host.hpp"

#include <span>

#include <revenge/abi/metrics.h>
#include <revenge/boundary.hpp>

namespace telemetry_otlp {

namespace {

using revenge::boundary::text;

Value valueOf(const revenge_attribute& attribute) {
  switch (attribute.type) {
    case REVENGE_ATTRIBUTE_BOOLEAN:
      return attribute.integer != 0;
    case REVENGE_ATTRIBUTE_INTEGER:
    case REVENGE_ATTRIBUTE_DURATION_NS:
      return attribute.integer;
    case REVENGE_ATTRIBUTE_NUMBER:
      return attribute.number;
    default:
      return text(attribute.text);
  }
}

Attributes attributesOf(const revenge_attribute* attributes, std::size_t count) {
  Attributes out;
  out.reserve(count);
  for (const revenge_attribute& attribute : std::span(attributes, count))
    out.push_back({text(attribute.name), valueOf(attribute)});
  return out;
}

Attributes labelsOf(const revenge_told_series& series) {
  Attributes out;
  for (const revenge_field& label : std::span(series.labels, series.label_count))
    out.push_back({text(label.name), text(label.value)});
  return out;
}

Severity severityOf(std::uint32_t level) {
  switch (level) {
    case REVENGE_LOG_TRACE:
      return Severity::kTrace;
    case REVENGE_LOG_DEBUG:
      return Severity::kDebug;
    case REVENGE_LOG_INFO:
      return Severity::kInfo;
    case REVENGE_LOG_WARN:
      return Severity::kWarn;
    default:
      return Severity::kError;
  }
}

std::string_view unitOf(std::string_view unit) {
  if (unit == "seconds") return "s";
  if (unit == "bytes") return "By";
  if (unit == "ratio") return "1";
  return {};
}

Type typeOf(std::uint32_t type) {
  if (type == REVENGE_METRIC_COUNTER) return Type::kCounter;
  return type == REVENGE_METRIC_HISTOGRAM ? Type::kHistogram : Type::kGauge;
}

Point pointOf(const revenge_told_series& series) {
  Point point;
  point.attributes = labelsOf(series);
  point.started = series.started_unix_ns;
  point.value = series.value;
  point.count = series.count;
  point.sum = series.sum;
  point.buckets.assign(series.buckets, series.buckets + series.bucket_count);
  for (const revenge_exemplar& from : std::span(series.exemplars, series.exemplar_count)) {
    point.exemplars.push_back(
        {from.at_unix_ns, from.value, {from.trace_id_high, from.trace_id_low}, from.span_id});
  }
  return point;
}

}  // namespace

std::vector<Span> spansOf(const revenge_span_batch& batch) {
  std::vector<Span> spans;
  spans.reserve(batch.span_count);
  for (const revenge_finished_span& from : std::span(batch.spans, batch.span_count)) {
    Span& span = spans.emplace_back();
    span.trace = {from.trace_id_high, from.trace_id_low};
    span.id = from.span_id;
    span.parent = from.parent_id;
    span.flags = static_cast<std::uint8_t>(from.flags);
    span.kind = static_cast<Kind>(from.kind);
    span.status = static_cast<Status>(from.status);
    span.begun = from.begun_unix_ns;
    span.ended = from.ended_unix_ns;
    span.name = text(from.name);
    span.scope = text(from.plugin);
    span.message = text(from.message);
    span.trace_state = text(from.trace_state);
    span.attributes = attributesOf(from.attributes, from.attribute_count);
    span.dropped_attributes = from.dropped_attributes;
    span.dropped_events = from.dropped_events;
    for (const revenge_finished_event& event : std::span(from.events, from.event_count)) {
      span.events.push_back(
          {event.at_unix_ns, text(event.name), attributesOf(event.attributes, event.attribute_count)});
    }
  }
  return spans;
}

std::vector<LogRecord> recordsOf(const revenge_log_batch& batch) {
  std::vector<LogRecord> records;
  records.reserve(batch.record_count);
  for (const revenge_told_record& from : std::span(batch.records, batch.record_count)) {
    LogRecord& record = records.emplace_back();
    record.at = from.at_unix_ns;
    record.severity = severityOf(from.level);
    record.scope = text(from.component);
    record.body = text(from.message);
    record.attributes = attributesOf(from.attributes, from.attribute_count);
    record.trace = {from.trace_id_high, from.trace_id_low};
    record.span = from.span_id;
  }
  return records;
}

Metrics metricsOf(const revenge_metric_batch& batch) {
  Metrics out;
  out.at = batch.at_unix_ns;
  for (const revenge_told_family& from : std::span(batch.families, batch.family_count)) {
    if (from.series_count == 0) continue;
    Metric& metric = out.metrics.emplace_back();
    metric.type = typeOf(from.type);
    metric.name = text(from.name);
    metric.description = text(from.description);
    metric.unit = unitOf(text(from.unit));
    metric.bounds.assign(from.bounds, from.bounds + from.bound_count);
    for (const revenge_told_series& series : std::span(from.series, from.series_count))
      metric.points.push_back(pointOf(series));
  }
  return out;
}

}  // namespace telemetry_otlp
