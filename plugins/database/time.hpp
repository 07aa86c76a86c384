// The clock this plugin is given, and waits by it. A test moves it by hand.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

namespace database {

using Instant = std::chrono::steady_clock::time_point;
using Duration = std::chrono::nanoseconds;

class Time {
 public:
  virtual ~Time() = default;
  virtual Instant now() const = 0;
  // Returns when notified, when `until` has come, or for no reason.
  virtual void wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Instant until) = 0;
};

class SystemTime final : public Time {
 public:
  Instant now() const override { return std::chrono::steady_clock::now(); }
  void wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Instant until) override {
    // Rationale: wait_until of the far future overflows inside libstdc++ where it is turned into a time of day.
    if (until - now() > std::chrono::hours(24))
      changed.wait_for(lock, std::chrono::hours(24));
    else
      changed.wait_until(lock, until);
  }
};

}  // namespace database
