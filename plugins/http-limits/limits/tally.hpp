// How often each decision was taken, per class of traffic: what the metrics show. Thread safe; a count is one relaxed
// addition, and a reader sees each number by itself.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "limits/answer.hpp"
#include "limits/codel.hpp"

namespace revenge::http_limits {

class Tally {
 public:
  enum class Passage : std::uint8_t {
    kAdmitted,
    kExempt,
    kUngated,  // nobody kept the limits of its pipeline
  };
  static constexpr std::size_t kPassages = 3;

  // Each request is counted once here, ...
  void passed(TrafficClass traffic, Passage passage) { add(row(traffic).passed[index(passage)]); }
  void refused(TrafficClass traffic, Refusal refusal) { add(row(traffic).refused[index(refusal)]); }
  // ... and what would have been refused besides.
  void wouldRefuse(TrafficClass traffic, Refusal refusal) { add(row(traffic).would[index(refusal)]); }

  // Requests so far, whatever became of them.
  std::uint64_t all() const {
    std::uint64_t sum = 0;
    for (const Row& each : rows_) {
      for (const Counter& count : each.passed) sum += read(count);
      for (const Counter& count : each.refused) sum += read(count);
    }
    return sum;
  }
  std::uint64_t passes(TrafficClass traffic, Passage passage) const {
    return read(row(traffic).passed[index(passage)]);
  }
  std::uint64_t refusals(TrafficClass traffic, Refusal refusal) const {
    return read(row(traffic).refused[index(refusal)]);
  }
  std::uint64_t dryRefusals(TrafficClass traffic, Refusal refusal) const {
    return read(row(traffic).would[index(refusal)]);
  }

 private:
  using Counter = std::atomic<std::uint64_t>;
  struct alignas(64) Row {  // classes are counted by different workers mostly
    std::array<Counter, kPassages> passed{};
    std::array<Counter, kRefusals> refused{};
    std::array<Counter, kRefusals> would{};
  };

  template <class Enum>
  static std::size_t index(Enum value) {
    return static_cast<std::size_t>(value);
  }
  static void add(Counter& counter) { counter.fetch_add(1, std::memory_order_relaxed); }
  static std::uint64_t read(const Counter& counter) { return counter.load(std::memory_order_relaxed); }
  Row& row(TrafficClass traffic) { return rows_[index(traffic)]; }
  const Row& row(TrafficClass traffic) const { return rows_[index(traffic)]; }

  std::array<Row, kTrafficClasses> rows_{};
};

}  // namespace revenge::http_limits
