// Metrics of the pools, set each time they are tended.
#pragma once

#include <revenge/plugin.hpp>

#include "database.hpp"

namespace database {

class PoolMetrics {
 public:
  PoolMetrics(revenge::Host& host, std::string_view pool);
  void set(const PoolStats& stats);

 private:
  revenge::Gauge open_;
  revenge::Gauge busy_;
  revenge::Gauge waiting_;
  revenge::Counter acquired_;
  revenge::Counter waited_;
  revenge::Counter timed_out_;
  revenge::Counter opened_;
  revenge::Counter failed_;
  revenge::Counter closed_broken_;
  PoolStats before_;
};

}  // namespace database
