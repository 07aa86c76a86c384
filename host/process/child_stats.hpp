// What is counted of one owner's children. Thread safety: any thread.
#pragma once

#include <array>
#include <string_view>

#include "base/clock.hpp"
#include "observe/metrics.hpp"
#include "process/command.hpp"

namespace revenge::process {

class ChildStats {
 public:
  ChildStats(observe::Metrics& metrics, std::string_view owner);

  void waits() const { waiting_.add(1); }
  void waitsNoMore() const { waiting_.add(-1); }
  void runs() const;
  void ended(How how, base::Duration wall) const;
  void lost() const;  // while it ran
  void neverRan() const { failed_.add(); }

 private:
  observe::MetricScope scope_;
  observe::Counter started_;
  observe::Counter failed_;
  observe::Gauge running_;
  observe::Gauge waiting_;
  observe::Histogram seconds_;
  std::array<observe::Counter, 6> ended_;  // by How, and lost
};

std::string_view nameOf(How how);

}  // namespace revenge::process
