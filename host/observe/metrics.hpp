// The registry of counters, gauges and histograms (series.hpp). app owns Metrics, which outlives its scopes. Thread safety:
// everything may be called from any thread.
//
// Names (docs/decisions/0009): the host's families are written in full and begin with `revenge_` or `process_`. A family of a
// plugin is `revenge_plugin_<id>_<name>` ('-' and '.' of the id become '_') and carries the label plugin="<id>": types and help
// texts of two plugins can never meet, and {plugin="stream"} selects all about one of them, the host's view included.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "observe/metrics_view.hpp"
#include "observe/series.hpp"

namespace revenge::observe {

struct Label {
  std::string_view name;
  std::string_view value;  // any text; bytes that are no UTF-8 become U+FFFD
};

struct MetricSpec {
  std::string_view name;
  std::string_view help;  // required
  std::vector<Label> labels = {};
  // For scopes of the host: the plugin whose figure this is. The series carries the label plugin="<about>" and is gone with the
  // last scope of that plugin; kGone when it has none.
  std::string_view about = {};
};

// Seconds, for requests of a web server: the bounds of OpenTelemetry's http.server.request.duration.
inline constexpr double kLatencyBuckets[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                             0.5,   0.75, 1,     2.5,  5,     7.5, 10};

class Metrics;

// The registrations of one owner: one scope per plugin instance, or of a part of the host. Registering what
// another scope holds continues that series; a series disappears with the last scope that holds it. So a swap
// keeps the old instance's scope until the new one has registered, and no counter starts again at zero.
class MetricScope {
 public:
  MetricScope(MetricScope&& other) noexcept;
  MetricScope& operator=(MetricScope&& other) noexcept;
  ~MetricScope();

  // Refused: names and labels outside Prometheus' conventions (kInvalid, with the lint's reason), the same name with another
  // type or other buckets (kExists), a new name beyond the plugin's cap (kLimit). A new label set beyond the caps is counted
  // in one series of that family, labelled overflow="true": totals stay whole.
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
  std::size_t family_series = 2000;  // live label sets of one family, the overflow's left out
  std::size_t plugin_lines =
      10'000;  // of the rendered text, of one plugin; a histogram of n bounds costs n + 3
};

class Metrics {
 public:
  explicit Metrics(MetricLimits limits = {}) : Metrics(nullptr, limits) {}
  // With a clock each series tells since when it counts.
  explicit Metrics(const base::Clock& clock, MetricLimits limits = {}) : Metrics(&clock, limits) {}
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  MetricScope hostScope();
  MetricScope pluginScope(std::string_view plugin_id);

  // Called before each reading, by its thread, to set gauges that nobody keeps; ends with the Refresh, whose destructor waits
  // for a call that is running. Readings may come side by side.
  class [[nodiscard]] Refresh;
  Refresh beforeReading(std::function<void()> call);

  // How often series were withdrawn because their plugin had left. Who keeps handles of series `about` plugins lets go of
  // them when it has moved.
  std::uint64_t departures() const { return departures_.load(std::memory_order_acquire); }

  MetricsView view() const;    // families sorted by name, series by labels
  std::string render() const;  // the view as Prometheus text format 0.0.4

 private:
  friend class MetricScope;
  struct Family;

  Metrics(const base::Clock* clock, MetricLimits limits);
  base::Result<std::shared_ptr<Series>> join(const MetricScope& scope, MetricKind kind,
                                             const MetricSpec& spec, std::span<const double> bounds);
  base::Result<> checkTwin(std::string_view name, MetricKind kind) const;  // REQUIRES mutex_
  static base::Result<> checkSame(std::string_view name, const Family& family, std::string_view plugin,
                                  MetricKind kind, std::span<const double> bounds);
  void withdraw(const MetricScope& scope);
  void callRefreshes() const;

  const base::Clock* const clock_;  // may be null
  const MetricLimits limits_;
  const std::shared_ptr<CellBank> bank_;  // shared: a handle may outlive the Metrics
  std::atomic<std::uint64_t> departures_{0};
  mutable std::mutex mutex_;
  std::uint64_t next_scope_ = 1;                            // guarded by mutex_
  std::map<std::string, Family, std::less<>> families_;     // guarded by mutex_
  std::map<std::string, std::size_t, std::less<>> used_;    // lines per plugin; guarded by mutex_
  std::map<std::string, std::size_t, std::less<>> scopes_;  // open ones per plugin; guarded by mutex_

  mutable std::shared_mutex refresh_mutex_;
  std::list<std::function<void()>> refreshes_;  // guarded by refresh_mutex_
};

class [[nodiscard]] Metrics::Refresh {
 public:
  Refresh(Refresh&& other) noexcept : metrics_(std::exchange(other.metrics_, nullptr)), at_(other.at_) {}
  Refresh& operator=(Refresh&&) = delete;
  ~Refresh();

 private:
  friend class Metrics;
  using Place = std::list<std::function<void()>>::iterator;
  Refresh(Metrics& metrics, Place at) : metrics_(&metrics), at_(at) {}
  Metrics* metrics_;
  Place at_;
};

}  // namespace revenge::observe
