// Breaker: stops calling what fails. Closed it counts outcomes; open it rejects at once; after a wait it admits a few trials,
// and their results close it or open it again. Each state has a generation: a result of a call admitted in an earlier one
// changes nothing. Trials carry a lease, so that one which never returns cannot keep it half-open. Thread safety: all
// functions, any thread; a call through a closed breaker takes no lock. Sources: Nygard, Release It!; generations as in
// sony/gobreaker, rates and slow calls as in resilience4j.
//
// Requires of callers: each permit is settled once (an abandoned one with kAbandoned; a permit lost all the same costs a lease),
// and `now` of settle is not before that of its acquire.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <mutex>
#include <string>
#include <string_view>

#include "breaker_report.hpp"
#include "breaker_settings.hpp"
#include "mode.hpp"
#include "moment.hpp"
#include "notices.hpp"
#include "outcome_window.hpp"
#include "rejection.hpp"
#include "tally.hpp"
#include "verdict.hpp"

namespace revenge::resilience {

// A token: keeps nothing alive; whatever version holds the breaker's state may settle it.
struct BreakerPermit {
  std::uint64_t generation = 0;  // 0: bound to nothing, its result is not wanted
  Moment started_at;
  std::uint32_t trial = 0;  // 0: not a trial

  bool operator==(const BreakerPermit&) const = default;
};

class Breaker {
 public:
  // Requires: !problem(settings). The seed is of the wait's jitter.
  Breaker(std::string name, const BreakerSettings& settings, std::uint64_t jitter_seed, Moment now);
  Breaker(const Breaker&) = delete;
  Breaker& operator=(const Breaker&) = delete;

  std::expected<BreakerPermit, Rejection> acquire(Moment now) noexcept {
    const std::uint64_t word = word_.load(std::memory_order_acquire);
    if (stateOf(word) == BreakerState::kClosed && mode_.load(std::memory_order_relaxed) == Mode::kEnforce)
        [[likely]] {
      return BreakerPermit{generationOf(word), now, 0};
    }
    return acquireUnlessOpen(now);
  }

  // `retry_after`: what the other side asked for, 0 when nothing.
  void settle(const BreakerPermit& permit, Verdict verdict, Moment now, Duration retry_after = {}) noexcept;

  // Moves on what time alone moves: open to half-open, a lost trial to open. For timers; acquire does the same.
  void tick(Moment now) noexcept;

  // By the operator. Opening keeps to the wait of the settings; to hold it open set the mode.
  void open(Moment now) noexcept;
  void openFor(Duration wait, Moment now) noexcept;
  void halfOpen(Moment now) noexcept;
  void close(Moment now) noexcept;
  // As new: closed, all counts of the window and the growth of the wait gone.
  void reset(Moment now) noexcept;
  void setMode(Mode mode, std::string_view reason, Moment now);

  // Requires: !problem(settings). The state stays, and the counts while the window's geometry is the same; thresholds apply from
  // the next result on, waits from the next opening on.
  void reconfigure(const BreakerSettings& settings, Moment now);

  const std::string& name() const noexcept { return name_; }
  BreakerState state() const noexcept { return stateOf(word_.load(std::memory_order_acquire)); }
  Mode mode() const noexcept { return mode_.load(std::memory_order_relaxed); }
  BreakerSettings settings() const;
  BreakerReport report(Moment now);
  Notices<BreakerEvent>& notices() noexcept { return notices_; }

  BreakerImage image(Moment now);
  // Before the first call. The window's counts come along when its geometry is the same.
  void restore(const BreakerImage& image, Moment now);

