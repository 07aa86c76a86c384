#include "keyed_limiter.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace revenge::resilience {
namespace {

constexpr std::size_t kFirstSize = 16;
constexpr std::size_t kLooks = 16;  // slots looked at for a full bucket when there is no room
constexpr std::int64_t kJustFull = std::numeric_limits<std::int64_t>::min() + 1;

}  // namespace

KeyedLimiter::KeyedLimiter(std::string name, const KeyedRateSettings& settings, const HashSeed& seed)
    : name_(std::move(name)),
      seed_(seed),
      max_keys_(settings.max_keys),
      overflow_arrival_(kJustFull),
      overflow_rate_(settings.rate.bucket()),
      settings_(settings) {
  for (Shard& shard : shards_) {
    shard.rate = overflow_rate_;
    shard.max_wait = settings.rate.max_wait.count();
  }
}

std::expected<KeyedGrant, Rejection> KeyedLimiter::refuse(RejectionKind kind, RejectingState state,
                                                          Duration retry_after) noexcept {
  if (mode_.load(std::memory_order_relaxed) == Mode::kDryRun) {
    tally_.add(kWouldReject);
    return KeyedGrant{};
  }
  tally_.add(kind == RejectionKind::kInvalidArgument ? kInvalid : kRejected);
  return std::unexpected(Rejection{name_, retry_after, kind, FullReason::kNone, state});
}

std::expected<KeyedGrant, Rejection> KeyedLimiter::decide(std::string_view key, Moment now,
                                                          std::int64_t permits, Duration most_wait) noexcept {
  const Mode mode = mode_.load(std::memory_order_relaxed);
  if (mode != Mode::kEnforce && mode != Mode::kDryRun) [[unlikely]] {
    if (mode == Mode::kDisabled) return KeyedGrant{};
    if (mode == Mode::kIsolated) return refuse(RejectionKind::kIsolated, RejectingState::kIsolated, {});
    return refuse(RejectionKind::kRateLimited, RejectingState::kForcedOpen, {});
  }
  const KeyHash hash = hashOf(key, seed_);
  Shard& shard = shardOf(hash);
  BucketTaken taken;
  bool shared = false;
  {
    std::unique_lock lock(shard.mutex);
    const BucketRate rate = shard.rate;
    if (permits < 1 || permits > rate.burst) return refuse(RejectionKind::kInvalidArgument, {}, {});
    const Duration wait = std::min(most_wait, Duration(shard.max_wait));
    if (Entry* const entry = place(shard, hash, now)) {
      taken = takeFrom(entry->arrival, rate, permits, now, wait);
      if (taken.taken) entry->arrival = taken.arrival;
    } else {
      lock.unlock();
      shared = true;
      taken = takeShared(permits, now, wait);
    }
  }
  if (!taken.taken) return refuse(RejectionKind::kRateLimited, RejectingState::kNone, taken.wait);
  tally_.add(kAllowed);
  return KeyedGrant{hash, permits, shared, taken.wait, spentOf(taken.arrival, now)};
}

std::expected<KeyedGrant, Rejection> KeyedLimiter::allow(std::string_view key, Moment now,
                                                         std::int64_t permits) noexcept {
  return decide(key, now, permits, Duration::zero());
}

std::expected<KeyedGrant, Rejection> KeyedLimiter::reserve(std::string_view key, Moment now,
                                                           Duration most_wait,
                                                           std::int64_t permits) noexcept {
  return decide(key, now, permits, std::max(most_wait, Duration::zero()));
}

BucketTaken KeyedLimiter::takeShared(std::int64_t permits, Moment now, Duration most_wait) noexcept {
  tally_.add(kOverflowed);
  const std::lock_guard lock(mutex_);
  // The rate may have changed since the shard was left.
  if (permits > overflow_rate_.burst) return {};
  const BucketTaken taken = takeFrom(overflow_arrival_, overflow_rate_, permits, now, most_wait);
  if (taken.taken) overflow_arrival_ = taken.arrival;
  return taken;
}

// The key's entry, a new one when it has none; null: there is no room.
KeyedLimiter::Entry* KeyedLimiter::place(Shard& shard, const KeyHash& hash, Moment now) noexcept {
  if (shard.entries.empty() && !grow(shard)) return nullptr;
  const std::size_t mask = shard.entries.size() - 1;
  Entry* full = nullptr;
  std::size_t index = hash.low & mask;
  for (; shard.entries[index].arrival != kFree; index = (index + 1) & mask) {
    Entry& entry = shard.entries[index];
    if (entry.key == hash) return &entry;
    if (full == nullptr && isFull(entry.arrival, now)) full = &entry;
  }
  if (full != nullptr) {  // takes over a full bucket's slot: the way to those behind it stays
    tally_.add(kEvicted);
    *full = {hash, kJustFull};
    return full;
  }
  if (keys_.fetch_add(1, std::memory_order_relaxed) >= max_keys_.load(std::memory_order_relaxed)) {
    keys_.fetch_sub(1, std::memory_order_relaxed);
    return evictOne(shard, now) ? place(shard, hash, now) : nullptr;
  }
  if ((shard.used + 1) * 4 > shard.entries.size() * 3) {
    keys_.fetch_sub(1, std::memory_order_relaxed);
    return grow(shard) ? place(shard, hash, now) : nullptr;
  }
  ++shard.used;
  shard.entries[index] = {hash, kJustFull};
  return &shard.entries[index];
}

