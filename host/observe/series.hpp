// What counts: Counter, Gauge, Histogram, and the numbers of a series behind them. Handles are made by a MetricScope, cheap to
// copy and safe for ever, also after their series was withdrawn. Thread safety: everything may be called from any thread. An
// increment is a plain store into a cell of the thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "base/clock.hpp"
#include "observe/cells.hpp"
#include "observe/metrics_view.hpp"

namespace revenge::observe {

// The numbers of one series. Counter: one cell. Histogram: a cell for each bucket, +Inf's and the sum. Gauge: `level`, since
// the last set() must win over all threads.
struct Series {
  Series(std::shared_ptr<CellBank> in, std::uint32_t from, std::size_t count, std::span<const double> limits);
  ~Series();
  Series(const Series&) = delete;
  Series& operator=(const Series&) = delete;

  // The last one of a bucket stays. One that meets another thread at it is left out: an example may be missed.
  void remember(std::size_t bucket, const Exemplar& seen, double value);
  std::vector<SeriesView::Example> examples() const;

  const std::shared_ptr<CellBank> bank;  // shared by all series and their Metrics
  const std::uint32_t first;
  const std::size_t cells;
  const std::vector<double> bounds;
  std::atomic<double> level{0};

 private:
  mutable std::mutex mutex_;
  std::vector<std::optional<Exemplar>> seen_;  // by bucket; empty until the first; guarded by mutex_
};

class Counter {
 public:
  Counter() = default;  // counts nothing
  // Negative and NaN amounts are ignored.
  void add(double amount = 1) const {
    if (series_ != nullptr && amount >= 0) series_->bank->add(series_->first, amount);
  }
  void add(double amount, const Exemplar& seen) const;  // the sampled request it was counted for
  double value() const;

 private:
  friend class MetricScope;
  explicit Counter(std::shared_ptr<Series> series) : series_(std::move(series)) {}
  // Shared: a late call finds cells that nobody shows any more, never freed memory.
  std::shared_ptr<Series> series_;
};

class Gauge {
 public:
  Gauge() = default;
  void set(double value) const {
    if (series_ != nullptr) series_->level.store(value, std::memory_order_relaxed);
  }
  void add(double amount) const {
    if (series_ != nullptr) series_->level.fetch_add(amount, std::memory_order_relaxed);
  }
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
  void observe(double value, const Exemplar& seen) const;
  std::uint64_t count() const;
  double sum() const;

 private:
  friend class MetricScope;
  explicit Histogram(std::shared_ptr<Series> series) : series_(std::move(series)) {}
  std::shared_ptr<Series> series_;
};

// Observes in seconds how long it lived.
class Timer {
 public:
  Timer(const base::Clock& clock, Histogram histogram)
      : clock_(clock), histogram_(std::move(histogram)), begun_(clock.now()) {}
  ~Timer() { histogram_.observe(std::chrono::duration<double>(clock_.now() - begun_).count()); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

 private:
  const base::Clock& clock_;
  const Histogram histogram_;
  const base::Instant begun_;
};

}  // namespace revenge::observe
