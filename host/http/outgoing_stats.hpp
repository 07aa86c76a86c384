// What is counted of the requests that one plugin makes. Thread safety: everything may be called from any thread.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "observe/metrics.hpp"

namespace revenge::http {

class OutgoingStats {
 public:
  OutgoingStats(observe::Metrics& metrics, std::string_view plugin);

  void begun() const { in_flight_.add(1); }
  void answered(unsigned status, base::Duration took) const;
  void failed(base::Errc why, base::Duration took) const;
  void connections(int change) const { connections_.add(change); }
  void opened() const { opened_.add(); }
  void sentAgain() const { again_.add(); }

 private:
  static constexpr std::size_t kErrors = 6;
  static std::size_t reasonOf(base::Errc why);

  observe::MetricScope scope_;
  std::array<observe::Counter, 5> by_class_;
  std::array<observe::Counter, kErrors> errors_;
  observe::Histogram seconds_;
  observe::Gauge in_flight_;
  observe::Gauge connections_;
  observe::Counter opened_;
  observe::Counter again_;
};

}  // namespace revenge::http