const KeyedLimiter::Entry* KeyedLimiter::find(const Shard& shard, const KeyHash& hash) noexcept {
  if (shard.entries.empty()) return nullptr;
  const std::size_t mask = shard.entries.size() - 1;
  for (std::size_t index = hash.low & mask; shard.entries[index].arrival != kFree;
       index = (index + 1) & mask) {
    if (shard.entries[index].key == hash) return &shard.entries[index];
  }
  return nullptr;
}

bool KeyedLimiter::grow(Shard& shard) noexcept {
  const std::size_t size = std::max(kFirstSize, shard.entries.size() * 2);
  std::vector<Entry> entries;
  try {
    entries.resize(size);
  } catch (...) {
    return false;
  }
  for (const Entry& entry : shard.entries) {
    if (entry.arrival == kFree) continue;
    std::size_t index = entry.key.low & (size - 1);
    while (entries[index].arrival != kFree) index = (index + 1) & (size - 1);
    entries[index] = entry;
  }
  shard.entries.swap(entries);
  return true;
}

// Moves up what stands behind the hole and may stand in it, so that no way is interrupted.
void KeyedLimiter::erase(Shard& shard, std::size_t hole) noexcept {
  const std::size_t mask = shard.entries.size() - 1;
  for (std::size_t next = (hole + 1) & mask; shard.entries[next].arrival != kFree; next = (next + 1) & mask) {
    const std::size_t home = shard.entries[next].key.low & mask;
    if (((next - home) & mask) < ((next - hole) & mask)) continue;
    shard.entries[hole] = shard.entries[next];
    hole = next;
  }
  shard.entries[hole] = {};
  --shard.used;
  keys_.fetch_sub(1, std::memory_order_relaxed);
  tally_.add(kEvicted);
}

bool KeyedLimiter::evictOne(Shard& shard, Moment now) noexcept {
  for (std::size_t look = 0; look < std::min(kLooks, shard.entries.size()); ++look) {
    shard.looked = (shard.looked + 1) & (shard.entries.size() - 1);
    const Entry& entry = shard.entries[shard.looked];
    if (entry.arrival == kFree || !isFull(entry.arrival, now)) continue;
    erase(shard, shard.looked);
    return true;
  }
  return false;
}

void KeyedLimiter::sweep(Moment now) noexcept {
  Shard& shard = shards_[next_sweep_.fetch_add(1, std::memory_order_relaxed) % kShards];
  const std::lock_guard lock(shard.mutex);
  for (std::size_t index = 0; index < shard.entries.size();) {
    const std::int64_t arrival = shard.entries[index].arrival;
    if (arrival != kFree && isFull(arrival, now)) {
      erase(shard, index);  // another may have moved here
    } else {
      ++index;
    }
  }
}

void KeyedLimiter::cancel(const KeyedGrant& grant) noexcept {
  if (grant.permits <= 0) return;
  tally_.add(kCancelled);
  if (grant.shared) {
    const std::lock_guard lock(mutex_);
    overflow_arrival_ = std::max(kJustFull, giveBackTo(overflow_arrival_, overflow_rate_, grant.permits));
    return;
  }
  Shard& shard = shardOf(grant.key);
  const std::lock_guard lock(shard.mutex);
  const Entry* const found = find(shard, grant.key);
  if (found == nullptr) return;  // full again meanwhile
  Entry& entry = shard.entries[static_cast<std::size_t>(found - shard.entries.data())];
  entry.arrival = std::max(kJustFull, giveBackTo(entry.arrival, shard.rate, grant.permits));
}

RateLevel KeyedLimiter::level(std::string_view key, Moment now) const noexcept {
  const KeyHash hash = hashOf(key, seed_);
  const Shard& shard = shardOf(hash);
  const std::lock_guard lock(shard.mutex);
  const Entry* const found = find(shard, hash);
  const Duration spent = found == nullptr ? Duration::zero() : spentOf(found->arrival, now);
  return {shard.rate.burst, remainingOf(spent, shard.rate), spent};
}

RateLevel KeyedLimiter::levelOf(const KeyedGrant& grant) const noexcept {
  const Shard& shard = shardOf(grant.key);
  const std::lock_guard lock(shard.mutex);
  return {shard.rate.burst, remainingOf(grant.spent, shard.rate), grant.spent};
}

}  // namespace revenge::resilience
