#include "ext/telemetry_batches.hpp"

#include <algorithm>
#include <utility>

#include <revenge/abi/metrics.h>
#include <revenge/abi/trace.h>

#include "ext/boundary.hpp"

namespace revenge::ext {

namespace {

revenge_attribute attributeOf(std::string_view name, const observe::SpanValue& value) {
  revenge_attribute attribute{};
  attribute.size = sizeof attribute;
  attribute.name = view(name);
  attribute.integer = value.integer;
  attribute.number = value.number;
  attribute.text = view(value.text);
  switch (value.type) {
    case observe::SpanValue::Type::kBoolean:
      attribute.type = REVENGE_ATTRIBUTE_BOOLEAN;
      break;
    case observe::SpanValue::Type::kInteger:
      attribute.type = REVENGE_ATTRIBUTE_INTEGER;
      break;
    case observe::SpanValue::Type::kNumber:
      attribute.type = REVENGE_ATTRIBUTE_NUMBER;
      break;
    case observe::SpanValue::Type::kText:
      attribute.type = REVENGE_ATTRIBUTE_TEXT;
      break;
  }
  return attribute;
}

// Into the struct's array; an empty one is null.
template <typename Item>
void point(const Item*& at, std::size_t& count, std::deque<std::vector<Item>>& kept,
           std::vector<Item> items) {
  if (items.empty()) return;
  const auto& place = kept.emplace_back(std::move(items));
  at = place.data();
  count = place.size();
}

std::vector<revenge_attribute> attributesOf(const std::vector<observe::SpanView::Attribute>& from) {
  std::vector<revenge_attribute> attributes;
  attributes.reserve(from.size());
  for (const auto& [key, value] : from) attributes.push_back(attributeOf(key, value));
  return attributes;
}

std::int64_t unixNs(base::WallTime at) { return at.time_since_epoch().count(); }

revenge_exemplar exemplarOf(const observe::Exemplar& from) {
  revenge_exemplar exemplar{};
  exemplar.size = sizeof exemplar;
  exemplar.trace_id_high = from.trace_id_high;
  exemplar.trace_id_low = from.trace_id_low;
  exemplar.span_id = from.span_id;
  exemplar.value = from.value;
  exemplar.at_unix_ns = from.at ? unixNs(*from.at) : 0;
  return exemplar;
}

std::uint32_t typeOf(observe::MetricKind kind) {
  switch (kind) {
    case observe::MetricKind::kCounter:
      return REVENGE_METRIC_COUNTER;
    case observe::MetricKind::kGauge:
      return REVENGE_METRIC_GAUGE;
    case observe::MetricKind::kHistogram:
      return REVENGE_METRIC_HISTOGRAM;
  }
  return REVENGE_METRIC_GAUGE;
}

}  // namespace

void SpanBatchView::show(observe::Telemetry::SpanBatch batch, revenge_span_batch& out) {
  batch_ = std::move(batch);
  spans_.clear();
  attributes_.clear();
  events_.clear();
  const auto wall = [this](base::Instant at) { return (at.time_since_epoch() + batch_.to_wall).count(); };
  for (const observe::SpanRecord& record : batch_.spans) {
    const observe::SpanView seen(record);
    revenge_finished_span& span = spans_.emplace_back();
    span.size = sizeof span;
    span.kind = static_cast<std::uint32_t>(record.kind);
    span.status = static_cast<std::uint32_t>(record.status);
    span.flags = record.ids.flags;
    span.trace_id_high = record.ids.trace_id_high;
    span.trace_id_low = record.ids.trace_id_low;
    span.span_id = record.ids.span_id;
    span.parent_id = record.ids.parent_id;
    span.begun_unix_ns = wall(record.begun);
    span.ended_unix_ns = wall(record.ended);
    span.name = view(seen.name);
    span.plugin = view(seen.plugin);
    span.message = view(seen.message);
    span.trace_state = view(seen.trace_state);
    span.dropped_attributes = record.droppedAttributes();
    span.dropped_events = record.droppedEvents();
    point(span.attributes, span.attribute_count, attributes_, attributesOf(seen.attributes));
    std::vector<revenge_finished_event> events;
    for (const observe::SpanView::Event& from : seen.events) {
      revenge_finished_event& event = events.emplace_back();
      event.size = sizeof event;
      event.at_unix_ns = wall(from.at);
      event.name = view(from.name);
      point(event.attributes, event.attribute_count, attributes_, attributesOf(from.attributes));
    }
    point(span.events, span.event_count, events_, std::move(events));
  }
  out = {sizeof out, 0, spans_.data(), spans_.size(), batch_.lost};
}

void LogBatchView::show(observe::Telemetry::LogBatch batch, revenge_log_batch& out) {
  batch_ = std::move(batch);
  records_.clear();
  attributes_.clear();
  for (const observe::ToldRecord& from : batch_.records) {
    revenge_told_record& record = records_.emplace_back();
    record.size = sizeof record;
    record.level = static_cast<std::uint32_t>(std::min(from.level, observe::Level::kError));  // a breach too
    record.at_unix_ns = unixNs(from.at);
    record.component = view(from.component);
    record.message = view(from.message);
    record.trace_id_high = from.trace_id_high;
    record.trace_id_low = from.trace_id_low;
    record.span_id = from.span_id;
    std::vector<revenge_attribute> attributes;
    attributes.reserve(from.attributes.size());
    for (const observe::ToldRecord::Attribute& one : from.attributes) {
      attributes.push_back(attributeOf(one.name, {one.type, one.integer, one.number, one.text}));
    }
    point(record.attributes, record.attribute_count, attributes_, std::move(attributes));
  }
  out = {sizeof out, 0, records_.data(), records_.size(), batch_.lost};
}

void MetricBatchView::show(observe::MetricsView view_now, base::WallTime now, revenge_metric_batch& out) {
  view_ = std::move(view_now);
  families_.clear();
  series_.clear();
  labels_.clear();
  exemplars_.clear();
  for (const observe::FamilyView& from : view_.families) {
    revenge_told_family& family = families_.emplace_back();
    family.size = sizeof family;
    family.type = typeOf(from.kind);
    family.name = view(from.name);
    family.description = view(from.help);
    family.unit = view(from.unit);
    family.bounds = from.bounds.data();
    family.bound_count = from.bounds.size();
    std::vector<revenge_told_series> all;
    for (const observe::SeriesView& one : from.series) {
      revenge_told_series& series = all.emplace_back();
      series.size = sizeof series;
      std::vector<revenge_field> labels;
      for (const auto& pair : one.labels->pairs) labels.push_back({view(pair.name), view(pair.value)});
      point(series.labels, series.label_count, labels_, std::move(labels));
      series.started_unix_ns = one.started ? unixNs(*one.started) : 0;
      series.value = one.value;
      series.count = one.count;
      series.sum = one.sum;
      series.buckets = one.buckets.data();
      series.bucket_count = one.buckets.size();
      std::vector<revenge_exemplar> exemplars;
      exemplars.reserve(one.examples.size());
      for (const auto& example : one.examples) exemplars.push_back(exemplarOf(example.exemplar));
      point(series.exemplars, series.exemplar_count, exemplars_, std::move(exemplars));
    }
    point(family.series, family.series_count, series_, std::move(all));
  }
  out = {sizeof out, 0, unixNs(view_.at.value_or(now)), families_.data(), families_.size()};
}

}  // namespace revenge::ext
