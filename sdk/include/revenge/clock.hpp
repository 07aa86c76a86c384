// Clock: the host's time, which a test host holds still. A value that borrows the Host; safe anywhere.
//
// Calling the clock is reading it, so that domain code may take any `time_point()` function and know no SDK.
#pragma once

#include <chrono>

#include <revenge/host.hpp>

namespace revenge {

class Clock {
 public:
  explicit Clock(const Host& host) : table_(&host.clockTable()), host_(host.raw()) {}

  std::chrono::steady_clock::time_point now() const {
    return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(table_->monotonic_ns(host_)));
  }
  std::chrono::steady_clock::time_point operator()() const { return now(); }

  // The time of day; may jump.
  std::chrono::sys_time<std::chrono::nanoseconds> wall() const {
    return std::chrono::sys_time<std::chrono::nanoseconds>(std::chrono::nanoseconds(table_->wall_ns(host_)));
  }

 private:
  const revenge_clock* table_;
  const revenge_host* host_;
};

inline Clock Host::clock() const { return Clock(*this); }

}  // namespace revenge
