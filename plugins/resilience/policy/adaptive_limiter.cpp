#include "adaptive_limiter.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace revenge::resilience {

std::optional<Problem> problem(const AdaptiveLimiterSettings& settings) {
  if (auto found = problem(settings.limit)) return found;
  if (auto found =
          outside("min_window", settings.min_window, std::chrono::milliseconds(1), std::chrono::hours(1))) {
    return found;
  }
  if (auto found = outside("max_window", settings.max_window, settings.min_window, std::chrono::hours(1)))
    return found;
  if (auto found = outside("min_samples", settings.min_samples, 1, 1'000'000)) return found;
  if (auto found = outside("min_time", settings.min_time, Duration::zero(), std::chrono::hours(1)))
    return found;
  for (std::size_t i = 0; i < kPriorities; ++i) {
    const auto key = "shares." + std::string(nameOf(static_cast<Priority>(i)));
    if (auto found = outside(key, settings.shares[i], 0, i == 0 ? 1 : settings.shares[i - 1])) return found;
  }
  if (settings.shares[0] <= 0) return Problem{"shares.playback", "must be above 0"};
  return std::nullopt;
}

AdaptiveLimiter::AdaptiveLimiter(std::string name, const AdaptiveLimiterSettings& settings,
                                 double probe_phase)
    : name_(std::move(name)),
      limit_(settings.limit.initial),
      settings_(settings),
      learned_(settings.limit, probe_phase) {
  publishLocked(Moment());
}

std::expected<AdaptivePermit, Rejection> AdaptiveLimiter::acquire(Moment now, Priority priority) noexcept {
  const Mode mode = mode_.load(std::memory_order_relaxed);
  if (mode != Mode::kEnforce && mode != Mode::kDryRun) [[unlikely]] {
    if (mode == Mode::kDisabled) return AdaptivePermit{now, 0};
    tally_.add(kRejected + indexOf(priority));
    const bool isolated = mode == Mode::kIsolated;
    return std::unexpected(Rejection{name_,
                                     {},
                                     isolated ? RejectionKind::kIsolated : RejectionKind::kOverloaded,
                                     FullReason::kNone,
                                     isolated ? RejectingState::kIsolated : RejectingState::kForcedOpen});
  }
  const std::int64_t limit = class_limits_[indexOf(priority)].load(std::memory_order_relaxed);
  std::int64_t running = running_.load(std::memory_order_relaxed);
  while (running < limit) {
    if (running_.compare_exchange_weak(running, running + 1, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
      tally_.add(kAdmitted + indexOf(priority));
      return AdaptivePermit{now, static_cast<std::int32_t>(running + 1)};
    }
  }
  if (mode == Mode::kDryRun) {
    tally_.add(kWouldReject);
    return AdaptivePermit{now,
                          static_cast<std::int32_t>(running_.fetch_add(1, std::memory_order_acquire) + 1)};
  }
  tally_.add(kRejected + indexOf(priority));
  return std::unexpected(
      Rejection{name_, {}, RejectionKind::kOverloaded, FullReason::kNone, RejectingState::kNone});
}

void AdaptiveLimiter::settle(const AdaptivePermit& permit, Verdict verdict, Moment now) noexcept {
  tally_.add(static_cast<std::size_t>(verdict));
  if (permit.in_flight == 0) return;
  std::int64_t running = running_.load(std::memory_order_relaxed);
  do {
    if (running == 0) return tally_.add(kStray);
  } while (!running_.compare_exchange_weak(running, running - 1, std::memory_order_release,
                                           std::memory_order_relaxed));
  if (!isCounted(verdict)) return;
  bool changed = false;
  {
    const std::lock_guard lock(mutex_);
    changed = sampleLocked(permit, isFailure(verdict), now);
  }
  if (changed) notices_.deliver();
}

bool AdaptiveLimiter::sampleLocked(const AdaptivePermit& permit, bool dropped, Moment now) noexcept {
  const std::int64_t time = (now - permit.started_at).count();
  if (time < settings_.min_time.count() && !dropped) return false;
  ++window_.calls;
  window_.time_sum = saturatingAdd(window_.time_sum, time);
  window_.shortest = std::min(window_.shortest, time);
  window_.in_flight = std::max<std::int64_t>(window_.in_flight, permit.in_flight);
  window_.dropped |= dropped;
  if (now <= window_end_) return false;
  const Window window = std::exchange(window_, {});
  const Duration length(std::clamp(saturatingMultiply(window.shortest, 2), settings_.min_window.count(),
                                   settings_.max_window.count()));
  window_end_ = now + length;
  if (window.calls < settings_.min_samples) return false;
  (void)learned_.update({Duration(window.time_sum / window.calls), window.in_flight, window.dropped});
  return publishLocked(now);
}

// Whether the limit changed.
bool AdaptiveLimiter::publishLocked(Moment now) noexcept {
  const std::int64_t limit = learned_.limit();
  for (std::size_t i = 0; i < kPriorities; ++i) {
    const double share = static_cast<double>(limit) * settings_.shares[i];
    // Alone, a class with any share at all gets through.
    const std::int64_t least = settings_.shares[i] > 0 ? 1 : 0;
    class_limits_[i].store(std::max(least, static_cast<std::int64_t>(share)), std::memory_order_relaxed);
  }
  const std::int64_t before = limit_.exchange(limit, std::memory_order_relaxed);
  if (before == limit) return false;
  notices_.post({before, limit, now});
  return true;
}

void AdaptiveLimiter::reconfigure(const AdaptiveLimiterSettings& settings, Moment now) {
  {
    const std::lock_guard lock(mutex_);
    settings_ = settings;
    learned_.reconfigure(settings.limit);
    (void)publishLocked(now);
  }
  notices_.deliver();
}

void AdaptiveLimiter::setMode(Mode mode, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  mode_reason_ = reason;
  mode_.store(mode, std::memory_order_relaxed);
}

AdaptiveLimiterSettings AdaptiveLimiter::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

AdaptiveReport AdaptiveLimiter::report() const {
  const std::lock_guard lock(mutex_);
  AdaptiveReport report;
  report.limit = limit();
  report.running = running();
  report.mode = mode();
  report.mode_reason = mode_reason_;
  for (std::size_t i = 0; i < kPriorities; ++i) {
    report.admitted[i] = tally_.sum(kAdmitted + i);
    report.rejected[i] = tally_.sum(kRejected + i);
  }
  for (std::size_t i = 0; i < kVerdicts; ++i) report.outcomes[i] = tally_.sum(i);
  report.would_reject = tally_.sum(kWouldReject);
  report.stray_releases = tally_.sum(kStray);
  return report;
}

AdaptiveImage AdaptiveLimiter::image() const {
  const std::lock_guard lock(mutex_);
  return {learned_.estimate(), running(), mode(), mode_reason_};
}

void AdaptiveLimiter::restore(const AdaptiveImage& image) {
  const std::lock_guard lock(mutex_);
  learned_.restore(image.estimate);
  (void)publishLocked(Moment());
  running_.store(std::max<std::int64_t>(0, image.running), std::memory_order_relaxed);
  mode_.store(image.mode, std::memory_order_relaxed);
  mode_reason_ = image.mode_reason;
}

}  // namespace revenge::resilience
