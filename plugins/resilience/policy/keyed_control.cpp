// What the operator, the configuration and the next version do to a keyed limiter.
#include <algorithm>

#include "keyed_limiter.hpp"

namespace revenge::resilience {

void KeyedLimiter::reconfigure(const KeyedRateSettings& settings, Moment now) {
  const std::lock_guard lock(mutex_);
  const BucketRate rate = settings.rate.bucket();
  settings_ = settings;
  max_keys_.store(settings.max_keys, std::memory_order_relaxed);
  for (Shard& shard : shards_) {
    const std::lock_guard shard_lock(shard.mutex);
    shard.max_wait = settings.rate.max_wait.count();
    if (shard.rate == rate) continue;
    for (Entry& entry : shard.entries) {
      if (entry.arrival != kFree) entry.arrival = converted(entry.arrival, shard.rate, rate, now);
    }
    shard.rate = rate;
  }
  if (overflow_rate_ != rate) overflow_arrival_ = converted(overflow_arrival_, overflow_rate_, rate, now);
  overflow_rate_ = rate;
}

void KeyedLimiter::setMode(Mode mode, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  mode_reason_ = reason;
  mode_.store(mode, std::memory_order_relaxed);
}

KeyedRateSettings KeyedLimiter::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

KeyedReport KeyedLimiter::report() const {
  const std::lock_guard lock(mutex_);
  KeyedReport report;
  report.mode = mode();
  report.mode_reason = mode_reason_;
  report.keys = keys_.load(std::memory_order_relaxed);
  report.bytes = sizeof(*this);
  for (const Shard& shard : shards_) {
    const std::lock_guard shard_lock(shard.mutex);
    report.bytes += shard.entries.capacity() * sizeof(Entry);
  }
  report.allowed = tally_.sum(kAllowed);
  report.rejected = tally_.sum(kRejected);
  report.would_reject = tally_.sum(kWouldReject);
  report.cancelled = tally_.sum(kCancelled);
  report.invalid = tally_.sum(kInvalid);
  report.overflowed = tally_.sum(kOverflowed);
  report.evicted = tally_.sum(kEvicted);
  return report;
}

KeyedImage KeyedLimiter::image(Moment now) const {
  const std::lock_guard lock(mutex_);
  KeyedImage image{seed_, settings_, {}, overflow_arrival_, mode(), mode_reason_};
  for (const Shard& shard : shards_) {
    const std::lock_guard shard_lock(shard.mutex);
    for (const Entry& entry : shard.entries) {
      if (entry.arrival != kFree && !isFull(entry.arrival, now))
        image.entries.push_back({entry.key, entry.arrival});
    }
  }
  return image;
}

void KeyedLimiter::restore(const KeyedImage& image, Moment now) {
  const std::lock_guard lock(mutex_);
  const BucketRate from = image.settings.rate.bucket();
  const auto brought = [&](std::int64_t arrival) {
    return from == overflow_rate_ ? arrival : converted(arrival, from, overflow_rate_, now);
  };
  seed_ = image.seed;
  mode_.store(image.mode, std::memory_order_relaxed);
  mode_reason_ = image.mode_reason;
  overflow_arrival_ = brought(image.overflow_arrival);
  for (const KeyedImage::Entry& entry : image.entries) {
    Shard& shard = shardOf(entry.key);
    const std::lock_guard shard_lock(shard.mutex);
    if (Entry* const place = this->place(shard, entry.key, now)) place->arrival = brought(entry.arrival);
  }
}

}  // namespace revenge::resilience
