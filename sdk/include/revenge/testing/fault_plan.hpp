// Which call of a plugin into its host fails, and how long each takes: for HostileHost, and for a fake of one's own.
// Thread safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include <revenge/abi/base.h>

namespace revenge::testing {

class FaultPlan {
 public:
  // The call of that number from now on, 1 being the next one, of those that may fail.
  void failNth(std::uint64_t nth) {
    const std::lock_guard lock(mutex_);
    nth_ = calls_ + nth;
  }
  // Every call of the function, named "http.add_route".
  void fail(std::string function, revenge_status status) {
    const std::lock_guard lock(mutex_);
    failing_.insert_or_assign(std::move(function), status);
  }
  // Each call takes so long, on the real clock.
  void slow(std::chrono::nanoseconds each) {
    const std::lock_guard lock(mutex_);
    slow_ = each;
  }
  void clear() {
    const std::lock_guard lock(mutex_);
    nth_ = 0;
    failing_.clear();
    slow_ = {};
  }

  // Calls counted so far, and the function whose call was the nth.
  std::uint64_t calls() const {
    const std::lock_guard lock(mutex_);
    return calls_;
  }
  std::string failed() const {
    const std::lock_guard lock(mutex_);
    return failed_;
  }

  // What a call is to answer instead of doing its work; `otherwise` is the failure that suits the function.
  std::optional<revenge_status> next(std::string_view function, revenge_status otherwise) {
    const std::lock_guard lock(mutex_);
    ++calls_;
    if (const auto found = failing_.find(function); found != failing_.end()) return found->second;
    if (calls_ != nth_) return std::nullopt;
    failed_ = function;
    return otherwise;
  }
  void delay() const {
    std::chrono::nanoseconds each{};
    {
      const std::lock_guard lock(mutex_);
      each = slow_;
    }
    if (each.count() > 0) std::this_thread::sleep_for(each);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, revenge_status, std::less<>> failing_;
  std::string failed_;
  std::uint64_t calls_ = 0;
  std::uint64_t nth_ = 0;
  std::chrono::nanoseconds slow_{};
};

}  // namespace revenge::testing
