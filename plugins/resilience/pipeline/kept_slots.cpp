#include "pipeline/kept_slots.hpp"

namespace revenge::resilience {

void KeptSlots::release(Moment now) noexcept {
  for (std::size_t i = 0; i < bulkheads_; ++i)
    bulkhead_[i].policy->settle(bulkhead_[i].permit, Verdict::kAbandoned, now);
  for (std::size_t i = 0; i < adaptives_; ++i)
    adaptive_[i].policy->settle(adaptive_[i].permit, Verdict::kFailure, now);
  bulkheads_ = adaptives_ = 0;
}

}  // namespace revenge::resilience
