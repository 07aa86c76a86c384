// Callers: who holds permits, so that those of an instance that has ended are given back. Each caller holds a lease of ours
// as long as it calls, or has a permit of the last few seconds; the host ends it with its holder.
//
// Rationale: a lease keeps this instance from going away, so that one which waits for permits that nobody can settle any
// more (the plugin was disabled) would never end. A permit older than that is watched by its age alone (max_hold_s).
// Thread safety: all functions, any thread; a caller that is known costs two atomic reads.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <set>

#include <revenge/plugin.hpp>

#include "policy/moment.hpp"

namespace revenge::resilience {

class Callers {
 public:
  // `lost(caller)`: its instance has ended. It may come on any thread.
  Callers(Host& host, std::function<void(std::uint64_t caller)> lost) : host_(host), lost_(std::move(lost)) {}
  Callers(const Callers&) = delete;
  Callers& operator=(const Callers&) = delete;

  // Inside a call of its own. False: meet() it before anything is granted.
  bool knows(std::uint64_t caller) noexcept {
    Place& place = placeOf(caller);
    if (place.caller.load(std::memory_order_acquire) != caller) return caller == 0;
    // Written by the first call after keep() alone: the others share the line.
    if (!place.has_called.load(std::memory_order_relaxed))
      place.has_called.store(true, std::memory_order_relaxed);
    return true;
  }
  // Inside a call of its own, or for one that held permits of the version before. May throw std::bad_alloc.
  void meet(std::uint64_t caller);
  // Ends the leases of all but those, and those that have called since the last time.
  void keep(const std::set<std::uint64_t>& holders);
  void keepNone();

  static constexpr Duration kWatched = std::chrono::seconds(10);

 private:
  // What a lease stands for. Its number tells it from a later one of the same caller.
  struct Watch {
    Watch(Callers& its_owner, std::uint64_t its_caller, std::uint64_t its_number) noexcept
        : owner(its_owner), caller(its_caller), number(its_number) {}
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;
    ~Watch() { owner.ended(*this); }
    Callers& owner;
    const std::uint64_t caller;
    const std::uint64_t number;
  };
  struct Lent {
    revenge_handle lease = 0;
    std::uint64_t number = 0;
  };

  struct Place {
    std::atomic<std::uint64_t> caller = 0;
    std::atomic<bool> has_called = false;
  };

  Place& placeOf(std::uint64_t caller) noexcept { return recent_[(caller ^ caller >> 32U) % recent_.size()]; }
  void remember(std::uint64_t caller) noexcept;
  template <class Kept>
  void endUnless(Kept kept);
  void ended(const Watch& watch) noexcept;
  void forget(std::uint64_t caller) noexcept;

  Host& host_;
  const std::function<void(std::uint64_t)> lost_;
  // Those met last, by the low bits of their handles; one that is overwritten is looked up below again.
  std::array<Place, 256> recent_{};
  std::mutex mutex_;  // below
  std::map<std::uint64_t, Lent> leases_;
  std::uint64_t next_ = 1;
};

}  // namespace revenge::resilience
