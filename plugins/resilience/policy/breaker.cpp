#include "breaker.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace revenge::resilience {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMillion = 1'000'000;

bool reached(std::int64_t part, std::int64_t ppm, std::int64_t calls) noexcept {
  return ppm > 0 && calls > 0 && part * kMillion >= ppm * calls;
}

}  // namespace

Breaker::Breaker(std::string name, const BreakerSettings& settings, std::uint64_t jitter_seed, Moment now)
    : name_(std::move(name)),
      word_(makeWord(1, 0, BreakerState::kClosed)),
      window_(settings.geometry(), now),
      settings_(settings),
      since_(now),
      random_(jitter_seed) {
  publishLocked();
}

void Breaker::publishLocked() noexcept {
  const auto ppm = [](double rate) { return std::llround(rate * static_cast<double>(kMillion)); };
  window_kind_.store(settings_.window, std::memory_order_relaxed);
  retry_after_use_.store(settings_.retry_after, std::memory_order_relaxed);
  slow_after_.store(settings_.slow_after > Duration::zero() ? settings_.slow_after.count() : kNever,
                    std::memory_order_relaxed);
  failures_.store(settings_.failures > 0 ? settings_.failures : kNever, std::memory_order_relaxed);
  min_calls_.store(settings_.min_calls, std::memory_order_relaxed);
  failure_ppm_.store(ppm(settings_.failure_rate), std::memory_order_relaxed);
  slow_ppm_.store(ppm(settings_.slow_rate), std::memory_order_relaxed);
}

std::expected<BreakerPermit, Rejection> Breaker::refuse(RejectionKind kind, RejectingState state,
                                                        Duration retry_after, Moment now) noexcept {
  if (mode_.load(std::memory_order_relaxed) == Mode::kDryRun) {
    tally_.add(kWouldReject);
    return BreakerPermit{0, now, 0};
  }
  tally_.add(kRejected);
  return std::unexpected(Rejection{name_, retry_after, kind, FullReason::kNone, state});
}

std::expected<BreakerPermit, Rejection> Breaker::acquireUnlessOpen(Moment now) noexcept {
  const Mode mode = mode_.load(std::memory_order_relaxed);
  if (mode == Mode::kDisabled) return BreakerPermit{0, now, 0};
  if (mode == Mode::kIsolated) return refuse(RejectionKind::kIsolated, RejectingState::kIsolated, {}, now);
  if (mode == Mode::kForcedOpen)
    return refuse(RejectionKind::kCircuitOpen, RejectingState::kForcedOpen, {}, now);
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (stateOf(word) == BreakerState::kClosed) return BreakerPermit{generationOf(word), now, 0};
  if (stateOf(word) == BreakerState::kOpen) {
    const Moment eligible = Moment::ofNanoseconds(eligible_at_.load(std::memory_order_relaxed));
    if (now < eligible)
      return refuse(RejectionKind::kCircuitOpen, RejectingState::kOpen, eligible - now, now);
  }
  auto answer = [&] {
    const std::lock_guard lock(mutex_);
    tickLocked(now);
    return admitLocked(now);
  }();
  notices_.deliver();
  return answer;
}

std::expected<BreakerPermit, Rejection> Breaker::admitLocked(Moment now) noexcept {
  const std::uint64_t word = word_.load(std::memory_order_relaxed);
  if (stateOf(word) == BreakerState::kClosed) return BreakerPermit{generationOf(word), now, 0};
  if (stateOf(word) == BreakerState::kOpen) {
    const Moment eligible = Moment::ofNanoseconds(eligible_at_.load(std::memory_order_relaxed));
    return refuse(RejectionKind::kCircuitOpen, RejectingState::kOpen, remaining(now, eligible), now);
  }
  const auto free = std::ranges::find(trials_, 0U, &Trial::ordinal);
  if (trials_running_ + trial_counts_.calls >= settings_.trials || free == trials_.end()) {
    return refuse(RejectionKind::kCircuitOpen, RejectingState::kHalfOpen, {}, now);
  }
  *free = {next_trial_, now};
  next_trial_ = std::max(next_trial_ + 1, 1U);
  ++trials_running_;
  return BreakerPermit{generationOf(word), now, free->ordinal};
}

