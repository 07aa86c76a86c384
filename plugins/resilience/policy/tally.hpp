// Tally: counters that many threads add to and few read. Each thread adds to one of a few stripes, each on its own cache
// lines, so that counting a call costs one uncontended addition. Thread safety: all functions, any thread; a sum taken while
// others add is of some moment in between for each counter.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace revenge::resilience {

template <std::size_t Counters>
class Tally {
 public:
  void add(std::size_t counter, std::uint64_t amount = 1) noexcept {
    stripes_[stripe()].counts[counter].fetch_add(amount, std::memory_order_relaxed);
  }

  std::uint64_t sum(std::size_t counter) const noexcept {
    std::uint64_t sum = 0;
    for (const Stripe& stripe : stripes_) sum += stripe.counts[counter].load(std::memory_order_relaxed);
    return sum;
  }

  // Where a thread whose stack is there counts. Threads are told apart by their stacks: a thread_local would cost a call in a
  // loaded library. Stacks lie a power of two apart, and the factor turns each distance of 256 KiB to 8 MiB by about a third of
  // the whole, so that neighbours hardly ever count in the same place.
  static constexpr std::size_t stripeOf(std::uintptr_t stack) noexcept {
    constexpr std::uint64_t kTurn = 0x55D5555555555555U;  // (1/3 + 1/512) * 2^64
    return (stack >> 18U) * kTurn >> 62U;
  }

 private:
  static constexpr std::size_t kStripes = 4;
  struct alignas(64) Stripe {
    std::array<std::atomic<std::uint64_t>, Counters> counts{};
  };

  static std::size_t stripe() noexcept {
    return stripeOf(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)));
  }

  std::array<Stripe, kStripes> stripes_{};
};

}  // namespace revenge::resilience
