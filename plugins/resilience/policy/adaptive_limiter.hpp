// AdaptiveLimiter: at most as many calls at once as an AdaptiveLimit has learned, the rest refused; a lower class may use only its
// share of the limit, so that it is shed first. Samples are gathered over a window and change the limit at its end. Thread safety: all
// functions, any thread; acquire takes no lock, settle a short one.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <limits>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "adaptive_limit.hpp"
#include "mode.hpp"
#include "moment.hpp"
#include "notices.hpp"
#include "priority.hpp"
#include "problem.hpp"
#include "rejection.hpp"
#include "tally.hpp"
#include "verdict.hpp"

namespace revenge::resilience {

struct AdaptiveLimiterSettings {
  AdaptiveSettings limit;
  Duration min_window = std::chrono::seconds(1);  // a window is twice the shortest call, within these
  Duration max_window = std::chrono::seconds(1);
  std::int64_t min_samples = 10;                           // a window with fewer says nothing
  Duration min_time = std::chrono::microseconds(100);      // shorter calls say nothing: answered from a cache
  std::array<double, kPriorities> shares = {1, 0.9, 0.6};  // of the limit, by class

  bool operator==(const AdaptiveLimiterSettings&) const = default;
};

std::optional<Problem> problem(const AdaptiveLimiterSettings& settings);

struct AdaptivePermit {
  Moment started_at;
  std::int32_t in_flight = 0;  // at its start, itself included; 0: not counted, its result is not wanted

  bool operator==(const AdaptivePermit&) const = default;
};

struct LimitChanged {
  std::int64_t from = 0;
  std::int64_t to = 0;
  Moment at;
};

struct AdaptiveReport {
  std::int64_t limit = 0;
  std::int64_t running = 0;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
  std::array<std::uint64_t, kPriorities> admitted{};
  std::array<std::uint64_t, kPriorities> rejected{};
  std::uint64_t would_reject = 0;
  std::uint64_t stray_releases = 0;
  std::array<std::uint64_t, kVerdicts> outcomes{};
};

struct AdaptiveImage {
  double estimate = 0;
  std::int64_t running = 0;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
};

class AdaptiveLimiter {
 public:
  // Requires: !problem(settings).
  AdaptiveLimiter(std::string name, const AdaptiveLimiterSettings& settings, double probe_phase = 0.5);
  AdaptiveLimiter(const AdaptiveLimiter&) = delete;
  AdaptiveLimiter& operator=(const AdaptiveLimiter&) = delete;

  std::expected<AdaptivePermit, Rejection> acquire(Moment now,
                                                   Priority priority = Priority::kBrowsing) noexcept;
  // kFailure: dropped for lack of capacity or timed out, its time counts too. kIgnored: neither time nor failure counts; also for
  // answers from a cache and for failures that say nothing about capacity.
  void settle(const AdaptivePermit& permit, Verdict verdict, Moment now) noexcept;

  std::int64_t limit() const noexcept { return limit_.load(std::memory_order_relaxed); }
  std::int64_t running() const noexcept { return running_.load(std::memory_order_relaxed); }
  // Requires: !problem(settings). The limit stays, within the new bounds.
  void reconfigure(const AdaptiveLimiterSettings& settings, Moment now);
  void setMode(Mode mode, std::string_view reason);

  const std::string& name() const noexcept { return name_; }
  Mode mode() const noexcept { return mode_.load(std::memory_order_relaxed); }
  AdaptiveLimiterSettings settings() const;
  AdaptiveReport report() const;
  Notices<LimitChanged>& notices() noexcept { return notices_; }

  AdaptiveImage image() const;
  // Before the first call.
  void restore(const AdaptiveImage& image);

 private:
  struct Window {
    std::int64_t calls = 0;
    std::int64_t time_sum = 0;                                         // ns
    std::int64_t shortest = std::numeric_limits<std::int64_t>::max();  // ns
    std::int64_t in_flight = 0;
    bool dropped = false;
  };

  bool sampleLocked(const AdaptivePermit& permit, bool dropped, Moment now) noexcept;
  bool publishLocked(Moment now) noexcept;

  const std::string name_;
  alignas(64) std::atomic<std::int64_t> running_{0};
  std::atomic<std::int64_t> limit_;
  std::atomic<Mode> mode_{Mode::kEnforce};
  std::array<std::atomic<std::int64_t>, kPriorities> class_limits_{};

  alignas(64) mutable std::mutex mutex_;  // below
  AdaptiveLimiterSettings settings_;
  AdaptiveLimit learned_;
  Window window_;
  Moment window_end_;
  std::string mode_reason_;

  enum : std::size_t {
    kAdmitted = kVerdicts,
    kRejected = kAdmitted + kPriorities,
    kWouldReject = kRejected + kPriorities,
    kStray,
    kCounters
  };
  Tally<kCounters> tally_;
  Notices<LimitChanged> notices_;
};

}  // namespace revenge::resilience
