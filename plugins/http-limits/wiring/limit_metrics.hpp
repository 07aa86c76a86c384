// LimitMetrics: what was decided, as series of the host. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>

#include <revenge/metrics.hpp>

#include "limits/tally.hpp"

namespace revenge::http_limits {

class LimitMetrics {
 public:
  explicit LimitMetrics(const Host& host);

  struct Now {
    int level = 0;
    std::size_t waiting = 0;
    std::size_t permits = 0;
  };
  void set(const Tally& tally, const Now& now);

 private:
  struct Counted {
    Counter counter;
    std::uint64_t before = 0;
  };
  enum class Series : std::uint8_t { kRequests, kWouldRefuse };

  void count(Series series, TrafficClass traffic, std::string_view outcome, std::uint64_t total);

  const Metrics metrics_;
  const Gauge level_;
  const Gauge waiting_;
  const Gauge permits_;
  std::map<std::pair<Series, std::pair<TrafficClass, std::string_view>>, Counted> counters_;
};

}  // namespace revenge::http_limits
