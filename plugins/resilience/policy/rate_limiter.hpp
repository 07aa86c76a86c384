// RateLimiter: lets so many calls start within a time, by a token bucket in one atomic integer. Thread safety: all functions,
// any thread; no lock but for changes of its settings. Algorithm: bucket.hpp; fixed windows as an option.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>

#include "bucket.hpp"
#include "mode.hpp"
#include "moment.hpp"
#include "rate_settings.hpp"
#include "rejection.hpp"
#include "shared_level.hpp"
#include "tally.hpp"

namespace revenge::resilience {

struct RateGrant {
  std::int64_t permits = 0;  // 0: nothing to give back
  Duration wait{};           // of a reservation: the call may start only after it
  std::int64_t window = 0;   // of fixed windows: which one it is of
  bool shared = false;       // came from the level that hosts share
  bool operator==(const RateGrant&) const = default;
};

// For the RateLimit header fields.
struct RateLevel {
  std::int64_t limit = 0;      // permits of a full bucket, or of a window
  std::int64_t remaining = 0;  // that are there now
  Duration full_in{};          // until all are
};

struct RateReport {
  RateLevel level;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
  std::uint64_t allowed = 0;  // calls, not permits
  std::uint64_t rejected = 0;
  std::uint64_t would_reject = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t invalid = 0;
};

struct RateImage {
  std::int64_t level = 0;  // arrival, or window and count
  RateSettings settings;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
};

class RateLimiter {
 public:
  // Requires: !problem(settings). Begins full. `shared` may be null, else it outlives the limiter.
  RateLimiter(std::string name, const RateSettings& settings, SharedLevel* shared = nullptr);
  RateLimiter(const RateLimiter&) = delete;
  RateLimiter& operator=(const RateLimiter&) = delete;

  // Now or not at all. kInvalidArgument: more than the burst, or fewer than one; the level is as before.
  std::expected<RateGrant, Rejection> allow(Moment now, std::int64_t permits = 1) noexcept;
  // Takes permits that come within `most_wait` (and the settings' max_wait): the caller waits `wait` before its call, or
  // cancels. Hopeless waits are refused at once, and take nothing.
  std::expected<RateGrant, Rejection> reserve(Moment now, Duration most_wait,
                                              std::int64_t permits = 1) noexcept;
  // Gives back what a call did not use.
  void cancel(const RateGrant& grant) noexcept;
  // As many as are there now, at most `permits`; how many.
  std::int64_t allowUpTo(Moment now, std::int64_t permits) noexcept;

  RateLevel level(Moment now) const noexcept;
  // Requires: !problem(settings). Applies from the next decision on. The permits that are there stay as far as they fit; no new
  // ones come but by time.
  void reconfigure(const RateSettings& settings, Moment now);
  void setMode(Mode mode, std::string_view reason);

  const std::string& name() const noexcept { return name_; }
  Mode mode() const noexcept { return mode_.load(std::memory_order_relaxed); }
  RateSettings settings() const;
  RateReport report(Moment now) const;

  RateImage image() const;
  // Before the first call. The level is converted to this limiter's settings.
  void restore(const RateImage& image, Moment now);

 private:
  struct Terms {
    BucketRate rate;
    std::int64_t period = 0;  // of fixed windows, ns; 0: bucket
    std::int64_t max_wait = 0;
  };
  struct Read {
    std::int64_t level;
    Terms terms;
  };

  // Level and terms that belong together.
  Read read() const noexcept;
  static BucketTaken takeBy(const Read& read, std::int64_t permits, Moment now, Duration most_wait) noexcept;
  static RateLevel levelBy(const Read& read, Moment now) noexcept;
  static std::int64_t convert(std::int64_t level, const Terms& from, const Terms& to, Moment now) noexcept;
  std::expected<RateGrant, Rejection> decide(Moment now, std::int64_t permits, Duration most_wait) noexcept;
  std::expected<RateGrant, Rejection> refuse(RejectionKind kind, RejectingState state,
                                             Duration retry_after) noexcept;
  void storeTerms(const Terms& terms) noexcept;
  static Terms termsOf(const RateSettings& settings) noexcept;

  const std::string name_;
  SharedLevel* const shared_;

  alignas(64) std::atomic<std::int64_t> level_;
  // Not beside the level: what each call changes, the others' caches lose. A change of terms makes it odd, then even again; who
  // sees it change reads anew.
  alignas(64) std::atomic<std::uint32_t> version_{0};
  std::atomic<Mode> mode_{Mode::kEnforce};
  std::atomic<std::int64_t> interval_{1};
  std::atomic<std::int64_t> burst_{1};
  std::atomic<std::int64_t> period_{0};
  std::atomic<std::int64_t> max_wait_{0};

  mutable std::mutex mutex_;  // settings and reasons
  RateSettings settings_;
  std::string mode_reason_;

  enum : std::size_t { kAllowed, kRejected, kWouldReject, kCancelled, kInvalid, kCounters };
  Tally<kCounters> tally_;
};

}  // namespace revenge::resilience
