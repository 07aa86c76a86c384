// Counters, gauges and histograms, rendered as Prometheus text. app owns Metrics, which outlives its scopes;
// handles (Counter, Gauge, Histogram) are cheap to copy and safe for ever, also after their series was
// withdrawn. Thread safety: everything may be called from any thread. An increment is a plain store into a
// cell of the thread.
//
// Names: the host's families are written in full and begin with `revenge_` or `process_`. A family of a
// plugin is `plugin_<id>_<name>` ('-' and '.' of the id become '_') and carries the label plugin="<id>":
// types and help texts of two plugins can never meet, and {plugin="stream"} selects all about one of them,
// the host's view included. Counters end in _total, other kinds do not; no family ends in _bucket, _sum or
// _count.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace revenge::observe {

enum class MetricKind : std::uint8_t { kCounter, kGauge, kHistogram };

class CellBank;
struct Series;

class Counter {
 public:
  Counter() = default;                // counts nothing
  void add(double amount = 1) const;  // negative and NaN amounts are ignored
  double value() const;

 private:
  friend class MetricScope;
  explicit Counter(std::shared_ptr<Series> series) : series_(std::move(series)) {}
  std::shared_ptr<Series>
      series_;  // shared: a late call finds cells that nobody shows any more, never freed memory
};

class Gauge {
 public:
  Gauge() = default;
  void set(double value) const;
  void add(double amount) const;
  double value() const;

 private:
  friend class MetricScope;
  explicit Gauge(std::shared_ptr<Series> series) : series_(std::move(series)) {}
  std::shared_ptr<Series> series_;
};

class Histogram {
 public:
  Histogram() = default;
  void observe(double value) const;  // NaN is ignored
  std::uint64_t count() const;
  double sum() const;

 private:
  friend class MetricScope;
  explicit Histogram(std::shared_ptr<Series> series) : series_(std::move(series)) {}
  std::shared_ptr<Series> series_;
};

struct Label {
  std::string_view name;
  std::string_view value;  // any text; bytes that are no UTF-8 become U+FFFD
};

struct MetricSpec {
  std::string_view name;
  std::string_view help;  // required
  std::vector<Label> labels = {};
};

// Seconds, for requests of a web server.
inline constexpr double kLatencyBuckets[] = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                             0.25,  0.5,    1,     2.5,  5,     10,   30};

class Metrics;

// The registrations of one owner: one scope per plugin instance, or of a part of the host. Registering what
// another scope holds continues that series; a series disappears with the last scope that holds it. So a swap
// keeps the old instance's scope until the new one has registered, and no counter starts again at zero.
class MetricScope {
 public:
  MetricScope(MetricScope&& other) noexcept;
  MetricScope& operator=(MetricScope&& other) noexcept;
  ~MetricScope();

  // Refused: names and labels outside Prometheus' rules (kInvalid), the same name with another type or other
  // buckets (kExists), a new name beyond the plugin's cap (kLimit). A new label set beyond the cap is counted
  // in one series of that family, labelled overflow="true".
  base::Result<Counter> counter(const MetricSpec& spec);
  base::Result<Gauge> gauge(const MetricSpec& spec);
  // Upper bounds, strictly rising and finite; +Inf is added.
  base::Result<Histogram> histogram(const MetricSpec& spec, std::span<const double> bounds = kLatencyBuckets);

 private:
  friend class Metrics;
  MetricScope(Metrics& metrics, std::string plugin, std::uint64_t id)
      : metrics_(&metrics), plugin_(std::move(plugin)), id_(id) {}

  Metrics* metrics_;
  std::string plugin_;  // empty: the host
  std::uint64_t id_;
};

struct MetricLimits {
  std::size_t plugin_series = 1000;  // lines of the rendered text, so a histogram of n bounds costs n + 3
};

class Metrics {
 public:
  explicit Metrics(MetricLimits limits = {});
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  MetricScope hostScope();
  MetricScope pluginScope(std::string_view plugin_id);

  // Prometheus text format 0.0.4, families and series sorted.
  std::string render() const;

 private:
  friend class MetricScope;
  struct Family;

  base::Result<std::shared_ptr<Series>> join(const MetricScope& scope, MetricKind kind,
                                             const MetricSpec& spec, std::span<const double> bounds);
  static base::Result<> checkSame(std::string_view name, const Family& family, std::string_view plugin,
                                  MetricKind kind, std::span<const double> bounds);
  void withdraw(std::uint64_t scope);

  const MetricLimits limits_;
  const std::shared_ptr<CellBank> bank_;  // shared: a handle may outlive the Metrics
  mutable std::mutex mutex_;
  std::uint64_t next_scope_ = 1;                          // guarded by mutex_
  std::map<std::string, Family, std::less<>> families_;   // guarded by mutex_
  std::map<std::string, std::size_t, std::less<>> used_;  // lines per plugin; guarded by mutex_
};

}  // namespace revenge::observe
