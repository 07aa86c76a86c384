// Adapter of revenge.metrics/1 over observe::Metrics. Thread safety: any thread. Owned by the Bundle.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <variant>

#include <revenge/abi/metrics.h>

#include "observe/metrics.hpp"
#include "plugin/host_record.hpp"

namespace revenge::ext {

class MetricsAdapter {
 public:
  explicit MetricsAdapter(observe::Metrics& metrics) : metrics_(metrics) {}
  static const revenge_metrics& table();

  void open(const revenge_host& host);
  // The instance's scope ends: series that no other instance continues disappear.
  void withdraw(const revenge_host& host);
  std::size_t count(const revenge_host& host) const;

 private:
  friend struct MetricsTable;
  using Series = std::variant<observe::Counter, observe::Gauge, observe::Histogram>;

  // Found without a lock by an increment. An entry that was given up is written again only after kResting others, so
  // that a late call of a leaked thread, which passed the check of its handle, still meets a whole series.
  struct Entry {
    std::atomic<revenge_handle> handle{0};
    Series series;
    std::uint32_t generation = 0;     // guarded by mutex_
    service::InstanceRef owner = {};  // guarded by mutex_
  };
  static constexpr std::size_t kChunk = 64;
  static constexpr std::size_t kChunks = 1024;
  static constexpr std::size_t kResting = 1024;

  base::Result<revenge_handle> add(const revenge_host& host, const revenge_metric& metric);
  base::Result<Series> make(observe::MetricScope& scope, const revenge_metric& metric);
  // Here, so that an increment is one call.
  const Series* find(revenge_handle handle) const {
    const std::size_t index = (handle & 0xffffffff) - 1;
    if (index >= count_.load(std::memory_order_acquire)) [[unlikely]]
      return nullptr;
    const Entry& entry = (*chunks_[index / kChunk])[index % kChunk];
    return entry.handle.load(std::memory_order_acquire) == handle ? &entry.series : nullptr;
  }
  base::Result<std::uint32_t> freeEntry();
  Entry& at(std::size_t index) const { return (*chunks_[index / kChunk])[index % kChunk]; }

  observe::Metrics& metrics_;
  mutable std::mutex mutex_;
  std::map<service::InstanceRef, observe::MetricScope> scopes_;  // guarded by mutex_
  std::deque<std::uint32_t> resting_;                            // guarded by mutex_
  std::atomic<std::size_t> count_{0};
  std::array<std::unique_ptr<std::array<Entry, kChunk>>, kChunks> chunks_;
};

}  // namespace revenge::ext