 private:
  // One word, so that a call reads state, generation and run together: generation 42 bits, failures in a row 20, state 2.
  static constexpr std::uint64_t kStateBits = 2;
  static constexpr std::uint64_t kRunBits = 20;
  static constexpr std::uint64_t kRunMask = ((std::uint64_t{1} << kRunBits) - 1) << kStateBits;
  static constexpr BreakerState stateOf(std::uint64_t word) noexcept {
    return static_cast<BreakerState>(word & 3U);
  }
  static constexpr std::uint64_t runOf(std::uint64_t word) noexcept {
    return (word & kRunMask) >> kStateBits;
  }
  static constexpr std::uint64_t generationOf(std::uint64_t word) noexcept {
    return word >> (kStateBits + kRunBits);
  }
  static constexpr std::uint64_t makeWord(std::uint64_t generation, std::uint64_t run,
                                          BreakerState state) noexcept {
    return generation << (kStateBits + kRunBits) | run << kStateBits | static_cast<std::uint64_t>(state);
  }

  struct Trial {
    std::uint32_t ordinal = 0;  // 0: free
    Moment started_at;
  };

  std::expected<BreakerPermit, Rejection> acquireUnlessOpen(Moment now) noexcept;
  std::expected<BreakerPermit, Rejection> admitLocked(Moment now) noexcept;
  std::expected<BreakerPermit, Rejection> refuse(RejectionKind kind, RejectingState state,
                                                 Duration retry_after, Moment now) noexcept;
  void settleInRow(std::uint64_t word, Verdict verdict, Moment now, Duration retry_after) noexcept;
  void settleTrial(const BreakerPermit& permit, Verdict verdict, Moment now, Duration retry_after) noexcept;
  void decideTrialsLocked(Moment now, Duration retry_after) noexcept;
  void openIfStill(std::uint64_t generation, BreakerCause cause, const OutcomeCounts& counts, Moment now,
                   Duration retry_after) noexcept;
  void openLocked(BreakerCause cause, const OutcomeCounts& counts, Moment now, Duration asked) noexcept;
  void openUntilLocked(Moment eligible, BreakerCause cause, const OutcomeCounts& counts, Moment now) noexcept;
  void enterLocked(BreakerState to, BreakerCause cause, const OutcomeCounts& counts, Moment now) noexcept;
  void tickLocked(Moment now) noexcept;
  bool reachedThreshold(const OutcomeCounts& counts, BreakerCause& cause) const noexcept;
  bool reachedRate(const OutcomeCounts& counts, BreakerCause& cause) const noexcept;
  Duration waitLocked() noexcept;
  double uniformLocked() noexcept;
  void publishLocked() noexcept;
  void clearRunLocked() noexcept;

  const std::string name_;

  // Read by every call, written by transitions.
  alignas(64) std::atomic<std::uint64_t> word_;
  std::atomic<Mode> mode_{Mode::kEnforce};
  std::atomic<WindowKind> window_kind_;
  std::atomic<RetryAfterUse> retry_after_use_;
  std::atomic<std::int64_t> eligible_at_{0};  // ns
  std::atomic<std::int64_t> slow_after_;      // ns, max: never
  std::atomic<std::int64_t> failures_;        // max: never
  std::atomic<std::int64_t> min_calls_;
  std::atomic<std::int64_t> failure_ppm_;  // of a million; 0: off
  std::atomic<std::int64_t> slow_ppm_;

  alignas(64) OutcomeWindow window_;

  mutable std::mutex mutex_;  // state below, and every change of the state's bits in word_
  BreakerSettings settings_;
  std::string mode_reason_;
  Moment since_;
  std::uint32_t reopenings_ = 0;
  std::uint32_t openings_in_row_ = 0;
  OutcomeCounts trial_counts_;
  std::uint32_t next_trial_ = 1;
  std::int64_t trials_running_ = 0;
  std::array<Trial, kMaxTrials> trials_{};
  std::uint64_t random_;
  std::array<std::array<std::uint64_t, kBreakerStates>, kBreakerStates> transitions_{};

  enum : std::size_t { kLate = kVerdicts, kRejected, kWouldReject, kCounters };
  Tally<kCounters> tally_;
  Notices<BreakerEvent> notices_;
};

}  // namespace revenge::resilience
