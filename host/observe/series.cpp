#include "observe/series.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace revenge::observe {

namespace {

std::size_t bucketOf(const Series& series, double value) {
  return static_cast<std::size_t>(std::ranges::lower_bound(series.bounds, value) - series.bounds.begin());
}

}  // namespace

Series::Series(std::shared_ptr<CellBank> in, std::uint32_t from, std::size_t count,
               std::span<const double> limits)
    : bank(std::move(in)), first(from), cells(count), bounds(limits.begin(), limits.end()) {}

Series::~Series() {
  if (cells > 0) bank->release(first, cells);
}

void Series::remember(std::size_t bucket, const Exemplar& seen, double value) {
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock) return;
  if (seen_.empty()) seen_.resize(bounds.size() + 1);
  Exemplar& kept = seen_[bucket].emplace(seen);
  kept.value = value;
}

std::vector<SeriesView::Example> Series::examples() const {
  std::vector<SeriesView::Example> out;
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    if (seen_[i]) out.push_back({i, *seen_[i]});
  }
  return out;
}

void Counter::add(double amount, const Exemplar& seen) const {
  if (series_ == nullptr || !(amount >= 0)) return;
  add(amount);
  series_->remember(0, seen, amount);
}

double Counter::value() const { return series_ == nullptr ? 0 : series_->bank->sum(series_->first); }

double Gauge::value() const {
  return series_ == nullptr ? 0 : series_->level.load(std::memory_order_relaxed);
}

void Histogram::observe(double value) const {
  if (series_ == nullptr || std::isnan(value)) return;
  series_->bank->add(static_cast<std::uint32_t>(series_->first + bucketOf(*series_, value)), 1);
  series_->bank->add(static_cast<std::uint32_t>(series_->first + series_->bounds.size() + 1), value);
}

void Histogram::observe(double value, const Exemplar& seen) const {
  if (series_ == nullptr || std::isnan(value)) return;
  observe(value);
  series_->remember(bucketOf(*series_, value), seen, value);
}

std::uint64_t Histogram::count() const {
  if (series_ == nullptr) return 0;
  double total = 0;
  for (std::uint32_t i = 0; i <= series_->bounds.size(); ++i) total += series_->bank->sum(series_->first + i);
  return static_cast<std::uint64_t>(total);
}

double Histogram::sum() const {
  if (series_ == nullptr) return 0;
  return series_->bank->sum(static_cast<std::uint32_t>(series_->first + series_->bounds.size() + 1));
}

}  // namespace revenge::observe
