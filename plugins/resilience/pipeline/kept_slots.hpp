// The slots of bulkheads and adaptive limits that a body keeps which runs on behind the end of its run: they are free when it
// ends, not when nobody waits for it any more. Thread safety: one thread at a time.
#pragma once

#include <array>
#include <cstddef>

#include "pipeline/pipeline.hpp"

namespace revenge::resilience {

class KeptSlots {
 public:
  KeptSlots() = default;
  KeptSlots(const KeptSlots&) = delete;
  KeptSlots& operator=(const KeptSlots&) = delete;
  // Requires: release() was called, or nothing was kept.
  ~KeptSlots() = default;
  void release(Moment now) noexcept;
  bool isEmpty() const noexcept { return bulkheads_ == 0 && adaptives_ == 0; }

 private:
  friend class Passage;
  template <class Policy, class Permit>
  struct Kept {
    Policy* policy;
    Permit permit;
  };
  std::array<Kept<Bulkhead, BulkheadPermit>, kMaxLayers> bulkhead_{};
  std::array<Kept<AdaptiveLimiter, AdaptivePermit>, kMaxLayers> adaptive_{};
  std::size_t bulkheads_ = 0;
  std::size_t adaptives_ = 0;
};

}  // namespace revenge::resilience
