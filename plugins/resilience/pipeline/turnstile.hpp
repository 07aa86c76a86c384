// Lets one thread at a time handle what any thread raises, without a lock: who raises while another handles only leaves its
// bits, and the other handles them too. So nobody waits, and what a handler causes to be raised never nests.
// Thread safety: raise() from any thread; take() and leave() by who raise() has let in.
#pragma once

#include <atomic>
#include <cstdint>

namespace revenge::resilience {

class Turnstile {
 public:
  // True: the caller, or whoever it hands this on to, is in, and calls take() until leave() lets it go.
  bool raise(std::uint32_t bits) noexcept {
    return (state_.fetch_or(bits | kBusy, std::memory_order_acq_rel) & kBusy) == 0;
  }
  std::uint32_t take() noexcept { return state_.exchange(kBusy, std::memory_order_acq_rel) & ~kBusy; }
  // False: more was raised meanwhile.
  bool leave() noexcept {
    std::uint32_t only = kBusy;
    return state_.compare_exchange_strong(only, 0, std::memory_order_acq_rel);
  }

 private:
  static constexpr std::uint32_t kBusy = std::uint32_t{1} << 31;
  std::atomic<std::uint32_t> state_ = 0;
};

}  // namespace revenge::resilience
