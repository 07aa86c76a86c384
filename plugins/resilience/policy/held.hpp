// Held: owns a permit until it is settled; what goes out of scope unsettled was abandoned. For callers within one process; a
// permit that crosses the boundary stays a plain token. Thread safety: one thread at a time.
#pragma once

#include <utility>

#include "moment.hpp"
#include "verdict.hpp"

namespace revenge::resilience {

// Policy: has settle(permit, verdict, now), Permit: has started_at. The policy outlives it.
template <typename Policy, typename Permit>
class Held {
 public:
  Held(Policy& policy, const Permit& permit) noexcept : policy_(&policy), permit_(permit) {}
  Held(Held&& other) noexcept : policy_(std::exchange(other.policy_, nullptr)), permit_(other.permit_) {}
  Held& operator=(Held&& other) noexcept {
    if (this == &other) return *this;
    abandon();
    policy_ = std::exchange(other.policy_, nullptr);
    permit_ = other.permit_;
    return *this;
  }
  ~Held() { abandon(); }

  void settle(Verdict verdict, Moment now) noexcept {
    if (policy_ != nullptr) std::exchange(policy_, nullptr)->settle(permit_, verdict, now);
  }
  const Permit& permit() const noexcept { return permit_; }

 private:
  // An abandoned call took no time that anybody measures.
  void abandon() noexcept { settle(Verdict::kAbandoned, permit_.started_at); }

  Policy* policy_;
  Permit permit_;
};

}  // namespace revenge::resilience