void Breaker::settle(const BreakerPermit& permit, Verdict verdict, Moment now,
                     Duration retry_after) noexcept {
  if ((now - permit.started_at).count() >= slow_after_.load(std::memory_order_relaxed))
    verdict = slowed(verdict);
  tally_.add(static_cast<std::size_t>(verdict));
  if (permit.generation == 0) return;
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  if (generationOf(word) != permit.generation) return tally_.add(kLate);
  if (stateOf(word) != BreakerState::kClosed) return settleTrial(permit, verdict, now, retry_after);
  if (!isCounted(verdict)) return;
  if (isFailure(verdict) && retry_after > Duration::zero() &&
      retry_after_use_.load(std::memory_order_relaxed) == RetryAfterUse::kOpen) {
    return openIfStill(permit.generation, BreakerCause::kRetryAfter, {1, 1, 0}, now, retry_after);
  }
  if (window_kind_.load(std::memory_order_relaxed) == WindowKind::kConsecutive) {
    return settleInRow(word, verdict, now, retry_after);
  }
  const OutcomeCounts counts = window_.record(isFailure(verdict), isSlow(verdict), now);
  BreakerCause cause{};
  if (reachedThreshold(counts, cause)) openIfStill(permit.generation, cause, counts, now, retry_after);
}

// `word`: what the call's end was seen in; a change of it in between is either another result, or a transition after
// which this one is late.
void Breaker::settleInRow(std::uint64_t word, Verdict verdict, Moment now, Duration retry_after) noexcept {
  const std::uint64_t generation = generationOf(word);
  while (generationOf(word) == generation) {
    const std::uint64_t run = isFailure(verdict) ? runOf(word) + 1 : 0;
    if (run == runOf(word)) return;
    if (static_cast<std::int64_t>(run) >= failures_.load(std::memory_order_relaxed)) {
      const auto failures = static_cast<std::int64_t>(run);
      return openIfStill(generation, BreakerCause::kFailures, {failures, failures, 0}, now, retry_after);
    }
    if (word_.compare_exchange_weak(word, makeWord(generation, run, BreakerState::kClosed),
                                    std::memory_order_acq_rel, std::memory_order_acquire)) {
      return;
    }
  }
  tally_.add(kLate);
}

bool Breaker::reachedThreshold(const OutcomeCounts& counts, BreakerCause& cause) const noexcept {
  if (counts.failures >= failures_.load(std::memory_order_relaxed)) {
    cause = BreakerCause::kFailures;
    return true;
  }
  return counts.calls >= min_calls_.load(std::memory_order_relaxed) && reachedRate(counts, cause);
}

bool Breaker::reachedRate(const OutcomeCounts& counts, BreakerCause& cause) const noexcept {
  if (reached(counts.failures, failure_ppm_.load(std::memory_order_relaxed), counts.calls)) {
    cause = BreakerCause::kFailureRate;
    return true;
  }
  cause = BreakerCause::kSlowRate;
  return reached(counts.slow, slow_ppm_.load(std::memory_order_relaxed), counts.calls);
}

void Breaker::openIfStill(std::uint64_t generation, BreakerCause cause, const OutcomeCounts& counts,
                          Moment now, Duration retry_after) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (generationOf(word_.load(std::memory_order_relaxed)) != generation) return tally_.add(kLate);
    openLocked(cause, counts, now, retry_after);
  }
  notices_.deliver();
}

void Breaker::settleTrial(const BreakerPermit& permit, Verdict verdict, Moment now,
                          Duration retry_after) noexcept {
  {
    const std::lock_guard lock(mutex_);
    tickLocked(now);
    const auto trial = std::ranges::find(trials_, permit.trial, &Trial::ordinal);
    const bool current = generationOf(word_.load(std::memory_order_relaxed)) == permit.generation;
    if (!current || permit.trial == 0 || trial == trials_.end()) {
      tally_.add(kLate);
    } else {
      *trial = {};
      --trials_running_;
      if (isCounted(verdict)) {
        ++trial_counts_.calls;
        trial_counts_.failures += isFailure(verdict) ? 1 : 0;
        trial_counts_.slow += isSlow(verdict) ? 1 : 0;
        decideTrialsLocked(now, retry_after);
      }
    }
  }
  notices_.deliver();
}

