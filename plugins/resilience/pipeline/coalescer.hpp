// Equal calls at the same time are one call: the first leads, the others wait for what it gets, be it a value or an error. A
// leader that is cancelled hands the lead to the one that waits longest, since its going away says nothing about the call.
// Thread safety: all functions from any thread; followers are called without a lock.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "pipeline/ending.hpp"
#include "policy/problem.hpp"

namespace revenge::resilience {

struct CoalesceSettings {
  std::uint32_t max_keys = 1000;       // calls under way at once; beyond, each call is its own
  std::uint32_t max_followers = 1000;  // of one key; beyond likewise
  bool operator==(const CoalesceSettings&) const = default;
};

std::optional<Problem> problem(const CoalesceSettings& settings);

class Coalescer {
 public:
  class Follower {
   public:
    virtual ~Follower() = default;
    // One of them, once, unless leave() came first. `word` is of the type that the tag stands for, and lives for the call.
    virtual void receive(const void* word, const Ending& ending) noexcept = 0;
    virtual void lead() noexcept = 0;
  };
  enum class Part : std::uint8_t {
    kLead,    // makes the call, then done() or cancelled()
    kFollow,  // waits
    kAlone,   // makes the call for itself: no key, no room, or the same key for another type
  };

  // Requires: !problem(settings).
  Coalescer(std::string name, const CoalesceSettings& settings)
      : name_(std::move(name)), settings_(settings) {}

  const std::string& name() const { return name_; }

  // `tag` tells types of results apart. shared: while it waits.
  Part join(std::string_view key, const void* tag, const std::shared_ptr<Follower>& follower);
  // False: it was called, or is being called.
  bool leave(std::string_view key, const Follower& follower) noexcept;
  // By the leader.
  void done(std::string_view key, const void* word, const Ending& ending) noexcept;
  void cancelled(std::string_view key) noexcept;

  std::size_t keys() const;
  std::uint64_t shared() const noexcept { return shared_.load(std::memory_order_relaxed); }

 private:
  struct Entry {
    const void* tag = nullptr;
    std::deque<std::shared_ptr<Follower>> followers;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };

  std::string name_;
  CoalesceSettings settings_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Entry, TextHash, std::equal_to<>> entries_;  // guarded by mutex_
  std::atomic<std::uint64_t> shared_ = 0;
};

}  // namespace revenge::resilience
