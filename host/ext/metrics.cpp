#include "ext/metrics.hpp"

#include <span>
#include <vector>

#include "ext/bundle.hpp"
#include "observe/trace_context.hpp"

namespace revenge::ext {

void MetricsAdapter::open(const revenge_host& host) {
  const std::lock_guard lock(mutex_);
  scopes_.emplace(host.instance, metrics_.pluginScope(host.id));
}

void MetricsAdapter::withdraw(const revenge_host& host) {
  const std::lock_guard lock(mutex_);
  scopes_.erase(host.instance);
  for (std::size_t i = 0; i < count_.load(std::memory_order_relaxed); ++i) {
    Entry& entry = at(i);
    if (entry.owner != host.instance) continue;
    entry.handle.store(0, std::memory_order_release);
    entry.owner = {};
    resting_.push_back(static_cast<std::uint32_t>(i));
  }
}

std::size_t MetricsAdapter::count(const revenge_host& host) const {
  const std::lock_guard lock(mutex_);
  std::size_t found = 0;
  for (std::size_t i = 0; i < count_.load(std::memory_order_relaxed); ++i)
    found += at(i).owner == host.instance ? 1U : 0U;
  return found;
}

base::Result<revenge_handle> MetricsAdapter::add(const revenge_host& host, const revenge_metric& metric) {
  const std::lock_guard lock(mutex_);
  const auto scope = scopes_.find(host.instance);
  if (scope == scopes_.end()) return base::fail(base::Errc::kGone, "this instance has been stopped");
  auto series = make(scope->second, metric);
  if (!series) return std::unexpected(series.error());
  const auto index = freeEntry();
  if (!index) return std::unexpected(index.error());
  Entry& entry = at(*index);
  entry.series = std::move(*series);
  entry.owner = host.instance;
  const revenge_handle handle = std::uint64_t{++entry.generation} << 32 | (*index + 1);
  entry.handle.store(handle, std::memory_order_release);
  return handle;
}

base::Result<std::uint32_t> MetricsAdapter::freeEntry() {
  if (resting_.size() > kResting) {
    const std::uint32_t index = resting_.front();
    resting_.pop_front();
    return index;
  }
  const std::size_t index = count_.load(std::memory_order_relaxed);
  if (index == kChunk * kChunks)
    return base::fail(base::Errc::kLimit, "all {} metric handles are in use", kChunk * kChunks);
  auto& chunk = chunks_.at(index / kChunk);
  if (chunk == nullptr) chunk = std::make_unique<std::array<Entry, kChunk>>();
  count_.store(index + 1, std::memory_order_release);
  return static_cast<std::uint32_t>(index);
}

base::Result<MetricsAdapter::Series> MetricsAdapter::make(observe::MetricScope& scope,
                                                          const revenge_metric& metric) {
  std::vector<observe::Label> labels;
  labels.reserve(metric.label_count);
  for (std::size_t i = 0; i < metric.label_count; ++i) {
    labels.push_back({text(metric.labels[i].name), text(metric.labels[i].value)});
  }
  const observe::MetricSpec spec{text(metric.name), text(metric.description), std::move(labels)};
  const auto widen = [](auto series) -> base::Result<Series> {
    if (!series) return std::unexpected(series.error());
    return Series(std::move(*series));
  };
  switch (metric.type) {
    case REVENGE_METRIC_COUNTER:
      return widen(scope.counter(spec));
    case REVENGE_METRIC_GAUGE:
      return widen(scope.gauge(spec));
    case REVENGE_METRIC_HISTOGRAM:
      if (metric.bound_count == 0) return widen(scope.histogram(spec));
      return widen(scope.histogram(spec, std::span(metric.bounds, metric.bound_count)));
    default:
      return base::fail(base::Errc::kInvalid, "metric '{}': unknown type {}", spec.name, metric.type);
  }
}

struct MetricsTable {
  static revenge_status open(const revenge_host* host, const revenge_metric* metric, revenge_handle* series,
                             revenge_error* error) {
    const Ties* ties = registering(host);
    if (ties == nullptr) return gone(error);
    if (metric == nullptr || series == nullptr)
      return say(error, REVENGE_INVALID, "metric or series is NULL");
    const auto opened = ties->bundle.metrics.add(ties->host, *metric);
    if (!opened) return fail(error, opened.error());
    *series = *opened;
    return REVENGE_OK;
  }

  static void add(const revenge_host* host, revenge_handle handle, double value) {
    const Ties* ties = alive(host);
    const auto* series = ties != nullptr ? ties->bundle.metrics.find(handle) : nullptr;
    if (series == nullptr) return;
    if (const auto* counter = std::get_if<observe::Counter>(series)) [[likely]] {
      counter->add(value);
    } else if (const auto* gauge = std::get_if<observe::Gauge>(series)) {
      gauge->add(value);
    } else {
      std::get<observe::Histogram>(*series).observe(value);
    }
  }

  static void addFor(const revenge_host* host, const revenge_call* call, revenge_handle handle,
                     double value) {
    const revenge_origin* const origin = call != nullptr ? call->origin : nullptr;
    if (origin == nullptr || (origin->trace_flags & observe::TraceContext::kSampled) == 0)
      return add(host, handle, value);
    const Ties* ties = alive(host);
    const auto* series = ties != nullptr ? ties->bundle.metrics.find(handle) : nullptr;
    if (series == nullptr) return;
    const observe::Exemplar seen{origin->trace_id_high, origin->trace_id_low, origin->span_id, 0,
                                 ties->bundle.rooms.clock.wall()};
    if (const auto* counter = std::get_if<observe::Counter>(series)) {
      counter->add(value, seen);
    } else if (const auto* histogram = std::get_if<observe::Histogram>(series)) {
      histogram->observe(value, seen);
    } else {
      std::get<observe::Gauge>(*series).add(value);
    }
  }

  static void set(const revenge_host* host, revenge_handle handle, double value) {
    const Ties* ties = alive(host);
    const auto* series = ties != nullptr ? ties->bundle.metrics.find(handle) : nullptr;
    if (series == nullptr) return;
    if (const auto* gauge = std::get_if<observe::Gauge>(series)) gauge->set(value);
  }
};

const revenge_metrics& MetricsAdapter::table() {
  static constexpr revenge_metrics kTable{sizeof(revenge_metrics), 0,
                                          MetricsTable::open,      MetricsTable::add,
                                          MetricsTable::set,       MetricsTable::addFor};
  return kTable;
}

}  // namespace revenge::ext
