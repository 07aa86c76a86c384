#include "rate_limiter.hpp"

#include <algorithm>
#include <limits>
#include <thread>
#include <utility>

#include "fixed_window.hpp"

namespace revenge::resilience {
namespace {

constexpr std::int64_t kFull = std::numeric_limits<std::int64_t>::min();

bool isWindowed(std::int64_t period) noexcept { return period != 0; }

}  // namespace

RateLimiter::RateLimiter(std::string name, const RateSettings& settings, SharedLevel* shared)
    : name_(std::move(name)),
      shared_(shared),
      level_(settings.algorithm == RateAlgorithm::kBucket ? kFull : 0),
      settings_(settings) {
  storeTerms(termsOf(settings));
}

RateLimiter::Terms RateLimiter::termsOf(const RateSettings& settings) noexcept {
  if (settings.algorithm == RateAlgorithm::kBucket) return {settings.bucket(), 0, settings.max_wait.count()};
  return {{1, settings.permits}, settings.per.count(), settings.max_wait.count()};
}

void RateLimiter::storeTerms(const Terms& terms) noexcept {
  interval_.store(terms.rate.interval, std::memory_order_relaxed);
  burst_.store(terms.rate.burst, std::memory_order_relaxed);
  period_.store(terms.period, std::memory_order_relaxed);
  max_wait_.store(terms.max_wait, std::memory_order_relaxed);
}

RateLimiter::Read RateLimiter::read() const noexcept {
  while (true) {
    const std::uint32_t version = version_.load(std::memory_order_acquire);
    if (version % 2 != 0) {
      std::this_thread::yield();
      continue;
    }
    Read read{level_.load(std::memory_order_acquire), {}};
    read.terms.rate.interval = interval_.load(std::memory_order_acquire);
    read.terms.rate.burst = burst_.load(std::memory_order_acquire);
    read.terms.period = period_.load(std::memory_order_acquire);
    read.terms.max_wait = max_wait_.load(std::memory_order_acquire);
    if (version_.load(std::memory_order_relaxed) == version) return read;
  }
}

BucketTaken RateLimiter::takeBy(const Read& read, std::int64_t permits, Moment now,
                                Duration most_wait) noexcept {
  if (!isWindowed(read.terms.period)) return takeFrom(read.level, read.terms.rate, permits, now, most_wait);
  const std::int64_t period = read.terms.period;
  const FixedWindow next = FixedWindow::of(read.level).at(now, period).with(permits, read.terms.rate.burst);
  const Duration wait = next.wait(now, period);
  return {wait <= most_wait, next.level(), wait};
}

std::expected<RateGrant, Rejection> RateLimiter::refuse(RejectionKind kind, RejectingState state,
                                                        Duration retry_after) noexcept {
  if (mode_.load(std::memory_order_relaxed) == Mode::kDryRun) {
    tally_.add(kWouldReject);
    return RateGrant{};
  }
  tally_.add(kind == RejectionKind::kInvalidArgument ? kInvalid : kRejected);
  return std::unexpected(Rejection{name_, retry_after, kind, FullReason::kNone, state});
}

std::expected<RateGrant, Rejection> RateLimiter::decide(Moment now, std::int64_t permits,
                                                        Duration most_wait) noexcept {
  const Mode mode = mode_.load(std::memory_order_relaxed);
  if (mode != Mode::kEnforce && mode != Mode::kDryRun) [[unlikely]] {
    if (mode == Mode::kDisabled) return RateGrant{};
    if (mode == Mode::kIsolated) return refuse(RejectionKind::kIsolated, RejectingState::kIsolated, {});
    return refuse(RejectionKind::kRateLimited, RejectingState::kForcedOpen, {});
  }
  while (true) {
    const Read read = this->read();
    if (permits < 1 || permits > read.terms.rate.burst)
      return refuse(RejectionKind::kInvalidArgument, {}, {});
    const Duration wait = std::min(most_wait, Duration(read.terms.max_wait));
    if (shared_ != nullptr && !isWindowed(read.terms.period)) {
      if (const auto taken = shared_->take(name_, read.terms.rate, permits, now, wait)) {
        if (!taken->taken) return refuse(RejectionKind::kRateLimited, RejectingState::kNone, taken->wait);
        tally_.add(kAllowed);
        return RateGrant{permits, taken->wait, 0, true};
      }
    }
    const BucketTaken taken = takeBy(read, permits, now, wait);
    if (!taken.taken) return refuse(RejectionKind::kRateLimited, RejectingState::kNone, taken.wait);
    std::int64_t expected = read.level;
    if (level_.compare_exchange_weak(expected, taken.arrival, std::memory_order_acq_rel,
                                     std::memory_order_relaxed)) {
      tally_.add(kAllowed);
      return RateGrant{permits, taken.wait,
                       isWindowed(read.terms.period) ? FixedWindow::of(taken.arrival).number : 0, false};
    }
  }
}

std::expected<RateGrant, Rejection> RateLimiter::allow(Moment now, std::int64_t permits) noexcept {
  return decide(now, permits, Duration::zero());
}

std::expected<RateGrant, Rejection> RateLimiter::reserve(Moment now, Duration most_wait,
                                                         std::int64_t permits) noexcept {
  return decide(now, permits, std::max(most_wait, Duration::zero()));
}

void RateLimiter::cancel(const RateGrant& grant) noexcept {
  if (grant.permits <= 0) return;
  tally_.add(kCancelled);
  if (grant.shared) return shared_->giveBack(name_, read().terms.rate, grant.permits);
  while (true) {
    const Read read = this->read();
    std::int64_t level = 0;
    if (isWindowed(read.terms.period)) {
      FixedWindow window = FixedWindow::of(read.level);
      if (window.number != grant.window) return;  // that period is over, or was of other settings
      window.used = std::max<std::int64_t>(0, window.used - grant.permits);
      level = window.level();
    } else {
      level = giveBackTo(read.level, read.terms.rate, grant.permits);
    }
    std::int64_t expected = read.level;
    if (level_.compare_exchange_weak(expected, level, std::memory_order_acq_rel, std::memory_order_relaxed))
      return;
  }
}

std::int64_t RateLimiter::allowUpTo(Moment now, std::int64_t permits) noexcept {
  if (mode() == Mode::kDisabled) return permits;
  if (mode() == Mode::kForcedOpen || mode() == Mode::kIsolated) return 0;
  while (true) {
    const Read read = this->read();
    const std::int64_t there = std::min(permits, levelBy(read, now).remaining);
    if (there < 1) return 0;
    const BucketTaken taken = takeBy(read, there, now, Duration::zero());
    std::int64_t expected = read.level;
    if (taken.taken && level_.compare_exchange_weak(expected, taken.arrival, std::memory_order_acq_rel)) {
      tally_.add(kAllowed);
      return there;
    }
  }
}

RateLevel RateLimiter::levelBy(const Read& read, Moment now) noexcept {
  if (!isWindowed(read.terms.period)) {
    const Duration spent = spentOf(read.level, now);
    return {read.terms.rate.burst, remainingOf(spent, read.terms.rate), spent};
  }
  const std::int64_t period = read.terms.period;
  const FixedWindow window = FixedWindow::of(read.level).at(now, period);
  const bool reserved = window.wait(now, period) > Duration::zero();
  const std::int64_t left = reserved ? 0 : std::max<std::int64_t>(0, read.terms.rate.burst - window.used);
  const Duration full_in =
      window.used == 0 ? Duration::zero() : FixedWindow{window.number + 1, 0}.wait(now, period);
  return {read.terms.rate.burst, left, full_in};
}

RateLevel RateLimiter::level(Moment now) const noexcept { return levelBy(read(), now); }

std::int64_t RateLimiter::convert(std::int64_t level, const Terms& from, const Terms& to,
                                  Moment now) noexcept {
  if (from.rate == to.rate && from.period == to.period) return level;
  if (!isWindowed(from.period) && !isWindowed(to.period)) return converted(level, from.rate, to.rate, now);
  const std::int64_t there = std::min(levelBy({level, from}, now).remaining, to.rate.burst);
  const std::int64_t used = to.rate.burst - there;
  if (isWindowed(to.period)) return FixedWindow{FixedWindow{}.at(now, to.period).number, used}.level();
  return saturatingAdd(now.nanoseconds(), used * to.rate.interval);
}

void RateLimiter::reconfigure(const RateSettings& settings, Moment now) {
  const std::lock_guard lock(mutex_);
  const Terms from = termsOf(settings_);
  const Terms to = termsOf(settings);
  settings_ = settings;
  version_.fetch_add(1, std::memory_order_acq_rel);
  std::int64_t level = level_.load(std::memory_order_acquire);
  std::int64_t next = 0;
  do {
    next = convert(level, from, to, now);
    // Whoever has read the level under the old rate must see it change.
    if (next == level && (from.rate != to.rate || from.period != to.period)) next = saturatingAdd(next, 1);
  } while (!level_.compare_exchange_weak(level, next, std::memory_order_acq_rel, std::memory_order_acquire));
  storeTerms(to);
  version_.fetch_add(1, std::memory_order_release);
}

void RateLimiter::setMode(Mode mode, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  mode_reason_ = reason;
  mode_.store(mode, std::memory_order_relaxed);
}

RateSettings RateLimiter::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

RateReport RateLimiter::report(Moment now) const {
  const std::lock_guard lock(mutex_);
  RateReport report;
  report.level = level(now);
  report.mode = mode();
  report.mode_reason = mode_reason_;
  report.allowed = tally_.sum(kAllowed);
  report.rejected = tally_.sum(kRejected);
  report.would_reject = tally_.sum(kWouldReject);
  report.cancelled = tally_.sum(kCancelled);
  report.invalid = tally_.sum(kInvalid);
  return report;
}

RateImage RateLimiter::image() const {
  const std::lock_guard lock(mutex_);
  return {level_.load(std::memory_order_acquire), settings_, mode(), mode_reason_};
}

void RateLimiter::restore(const RateImage& image, Moment now) {
  const std::lock_guard lock(mutex_);
  level_.store(convert(image.level, termsOf(image.settings), termsOf(settings_), now),
               std::memory_order_release);
  mode_.store(image.mode, std::memory_order_relaxed);
  mode_reason_ = image.mode_reason;
}

}  // namespace revenge::resilience
