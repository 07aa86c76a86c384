// What the metrics say at one moment, as structure: for those who write it down (Prometheus text, OTLP). Made by
// Metrics::view(). Thread safety: plain values, the reader's own; what is shared with the registry never changes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace revenge::observe {

enum class MetricKind : std::uint8_t { kCounter, kGauge, kHistogram };

struct LabelSet {
  struct Pair {
    std::string name;
    std::string value;  // valid UTF-8, not escaped

    bool operator==(const Pair&) const = default;
  };
  std::vector<Pair> pairs;  // sorted by name; the plugin's label first
  std::string text;         // a="1",b="2", escaped
};

// A sampled request that was counted, to be looked up by its trace.
struct Exemplar {
  std::uint64_t trace_id_high = 0;
  std::uint64_t trace_id_low = 0;
  std::uint64_t span_id = 0;
  double value = 0;  // what was added or observed
  std::optional<base::WallTime> at;
};

struct SeriesView {
  std::shared_ptr<const LabelSet> labels;  // shared with the registry; never null
  std::optional<base::WallTime>
      started;       // since when it counts, from 0; nothing when the Metrics have no clock
  double value = 0;  // of a counter or gauge

  // Of a histogram: bounds + 1 buckets, not cumulative, upper bounds inclusive; `count` is their sum.
  std::vector<std::uint64_t> buckets;
  std::uint64_t count = 0;
  double sum = 0;

  // The last one of a counter (bucket 0), or of each bucket that has met one.
  struct Example {
    std::size_t bucket;
    Exemplar exemplar;
  };
  std::vector<Example> examples;
};

struct FamilyView {
  std::string name;  // as in the 0.0.4 text: counters end in _total
  std::string help;  // not escaped
  MetricKind kind = MetricKind::kCounter;
  std::string_view unit;       // "seconds", "bytes", "ratio" as the name says it; empty: a plain number
  std::vector<double> bounds;  // of a histogram, +Inf left out
  std::vector<SeriesView> series;
};

struct MetricsView {
  std::optional<base::WallTime> at;
  std::vector<FamilyView> families;  // sorted by name
};

}  // namespace revenge::observe
