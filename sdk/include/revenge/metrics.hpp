// Counter, Gauge, Histogram: series of the plugin, shown at /metrics.
//
// Values that borrow the host's series; updating one is cheap and safe from any thread, also inline. A new
// version of the plugin that opens the same name and labels continues the series.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include <revenge/call.hpp>
#include <revenge/host.hpp>

namespace revenge {

namespace detail {
// A host that came before exemplars counts all the same.
inline void addFor(const revenge_metrics& table, const revenge_host* host, const Call& call,
                   revenge_handle series, double value) {
  if (REVENGE_HAS(&table, revenge_metrics, add_for))
    table.add_for(host, call.raw(), series, value);
  else
    table.add(host, series, value);
}
}  // namespace detail

struct Label {
  std::string_view name;
  std::string_view value;
};

class Counter {
 public:
  // Requires: amount >= 0.
  void add(double amount = 1) const { table_->add(host_, series_, amount); }
  // For a request: its trace, when it is sampled, becomes the example of what was counted.
  void add(double amount, const Call& call) const { detail::addFor(*table_, host_, call, series_, amount); }

 private:
  friend class Metrics;
  Counter(const Host& host, revenge_handle series)
      : table_(&host.metricsTable()), host_(host.raw()), series_(series) {}

  const revenge_metrics* table_;
  const revenge_host* host_;
  revenge_handle series_;
};

class Gauge {
 public:
  void set(double value) const { table_->set(host_, series_, value); }
  void add(double amount) const { table_->add(host_, series_, amount); }

 private:
  friend class Metrics;
  Gauge(const Host& host, revenge_handle series)
      : table_(&host.metricsTable()), host_(host.raw()), series_(series) {}

  const revenge_metrics* table_;
  const revenge_host* host_;
  revenge_handle series_;
};

class Stopwatch;

class Histogram {
 public:
  void observe(double value) const { table_->add(host_, series_, value); }
  void observe(double value, const Call& call) const { detail::addFor(*table_, host_, call, series_, value); }
  // Observes in seconds how long the Stopwatch lived.
  [[nodiscard]] Stopwatch time() const;

 private:
  friend class Metrics;
  friend class Stopwatch;
  Histogram(const Host& host, revenge_handle series)
      : table_(&host.metricsTable()), clock_(&host.clockTable()), host_(host.raw()), series_(series) {}

  const revenge_metrics* table_;
  const revenge_clock* clock_;
  const revenge_host* host_;
  revenge_handle series_;
};

class Stopwatch {
 public:
  explicit Stopwatch(const Histogram& histogram)
      : histogram_(histogram), begun_ns_(histogram.clock_->monotonic_ns(histogram.host_)) {}
  ~Stopwatch() {
    constexpr double kNanosecond = 1e-9;
    const auto took_ns = histogram_.clock_->monotonic_ns(histogram_.host_) - begun_ns_;
    histogram_.observe(static_cast<double>(took_ns) * kNanosecond);
  }
  Stopwatch(const Stopwatch&) = delete;
  Stopwatch& operator=(const Stopwatch&) = delete;

 private:
  const Histogram histogram_;
  const std::int64_t begun_ns_;
};

inline Stopwatch Histogram::time() const { return Stopwatch(*this); }

// Opens series; throws Failure when the name is taken by another type or the plugin has too many.
class Metrics {
 public:
  explicit Metrics(const Host& host) : host_(&host) {}

  Counter counter(std::string_view name, std::string_view description,
                  std::initializer_list<Label> labels = {}) const {
    return {*host_, open(REVENGE_METRIC_COUNTER, name, description, labels, {})};
  }
  Gauge gauge(std::string_view name, std::string_view description,
              std::initializer_list<Label> labels = {}) const {
    return {*host_, open(REVENGE_METRIC_GAUGE, name, description, labels, {})};
  }
  // `bounds` rise and leave out +Inf; none: the host's default for seconds.
  Histogram histogram(std::string_view name, std::string_view description,
                      std::span<const double> bounds = {}, std::initializer_list<Label> labels = {}) const {
    return {*host_, open(REVENGE_METRIC_HISTOGRAM, name, description, labels, bounds)};
  }

 private:
  revenge_handle open(std::uint32_t type, std::string_view name, std::string_view description,
                      std::initializer_list<Label> labels, std::span<const double> bounds) const {
    std::vector<revenge_field> fields;
    fields.reserve(labels.size());
    for (const Label& label : labels)
      fields.push_back({boundary::view(label.name), boundary::view(label.value)});
    auto metric = boundary::sized<revenge_metric>();
    metric.type = type;
    metric.name = boundary::view(name);
    metric.description = boundary::view(description);
    metric.labels = fields.data();
    metric.label_count = fields.size();
    metric.bounds = bounds.data();
    metric.bound_count = bounds.size();
    revenge_handle series = 0;
    boundary::ErrorText error;
    boundary::require(host_->metricsTable().open(host_->raw(), &metric, &series, &error), error,
                      "metric '" + std::string(name) + "'");
    return series;
  }

  const Host* host_;
};

inline Metrics Host::metrics() const { return Metrics(*this); }

}  // namespace revenge
