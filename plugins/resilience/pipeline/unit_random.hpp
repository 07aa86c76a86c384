// Numbers in [0, 1) for jitter. Thread safety: next() from any thread. Algorithm: SplitMix64 (Steele, Lea, Flood 2014), whose
// state is a counter, so that threads share it by one addition.
#pragma once

#include <atomic>
#include <cstdint>

namespace revenge::resilience {

class UnitRandom {
 public:
  explicit UnitRandom(std::uint64_t seed) noexcept : state_(seed) {}

  double next() noexcept {
    std::uint64_t z = state_.fetch_add(kStep, std::memory_order_relaxed) + kStep;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  }

 private:
  static constexpr std::uint64_t kStep = 0x9e3779b97f4a7c15ULL;
  std::atomic<std::uint64_t> state_;
};

}  // namespace revenge::resilience
