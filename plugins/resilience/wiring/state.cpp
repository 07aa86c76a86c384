#include "wiring/state.hpp"

#include <map>
#include <type_traits>

namespace revenge::resilience {
namespace {

HeldRun held(const Run& run, std::uint64_t token, const auto& budgetName) {
  HeldRun held{token, run.caller(), run.grantedAt(), run.until(), {}};
  const Pipeline& pipeline = run.passage().pipeline();
  run.passage().eachHeld([&](std::size_t layer, const auto& permit) {
    using Permit = std::decay_t<decltype(permit)>;
    if constexpr (std::is_same_v<Permit, RetryState>) {
      if (permit.is_counted || permit.in_budget)
        held.permits.push_back(
            {budgetName(pipeline.get<Retry>(layer)), HeldPlace{permit.is_counted, permit.in_budget}});
    } else if constexpr (std::is_same_v<Permit, BreakerPermit>) {
      held.permits.push_back({pipeline.get<Breaker>(layer).name(), permit});
    } else if constexpr (std::is_same_v<Permit, BulkheadPermit>) {
      held.permits.push_back({pipeline.get<Bulkhead>(layer).name(), permit});
    } else if constexpr (std::is_same_v<Permit, RateGrant>) {
      held.permits.push_back({pipeline.get<RateLimiter>(layer).name(), permit});
    } else if constexpr (std::is_same_v<Permit, KeyedGrant>) {
      held.permits.push_back({pipeline.get<KeyedLimiter>(layer).name(), permit});
    } else {
      held.permits.push_back({pipeline.get<AdaptiveLimiter>(layer).name(), permit});
    }
  });
  return held;
}

template <class Policy>
Policy* find(const Policies& policies, const std::string& name) {
  const auto layer = policies.policy(name);
  if (!layer) return nullptr;
  const auto* const policy = std::get_if<std::shared_ptr<Policy>>(&*layer);
  return policy == nullptr ? nullptr : policy->get();  // the policies keep it
}

// Of those that are still held: what an image says beyond would never come back.
template <class Permit>
std::int64_t heldOf(const std::vector<HeldRun>& runs, const std::string& name) {
  std::int64_t count = 0;
  for (const HeldRun& run : runs)
    for (const HeldPermit& held : run.permits) {
      const auto* const permit = std::get_if<Permit>(&held.permit);
      if (permit == nullptr || held.name != name) continue;
      if constexpr (std::is_same_v<Permit, BulkheadPermit>)
        count += permit->bound ? 1 : 0;
      else
        count += permit->in_flight > 0 ? 1 : 0;
    }
  return count;
}

}  // namespace

State stateOf(const Policies& policies, Runs& runs, const Inherited& inherited, Moment now) {
  State state;
  for (const auto& [name, layer] : policies.policies()) {
    if (const auto* const breaker = std::get_if<std::shared_ptr<Breaker>>(&layer))
      state.breakers.emplace_back(name, (*breaker)->image(now));
    else if (const auto* const rate = std::get_if<std::shared_ptr<RateLimiter>>(&layer))
      state.rates.emplace_back(name, (*rate)->image());
    else if (const auto* const keyed = std::get_if<std::shared_ptr<KeyedLimiter>>(&layer))
      state.keyed_rates.emplace_back(name, (*keyed)->image(now));
    else if (const auto* const bulkhead = std::get_if<std::shared_ptr<Bulkhead>>(&layer))
      state.bulkheads.emplace_back(name, (*bulkhead)->image());
    else if (const auto* const adaptive = std::get_if<std::shared_ptr<AdaptiveLimiter>>(&layer))
      state.adaptives.emplace_back(name, (*adaptive)->image());
  }
  state.runs = inherited.runs();
  const auto budgets = policies.budgets();
  const auto budgetName = [&](const Retry& retry) {
    for (const auto& [name, budget] : budgets)
      if (budget.get() == retry.budget()) return name;
    return std::string();  // the configuration has it no more
  };
  runs.forEachHeld(
      [&](Run& run, std::uint64_t token) { state.runs.push_back(held(run, token, budgetName)); });
  return state;
}

void restore(const State& state, const Policies& policies, Inherited& inherited, Moment now) {
  for (const auto& [name, image] : state.breakers)
    if (auto* const breaker = find<Breaker>(policies, name)) breaker->restore(image, now);
  for (const auto& [name, image] : state.rates)
    if (auto* const rate = find<RateLimiter>(policies, name)) rate->restore(image, now);
  for (const auto& [name, image] : state.keyed_rates)
    if (auto* const keyed = find<KeyedLimiter>(policies, name)) keyed->restore(image, now);
  for (auto [name, image] : state.bulkheads)
    if (auto* const bulkhead = find<Bulkhead>(policies, name)) {
      image.running = heldOf<BulkheadPermit>(state.runs, name);
      bulkhead->restore(image);
    }
  for (auto [name, image] : state.adaptives)
    if (auto* const adaptive = find<AdaptiveLimiter>(policies, name)) {
      image.running = heldOf<AdaptivePermit>(state.runs, name);
      adaptive->restore(image);
    }
  inherited.take(state.runs, now);
}

}  // namespace revenge::resilience
