// HeldPermits: the permits of requests that are under way, until they end or the instance leaves. Thread safety: any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace revenge::http_limits {

class HeldPermits {
 public:
  // False: they have all been given back, and this one is to be, too.
  bool add(std::uint64_t token);
  // False: it is not held here (any more).
  bool take(std::uint64_t token);
  // All of them; until open() nothing is added.
  std::vector<std::uint64_t> close();
  void open() { closed_.store(false); }
  std::size_t count() const;

 private:
  // A few requests each: a search through them is shorter than a hash.
  struct alignas(64) Shelf {
    mutable std::mutex mutex;
    std::vector<std::uint64_t> tokens;
  };
  static constexpr std::size_t kShelves = 64;

  Shelf& of(std::uint64_t token) { return shelves_[token % kShelves]; }

  std::atomic<bool> closed_ = false;  // written before the shelves are emptied, read under their locks
  std::array<Shelf, kShelves> shelves_;
};

}  // namespace revenge::http_limits
