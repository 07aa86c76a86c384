// KeyedLimiter: a token bucket for each key (user, address, API key) in bounded memory. A key's bucket is dropped only when it
// is full again, which nobody can tell from one that never was; when none of those is left and there are max_keys, further keys
// share one bucket until there is room. Keys are kept as hashes (key_hash.hpp), 24 bytes each. Thread safety: all functions, any
// thread; a decision locks one of 64 shards, and allocates only when a shard grows for a new key.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <expected>
#include <limits>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "bucket.hpp"
#include "key_hash.hpp"
#include "mode.hpp"
#include "moment.hpp"
#include "rate_limiter.hpp"
#include "rate_settings.hpp"
#include "rejection.hpp"
#include "tally.hpp"

namespace revenge::resilience {

struct KeyedGrant {
  KeyHash key;               // for cancel()
  std::int64_t permits = 0;  // 0: nothing to give back
  bool shared = false;       // of the bucket of those without their own
  Duration wait{};
  Duration spent{};  // of the bucket's depth, for levelOf()
};

struct KeyedReport {
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
  std::int64_t keys = 0;  // with a bucket of their own, full ones not yet swept included
  std::size_t bytes = 0;  // of the tables
  std::uint64_t allowed = 0;
  std::uint64_t rejected = 0;
  std::uint64_t would_reject = 0;
  std::uint64_t cancelled = 0;
  std::uint64_t invalid = 0;
  std::uint64_t overflowed = 0;  // decisions by the shared bucket
  std::uint64_t evicted = 0;
};

struct KeyedImage {
  struct Entry {
    KeyHash key;
    std::int64_t arrival = 0;
  };
  HashSeed seed;
  KeyedRateSettings settings;
  std::vector<Entry> entries;  // without the full ones
  std::int64_t overflow_arrival = 0;
  Mode mode = Mode::kEnforce;
  std::string mode_reason;
};

class KeyedLimiter {
 public:
  // Requires: !problem(settings).
  KeyedLimiter(std::string name, const KeyedRateSettings& settings, const HashSeed& seed);
  KeyedLimiter(const KeyedLimiter&) = delete;
  KeyedLimiter& operator=(const KeyedLimiter&) = delete;

  // As RateLimiter's, for the key's bucket.
  std::expected<KeyedGrant, Rejection> allow(std::string_view key, Moment now,
                                             std::int64_t permits = 1) noexcept;
  std::expected<KeyedGrant, Rejection> reserve(std::string_view key, Moment now, Duration most_wait,
                                               std::int64_t permits = 1) noexcept;
  void cancel(const KeyedGrant& grant) noexcept;

  RateLevel level(std::string_view key, Moment now) const noexcept;
  // The level right after a grant, without another look at the table.
  RateLevel levelOf(const KeyedGrant& grant) const noexcept;

  // Drops the full buckets of one shard, the next one at each call; 64 calls see them all. Call it about once a second.
  void sweep(Moment now) noexcept;
  // Requires: !problem(settings). As RateLimiter's, for every key.
  void reconfigure(const KeyedRateSettings& settings, Moment now);
  void setMode(Mode mode, std::string_view reason);

  const std::string& name() const noexcept { return name_; }
  Mode mode() const noexcept { return mode_.load(std::memory_order_relaxed); }
  KeyedRateSettings settings() const;
  KeyedReport report() const;

  KeyedImage image(Moment now) const;
  // Before the first call; takes over the seed.
  void restore(const KeyedImage& image, Moment now);

 private:
  static constexpr std::size_t kShards = 64;

  struct Entry {
    KeyHash key;
    std::int64_t arrival = kFree;
  };
  static constexpr std::int64_t kFree = std::numeric_limits<std::int64_t>::min();

  struct alignas(64) Shard {
    mutable std::mutex mutex;
    BucketRate rate;             // here, so that it changes together with the arrivals it is the unit of
    std::int64_t max_wait = 0;   // ns
    std::vector<Entry> entries;  // open addressing, linear probing; a power of two, or empty
    std::size_t used = 0;
    std::size_t looked = 0;  // where the search for a full bucket stopped
  };

  std::expected<KeyedGrant, Rejection> decide(std::string_view key, Moment now, std::int64_t permits,
                                              Duration most_wait) noexcept;
  std::expected<KeyedGrant, Rejection> refuse(RejectionKind kind, RejectingState state,
                                              Duration retry_after) noexcept;
  BucketTaken takeShared(std::int64_t permits, Moment now, Duration most_wait) noexcept;
  Entry* place(Shard& shard, const KeyHash& hash, Moment now) noexcept;
  static const Entry* find(const Shard& shard, const KeyHash& hash) noexcept;
  static bool grow(Shard& shard) noexcept;
  void erase(Shard& shard, std::size_t hole) noexcept;
  bool evictOne(Shard& shard, Moment now) noexcept;
  Shard& shardOf(const KeyHash& hash) noexcept { return shards_[hash.high % kShards]; }
  const Shard& shardOf(const KeyHash& hash) const noexcept { return shards_[hash.high % kShards]; }

  const std::string name_;
  HashSeed seed_;
  std::atomic<Mode> mode_{Mode::kEnforce};
  std::atomic<std::int64_t> max_keys_;
  alignas(64) std::atomic<std::int64_t> keys_{0};
  std::atomic<std::size_t> next_sweep_{0};
  std::array<Shard, kShards> shards_;

  mutable std::mutex mutex_;  // below; before a shard's
  std::int64_t overflow_arrival_ = 0;
  BucketRate overflow_rate_;
  KeyedRateSettings settings_;
  std::string mode_reason_;

  enum : std::size_t {
    kAllowed,
    kRejected,
    kWouldReject,
    kCancelled,
    kInvalid,
    kOverflowed,
    kEvicted,
    kCounters
  };
  Tally<kCounters> tally_;
};

}  // namespace revenge::resilience
