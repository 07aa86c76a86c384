// The machine beneath the protocol: atomics, the asymmetric fence, the wait of a drain. The model test puts
// an exhaustive scheduler with store buffers in its place. Thread safety: any thread; a value, copied where
// it is used.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.hpp"

namespace revenge::service {

enum class Fence : std::uint8_t {
  kAsymmetric,  // readers pay a compiler fence, the writer membarrier(2): 1-12 us a swap
  kFull,  // where membarrier is refused (seccomp, old kernel): readers pay a full fence, about 20-40 ns a call
};

class Machine {
 public:
  template <typename T>
  using Word = std::atomic<T>;

  explicit Machine(Fence fence) : fence_(fence) {}

  // kAsymmetric when the kernel lets this process register for the expedited private membarrier, else kFull.
  static Fence probe();

  Fence fence() const { return fence_; }

  // Between a reader's store and its next load. Against heavyFence() it acts as a full fence on both kinds.
  void lightFence() const {
    compilerFence();
    if (fence_ == Fence::kFull) [[unlikely]]
      std::atomic_thread_fence(std::memory_order_seq_cst);
  }
  // For the compiler alone: the full fence follows where it turns out to be needed.
  static void compilerFence() { std::atomic_signal_fence(std::memory_order_seq_cst); }
  void heavyFence() const;

  // Until `word` differs from `seen` or the deadline has passed (false). May also return early.
  bool wait(const Word<std::uint32_t>& word, std::uint32_t seen, base::Instant deadline) const;
  void wakeAll(const Word<std::uint32_t>& word) const;

 private:
  Fence fence_;
};

}  // namespace revenge::service
