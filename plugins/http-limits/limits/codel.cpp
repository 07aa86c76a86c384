#include "limits/codel.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace revenge::http_limits {
namespace {

constexpr int kHighestLevel = 3;
constexpr int kMemoryIntervals =
    16;  // RFC 8289, section 5.5: a new episode within this goes on with the count
constexpr std::uint32_t kFewOf = 10;  // a level is not worth keeping for less than one of so many
constexpr int kIdleOf = 10;           // a delay of this part of the target: a worker was free
constexpr int kPlaybackPatience = 4;
constexpr int kBackgroundPatience = 4;
constexpr Duration kLongestWait = std::chrono::hours(1);

// The class whose turn it is at a level; those behind it are shed whole.
TrafficClass widestAt(int level) { return static_cast<TrafficClass>(kHighestLevel - level); }

}  // namespace

std::optional<TrafficClass> trafficClassOf(std::string_view name) {
  for (const TrafficClass traffic :
       {TrafficClass::kPlayback, TrafficClass::kBrowsing, TrafficClass::kBackground})
    if (nameOf(traffic) == name) return traffic;
  return std::nullopt;
}

std::string_view nameOf(TrafficClass traffic) {
  switch (traffic) {
    case TrafficClass::kPlayback:
      return "playback";
    case TrafficClass::kBrowsing:
      return "browsing";
    case TrafficClass::kBackground:
      return "background";
  }
  return {};
}

bool Codel::Use::wasNeeded() const {
  const bool stood = delays > 0 && short_delays == 0;
  return stood || shed * kFewOf > offered;
}

Codel::Verdict Codel::judge(TrafficClass traffic, Duration delay, Instant now) {
  if (delay.count() <= calm_target_.load(std::memory_order_relaxed)) return {};
  const std::scoped_lock lock(mutex_);
  note(delay, now);
  if (above_) ++above_->seen[static_cast<std::size_t>(traffic)];
  const int level = level_.load(std::memory_order_relaxed);
  if (level == 0) return {};
  const bool shed = isShed(traffic, delay);
  if (traffic == widestAt(level)) {
    ++use_.offered;
    use_.shed += shed ? 1 : 0;
  }
  return shed ? Verdict{false, retryAfter(traffic, delay)} : Verdict{};
}

void Codel::observe(Duration delay, Instant now) {
  if (delay.count() <= calm_target_.load(std::memory_order_relaxed)) return;
  const std::scoped_lock lock(mutex_);
  note(delay, now);
}

void Codel::resume(int level, Instant now) {
  const std::scoped_lock lock(mutex_);
  setLevel(std::clamp(level, 0, kHighestLevel), now);
  publishCalm();
}

void Codel::use(const CodelOptions& options) {
  const std::scoped_lock lock(mutex_);
  options_ = options;
  publishCalm();
}

void Codel::note(Duration delay, Instant now) {
  relax(now);
  // Between requests that come seldom nothing is known of the queue.
  if (above_ && now - noted_at_ > options_.interval) above_.reset();
  noted_at_ = now;
  ++use_.delays;
  if (delay <= options_.target) {
    ++use_.short_delays;
    above_.reset();
  } else {
    noteAbove(delay, now);
  }
  publishCalm();
}

void Codel::noteAbove(Duration delay, Instant now) {
  if (level_.load(std::memory_order_relaxed) > 0 && delay > now - changed_at_) return;
  if (!above_) return begin(delay, now, std::nullopt);
  above_->least = std::min(above_->least, delay);
  if (now < above_->end) return;
  const Period ended = *above_;
  const int next = levelAfter(ended, delay, now);
  if (next == level_.load(std::memory_order_relaxed)) return begin(delay, now, ended.least);
  setLevel(next, now);
  above_.reset();  // what comes is compared with nothing from before
}

void Codel::begin(Duration delay, Instant now, std::optional<Duration> least_before) {
  above_ = Period{.begin = now,
                  .end = later(now, step(now)),
                  .first_delay = delay,
                  .least = delay,
                  .least_before = least_before};
}

int Codel::levelAfter(const Period& period, Duration delay, Instant now) const {
  const int level = level_.load(std::memory_order_relaxed);
  if (level == 0) {
    // The delay of a queue that gets more than it can do rises by just the share of what is too much. When background is
    // less than that, shedding it would only lose time.
    const double rise = static_cast<double>((delay - period.first_delay).count()) /
                        static_cast<double>(std::max<std::int64_t>((now - period.begin).count(), 1));
    const double all =
        std::max(1.0, static_cast<double>(std::accumulate(period.seen.begin(), period.seen.end(), 0U)));
    const double background =
        static_cast<double>(period.seen[static_cast<std::size_t>(TrafficClass::kBackground)]);
    return background / all >= rise ? 1 : 2;
  }
  if (!period.least_before || period.least < *period.least_before) return level;
  if (level + 1 >= kHighestLevel && period.least <= options_.playback_target) return level;
  return std::min(level + 1, kHighestLevel);
}

void Codel::relax(Instant now) {
  while (level_.load(std::memory_order_relaxed) > 0 && now >= use_.end) {
    const Instant end = use_.end;
    if (use_.wasNeeded()) {
      use_ = Use{.end = later(end, options_.interval)};
      continue;
    }
    setLevel(level_.load(std::memory_order_relaxed) - 1, end);
    above_.reset();
    if (level_.load(std::memory_order_relaxed) == 0) ended_at_ = end;
  }
}

void Codel::setLevel(int level, Instant now) {
  level_.store(level, std::memory_order_relaxed);
  changed_at_ = now;
  use_ = Use{.end = later(now, options_.interval)};
}

void Codel::publishCalm() {
  const bool calm = level_.load(std::memory_order_relaxed) == 0 && !above_;
  calm_target_.store(calm ? options_.target.count() : -1, std::memory_order_relaxed);
}

Duration Codel::step(Instant now) const {
  const int level = level_.load(std::memory_order_relaxed);
  const bool again = level == 0 && ended_at_ && now - *ended_at_ <= kMemoryIntervals * options_.interval;
  if (level + 1 == kHighestLevel) return kPlaybackPatience * options_.interval;
  const double whole = static_cast<double>(options_.interval.count());
  return Duration(static_cast<std::int64_t>(whole / std::sqrt(again ? 2.0 : 1.0 + level)));
}

bool Codel::isShed(TrafficClass traffic, Duration delay) const {
  const TrafficClass widest = widestAt(level_.load(std::memory_order_relaxed));
  if (traffic > widest) return delay > options_.target / kIdleOf;
  if (traffic < widest) return false;
  return delay > (traffic == TrafficClass::kPlayback ? options_.playback_target : options_.target);
}

Duration Codel::retryAfter(TrafficClass traffic, Duration delay) const {
  const Duration wait = std::min(std::max(options_.retry_after, delay), kLongestWait);
  return traffic == TrafficClass::kBackground ? kBackgroundPatience * wait : wait;
}

}  // namespace revenge::http_limits
