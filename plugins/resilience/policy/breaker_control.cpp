// What the operator, the configuration and the next version do to a breaker.
#include <algorithm>

#include "breaker.hpp"

namespace revenge::resilience {

void Breaker::tick(Moment now) noexcept {
  if (state() == BreakerState::kClosed) return;
  {
    const std::lock_guard lock(mutex_);
    tickLocked(now);
  }
  notices_.deliver();
}

void Breaker::open(Moment now) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (state() != BreakerState::kOpen) openLocked(BreakerCause::kOperator, {}, now, {});
  }
  notices_.deliver();
}

void Breaker::openFor(Duration wait, Moment now) noexcept {
  {
    const std::lock_guard lock(mutex_);
    openUntilLocked(now + std::max(wait, Duration::zero()), BreakerCause::kOperator, {}, now);
  }
  notices_.deliver();
}

void Breaker::halfOpen(Moment now) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (state() != BreakerState::kHalfOpen)
      enterLocked(BreakerState::kHalfOpen, BreakerCause::kOperator, {}, now);
  }
  notices_.deliver();
}

void Breaker::close(Moment now) noexcept {
  {
    const std::lock_guard lock(mutex_);
    if (state() != BreakerState::kClosed)
      enterLocked(BreakerState::kClosed, BreakerCause::kOperator, {}, now);
  }
  notices_.deliver();
}

void Breaker::reset(Moment now) noexcept {
  {
    const std::lock_guard lock(mutex_);
    enterLocked(BreakerState::kClosed, BreakerCause::kOperator, {}, now);
  }
  notices_.deliver();
}

void Breaker::setMode(Mode mode, std::string_view reason, Moment now) {
  {
    const std::lock_guard lock(mutex_);
    mode_reason_ = reason;
    mode_.store(mode, std::memory_order_relaxed);
    notices_.post({state(), state(), BreakerCause::kMode, mode, now, {}, reopenings_, {}});
  }
  notices_.deliver();
}

void Breaker::reconfigure(const BreakerSettings& settings, Moment now) {
  {
    const std::lock_guard lock(mutex_);
    window_.reshape(settings.geometry(), now);
    const bool another_kind = settings.window != settings_.window;
    settings_ = settings;
    publishLocked();
    if (another_kind) clearRunLocked();
    // With fewer trials than have ended none would come that could decide.
    if (state() == BreakerState::kHalfOpen && trial_counts_.calls > 0) decideTrialsLocked(now, {});
  }
  notices_.deliver();
}

void Breaker::clearRunLocked() noexcept {
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  while (!word_.compare_exchange_weak(word, word & ~kRunMask, std::memory_order_acq_rel,
                                      std::memory_order_relaxed)) {
  }
}

BreakerSettings Breaker::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

BreakerReport Breaker::report(Moment now) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  BreakerReport report;
  report.state = stateOf(word);
  report.mode = mode();
  report.mode_reason = mode_reason_;
  if (report.state == BreakerState::kHalfOpen) {
    report.counts = trial_counts_;
  } else if (settings_.window == WindowKind::kConsecutive) {
    const auto run = static_cast<std::int64_t>(runOf(word));
    report.counts = {run, run, 0};
  } else {
    report.counts = window_.counts(now);
  }
  report.since = since_;
  report.eligible_at = Moment::ofNanoseconds(eligible_at_.load(std::memory_order_relaxed));
  report.trials_running = trials_running_;
  report.reopenings = reopenings_;
  for (std::size_t verdict = 0; verdict < kVerdicts; ++verdict)
    report.outcomes[verdict] = tally_.sum(verdict);
  report.late_results = tally_.sum(kLate);
  report.rejected = tally_.sum(kRejected);
  report.would_reject = tally_.sum(kWouldReject);
  report.transitions = transitions_;
  return report;
}

BreakerImage Breaker::image(Moment now) {
  const std::lock_guard lock(mutex_);
  const std::uint64_t word = word_.load(std::memory_order_acquire);
  BreakerImage image;
  image.state = stateOf(word);
  image.mode = mode();
  image.mode_reason = mode_reason_;
  image.generation = generationOf(word);
  image.failures_in_row = static_cast<std::int64_t>(runOf(word));
  image.since = since_;
  image.eligible_at = Moment::ofNanoseconds(eligible_at_.load(std::memory_order_relaxed));
  image.reopenings = reopenings_;
  image.openings_in_row = openings_in_row_;
  image.trials = trial_counts_;
  image.next_trial = next_trial_;
  for (const Trial& trial : trials_) {
    if (trial.ordinal != 0) image.running.push_back({trial.ordinal, trial.started_at});
  }
  image.window = window_.image(now);
  return image;
}

void Breaker::restore(const BreakerImage& image, Moment now) {
  const std::lock_guard lock(mutex_);
  const auto run =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(image.failures_in_row, 0, kMaxConsecutive));
  const bool in_row = settings_.window == WindowKind::kConsecutive;
  mode_.store(image.mode, std::memory_order_relaxed);
  mode_reason_ = image.mode_reason;
  eligible_at_.store(image.eligible_at.nanoseconds(), std::memory_order_relaxed);
  since_ = image.since;
  reopenings_ = image.reopenings;
  openings_in_row_ = image.openings_in_row;
  trial_counts_ = image.trials;
  next_trial_ = std::max(image.next_trial, 1U);
  trials_.fill({});
  trials_running_ = 0;
  for (const BreakerImage::Trial& trial : image.running) {
    if (trials_running_ == kMaxTrials || trial.ordinal == 0) continue;
    trials_[static_cast<std::size_t>(trials_running_++)] = {trial.ordinal, trial.started_at};
  }
  window_.restore(image.window, now);
  word_.store(makeWord(std::max<std::uint64_t>(image.generation, 1), in_row ? run : 0, image.state),
              std::memory_order_release);
}

}  // namespace revenge::resilience
