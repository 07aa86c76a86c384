// Time as an argument. Only this room reads a clock; everything else is given a Clock and, in tests, a ManualClock.
// Thread safety: every function may be called from any thread.
#pragma once

#include <atomic>
#include <chrono>

namespace revenge::base {

using Duration = std::chrono::nanoseconds;
using Instant = std::chrono::time_point<std::chrono::steady_clock, Duration>;   // CLOCK_MONOTONIC
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;  // CLOCK_REALTIME

// One point in time on both clocks.
struct Moment {
  Instant now;
  WallTime wall;
};

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
  virtual WallTime wall() const = 0;
  virtual Moment moment() const { return {now(), wall()}; }
};

class SystemClock final : public Clock {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  WallTime wall() const override { return std::chrono::system_clock::now(); }
};

// Stands still until advanced. Starts at an arbitrary, fixed time so that differences, not values, get tested.
class ManualClock final : public Clock {
 public:
  Instant now() const override { return Instant(Duration(elapsed_.load())); }
  WallTime wall() const override {
    return WallTime(std::chrono::seconds(1'700'000'000) + Duration(elapsed_.load()));
  }
  void advance(Duration by) { elapsed_.fetch_add(by.count()); }

 private:
  std::atomic<Duration::rep> elapsed_{std::chrono::nanoseconds(std::chrono::hours(1)).count()};
};

}  // namespace revenge::base
