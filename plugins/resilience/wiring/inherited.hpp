// Inherited: permits that the version before has issued, held by their callers still. Settling one gives back what it holds
// and counts the outcome; the attempt it is of is the last. Thread safety: all functions, any thread; without any of them
// settle() costs one atomic read.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <variant>
#include <vector>

#include "pipeline/call.hpp"
#include "pipeline/pipeline.hpp"
#include "wiring/policies.hpp"

namespace revenge::resilience {

// What a run holds of one policy.
struct HeldPlace {
  bool is_counted = false;  // among the calls of a budget
  bool in_budget = false;   // among its retries
};
struct HeldPermit {
  std::string name;  // of the policy; of a HeldPlace, of the budget
  std::variant<BreakerPermit, BulkheadPermit, AdaptivePermit, HeldPlace, RateGrant, KeyedGrant> permit;
};
struct HeldRun {
  std::uint64_t token = 0;
  std::uint64_t caller = 0;
  Moment granted_at;
  Moment until = Moment::never();
  std::vector<HeldPermit> permits;
};

class Inherited {
 public:
  explicit Inherited(const Policies& policies) : policies_(policies) {}
  Inherited(const Inherited&) = delete;
  Inherited& operator=(const Inherited&) = delete;

  // Before the first call.
  void take(std::vector<HeldRun> runs, Moment now);
  // False: there is no such token, or it is another's.
  bool settle(std::uint64_t token, std::uint64_t caller, const Settlement& settlement, Moment now) noexcept;
  // Of those for which `lost(caller, granted_at)`; how many.
  template <class Lost>
  std::size_t abandon(Moment now, Lost lost) noexcept {
    const std::lock_guard lock(mutex_);
    return std::erase_if(runs_, [&](const auto& known) {
      const HeldRun& run = known.second;
      if (!lost(run.caller, run.granted_at)) return false;
      giveBack(run, {Verdict::kAbandoned, {}, Again::kNever}, now);
      count_.fetch_sub(1, std::memory_order_relaxed);
      return true;
    });
  }
  // For the version after this one.
  std::vector<HeldRun> runs() const;

 private:
  void giveBack(const HeldRun& run, const Settlement& settlement, Moment now) const noexcept;

  const Policies& policies_;
  std::atomic<std::size_t> count_ = 0;
  mutable std::mutex mutex_;  // below
  std::map<std::uint64_t, HeldRun> runs_;
};

}  // namespace revenge::resilience
