#include "wiring/inherited.hpp"

#include <algorithm>
#include <type_traits>
#include <utility>

namespace revenge::resilience {
namespace {

template <class Policy>
Policy* policyOf(const Layer& layer) {
  const auto* const found = std::get_if<std::shared_ptr<Policy>>(&layer);
  return found == nullptr ? nullptr : found->get();
}

// As Ending has it for limits of capacity.
Verdict capacityVerdict(const Settlement& settlement, bool is_late) {
  if (!isFailure(settlement.verdict)) return settlement.verdict;
  return is_late || settlement.retry_after > Duration::zero() ? Verdict::kFailure : Verdict::kIgnored;
}

// What the attempt took of a rate, and did not use.
void cancel(const Layer& layer, const HeldPermit& held) noexcept {
  if (auto* const rate = policyOf<RateLimiter>(layer)) {
    if (const auto* const grant = std::get_if<RateGrant>(&held.permit)) rate->cancel(*grant);
  } else if (auto* const keyed = policyOf<KeyedLimiter>(layer)) {
    if (const auto* const grant = std::get_if<KeyedGrant>(&held.permit)) keyed->cancel(*grant);
  }
}

}  // namespace

void Inherited::take(std::vector<HeldRun> runs, Moment now) {
  const std::lock_guard lock(mutex_);
  for (HeldRun& run : runs) {
    for (const HeldPermit& permit : run.permits)
      if (const auto* const place = std::get_if<HeldPlace>(&permit.permit))
        if (const auto budget = policies_.budget(permit.name)) {
          if (place->is_counted) budget->beginCall();
          if (place->in_budget) budget->keepRetry();
        }
    // A clock that begins anew is no time that was waited.
    run.granted_at = std::min(run.granted_at, now);
    const std::uint64_t token = run.token;
    runs_.insert_or_assign(token, std::move(run));
  }
  count_.store(runs_.size(), std::memory_order_release);
}

bool Inherited::settle(std::uint64_t token, std::uint64_t caller, const Settlement& settlement,
                       Moment now) noexcept {
  if (count_.load(std::memory_order_acquire) == 0) return false;
  const std::lock_guard lock(mutex_);
  const auto found = runs_.find(token);
  if (found == runs_.end() || found->second.caller != caller) return false;
  giveBack(found->second, settlement, now);
  runs_.erase(found);
  count_.fetch_sub(1, std::memory_order_relaxed);
  return true;
}

// A policy that the configuration has no more is gone with what was held of it.
void Inherited::giveBack(const HeldRun& run, const Settlement& settlement, Moment now) const noexcept {
  const bool is_late = now >= run.until;
  Settlement judged = settlement;
  if (is_late && isCounted(judged.verdict)) judged.verdict = Verdict::kFailure;
  for (auto held = run.permits.rbegin(); held != run.permits.rend(); ++held) {
    if (const auto* const place = std::get_if<HeldPlace>(&held->permit)) {
      const auto budget = policies_.budget(held->name);
      if (budget && place->in_budget) budget->endRetry();
      if (budget && place->is_counted) budget->endCall();
      continue;
    }
    const auto layer = policies_.policy(held->name);
    if (!layer) continue;
    if (auto* const breaker = policyOf<Breaker>(*layer)) {
      if (const auto* const permit = std::get_if<BreakerPermit>(&held->permit))
        breaker->settle(*permit, judged.verdict, now, judged.retry_after);
    } else if (auto* const bulkhead = policyOf<Bulkhead>(*layer)) {
      if (const auto* const permit = std::get_if<BulkheadPermit>(&held->permit))
        bulkhead->settle(*permit, judged.verdict, now);
    } else if (auto* const adaptive = policyOf<AdaptiveLimiter>(*layer)) {
      if (const auto* const permit = std::get_if<AdaptivePermit>(&held->permit))
        adaptive->settle(*permit, capacityVerdict(judged, is_late), now);
    } else if (settlement.made == Made::kNo) {
      cancel(*layer, *held);
    }
  }
}

std::vector<HeldRun> Inherited::runs() const {
  const std::lock_guard lock(mutex_);
  std::vector<HeldRun> runs;
  runs.reserve(runs_.size());
  for (const auto& [token, run] : runs_) runs.push_back(run);
  return runs;
}

}  // namespace revenge::resilience