void Breaker::decideTrialsLocked(Moment now, Duration retry_after) noexcept {
  const OutcomeCounts counts = trial_counts_;
  if (settings_.trial_rule == TrialRule::kRates) {
    if (counts.calls < settings_.trials) return;
    BreakerCause cause{};
    if (!reachedRate(counts, cause))
      return enterLocked(BreakerState::kClosed, BreakerCause::kTrialsPassed, counts, now);
    if (cause == BreakerCause::kFailureRate) cause = BreakerCause::kTrialFailed;
    return openLocked(cause, counts, now, retry_after);
  }
  if (counts.calls - counts.failures >= settings_.trial_successes) {
    return enterLocked(BreakerState::kClosed, BreakerCause::kTrialsPassed, counts, now);
  }
  if (counts.failures > settings_.trials - settings_.trial_successes) {
    openLocked(BreakerCause::kTrialFailed, counts, now, retry_after);
  }
}

void Breaker::tickLocked(Moment now) noexcept {
  const BreakerState state = stateOf(word_.load(std::memory_order_relaxed));
  if (state == BreakerState::kOpen && now.nanoseconds() >= eligible_at_.load(std::memory_order_relaxed)) {
    return enterLocked(BreakerState::kHalfOpen, BreakerCause::kWaitOver, {}, now);
  }
  if (state != BreakerState::kHalfOpen || trials_running_ == 0) return;
  const Duration lease = settings_.lease();
  const auto lost = [&](const Trial& trial) { return trial.ordinal != 0 && now - trial.started_at >= lease; };
  if (std::ranges::any_of(trials_, lost)) openLocked(BreakerCause::kTrialLost, trial_counts_, now, {});
}

void Breaker::openLocked(BreakerCause cause, const OutcomeCounts& counts, Moment now,
                         Duration asked) noexcept {
  Duration wait = waitLocked();
  if (settings_.retry_after != RetryAfterUse::kIgnore)
    wait = std::max(wait, std::min(asked, settings_.max_open_wait));
  openUntilLocked(now + wait, cause, counts, now);
}

void Breaker::openUntilLocked(Moment eligible, BreakerCause cause, const OutcomeCounts& counts,
                              Moment now) noexcept {
  if (stateOf(word_.load(std::memory_order_relaxed)) == BreakerState::kHalfOpen) ++reopenings_;
  // Before the word, so that whoever sees it open finds the wait.
  eligible_at_.store(eligible.nanoseconds(), std::memory_order_relaxed);
  enterLocked(BreakerState::kOpen, cause, counts, now);
}

void Breaker::enterLocked(BreakerState to, BreakerCause cause, const OutcomeCounts& counts,
                          Moment now) noexcept {
  const std::uint64_t word = word_.load(std::memory_order_relaxed);
  const BreakerState from = stateOf(word);
  trial_counts_ = {};
  trials_running_ = 0;
  trials_.fill({});
  since_ = now;
  if (to == BreakerState::kClosed) {
    reopenings_ = 0;
    openings_in_row_ = 0;
    window_.reset();
  }
  word_.store(makeWord(generationOf(word) + 1, 0, to), std::memory_order_release);
  if (from == to) return;
  ++transitions_[static_cast<std::size_t>(from)][static_cast<std::size_t>(to)];
  BreakerEvent event{from, to, cause, mode_.load(std::memory_order_relaxed), now, {}, reopenings_, counts};
  if (to == BreakerState::kOpen) {
    event.wait = remaining(now, Moment::ofNanoseconds(eligible_at_.load(std::memory_order_relaxed)));
  }
  notices_.post(event);
}

Duration Breaker::waitLocked() noexcept {
  // Bounded: without an end times a jitter of nothing would be no number.
  const double factor = std::min(std::pow(settings_.open_wait_growth, openings_in_row_), 1e18);
  if (openings_in_row_ < std::numeric_limits<std::uint32_t>::max()) ++openings_in_row_;
  const double jitter = 1 + settings_.open_wait_jitter * (2 * uniformLocked() - 1);
  return std::min(scaled(settings_.open_wait, factor * jitter), settings_.max_open_wait);
}

// SplitMix64 (Steele, Lea, Flood).
double Breaker::uniformLocked() noexcept {
  random_ += 0x9E3779B97F4A7C15U;
  std::uint64_t mixed = random_;
  mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
  mixed ^= mixed >> 31U;
  return static_cast<double>(mixed >> 11U) * 0x1p-53;
}

}  // namespace revenge::resilience
