#include "wiring/policies.hpp"

#include <random>
#include <utility>

#include "pipeline/coalescer.hpp"

namespace revenge::resilience {
namespace {

std::uint64_t seed() {
  std::random_device device;
  return std::uint64_t{device()} << 32U | device();
}

template <class Policy>
const Policy* as(const Layer* layer) {
  const auto* const found = layer == nullptr ? nullptr : std::get_if<std::shared_ptr<Policy>>(layer);
  return found == nullptr ? nullptr : found->get();
}

template <class Policy, class Settings>
bool changeLive(const Layer& layer, const LayerSettings& settings, Moment now) {
  const auto* const policy = std::get_if<std::shared_ptr<Policy>>(&layer);
  if (policy == nullptr) return false;
  (*policy)->reconfigure(std::get<Settings>(settings), now);
  return true;
}

// Those whose settings are constant stay where nothing of them has changed.
template <class Policy, class Settings>
bool isSame(const Layer& layer, const LayerSettings& settings) {
  const auto* const policy = as<Policy>(&layer);
  return policy != nullptr && policy->settings() == std::get<Settings>(settings);
}

}  // namespace

Layer Policies::freshLocked(const DeclaredLayer& declared, const Layer* earlier, Moment now) {
  const std::string& name = declared.policy;
  switch (declared.kind()) {
    case LayerKind::kFallback:
      return std::make_shared<Fallback>(name, std::get<FallbackSettings>(declared.settings),
                                        as<Fallback>(earlier));
    case LayerKind::kTimeout:
      return std::make_shared<Timeout>(name, std::get<TimeoutSettings>(declared.settings),
                                       as<Timeout>(earlier));
    case LayerKind::kRetry:
      return std::make_shared<Retry>(name, std::get<RetrySettings>(declared.settings),
                                     budgetLocked(declared.budget), seed(), as<Retry>(earlier));
    case LayerKind::kBreaker:
      return std::make_shared<Breaker>(name, std::get<BreakerSettings>(declared.settings), seed(), now);
    case LayerKind::kRate:
      return std::make_shared<RateLimiter>(name, std::get<RateSettings>(declared.settings));
    case LayerKind::kKeyedRate:
      return std::make_shared<KeyedLimiter>(name, std::get<KeyedRateSettings>(declared.settings),
                                            HashSeed::random());
    case LayerKind::kBulkhead:
      return std::make_shared<Bulkhead>(name, std::get<BulkheadSettings>(declared.settings));
    case LayerKind::kAdaptive:
      return std::make_shared<AdaptiveLimiter>(name, std::get<AdaptiveLimiterSettings>(declared.settings));
    case LayerKind::kHedge:
      return std::make_shared<Hedge>(name, std::get<HedgeSettings>(declared.settings),
                                     budgetLocked(declared.budget), as<Hedge>(earlier));
    case LayerKind::kCoalesce:
      break;
  }
  return std::make_shared<Coalescer>(name, std::get<CoalesceSettings>(declared.settings));
}

Layer Policies::layerLocked(const DeclaredLayer& declared, Moment now) {
  const auto known = policies_.find(declared.policy);
  if (known == policies_.end() || kindOf(known->second) != declared.kind())
    return freshLocked(declared, nullptr, now);
  const Layer& layer = known->second;
  const LayerSettings& settings = declared.settings;
  bool stays = false;
  switch (declared.kind()) {
    case LayerKind::kFallback:
      stays = isSame<Fallback, FallbackSettings>(layer, settings);
      break;
    case LayerKind::kTimeout:
      stays = isSame<Timeout, TimeoutSettings>(layer, settings);
      break;
    case LayerKind::kRetry:
      stays = isSame<Retry, RetrySettings>(layer, settings) &&
              as<Retry>(&layer)->budget() == budgetLocked(declared.budget).get();
      break;
    case LayerKind::kBreaker:
      stays = changeLive<Breaker, BreakerSettings>(layer, settings, now);
      break;
    case LayerKind::kRate:
      stays = changeLive<RateLimiter, RateSettings>(layer, settings, now);
      break;
    case LayerKind::kKeyedRate:
      stays = changeLive<KeyedLimiter, KeyedRateSettings>(layer, settings, now);
      break;
    case LayerKind::kBulkhead:
      stays = changeLive<Bulkhead, BulkheadSettings>(layer, settings, now);
      break;
    case LayerKind::kAdaptive:
      stays = changeLive<AdaptiveLimiter, AdaptiveLimiterSettings>(layer, settings, now);
      break;
    case LayerKind::kHedge:
      stays = isSame<Hedge, HedgeSettings>(layer, settings) &&
              as<Hedge>(&layer)->budget() == budgetLocked(declared.budget).get();
      break;
    case LayerKind::kCoalesce:
      stays = true;  // it does nothing here
      break;
  }
  return stays ? layer : freshLocked(declared, &layer, now);
}

void Policies::apply(const Settings& settings, Moment now) {
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::shared_ptr<RetryBudget>> budgets;
  for (const auto& [name, budget] : settings.budgets) {
    const auto known = budgets_.find(name);
    if (known == budgets_.end()) {
      budgets.emplace(name, std::make_shared<RetryBudget>(budget));
    } else {
      known->second->reconfigure(budget);
      budgets.emplace(*known);
    }
  }
  budgets_ = std::move(budgets);

  std::map<std::string, Layer> policies;
  std::vector<std::shared_ptr<const Pipeline>> pipelines;
  for (const auto& [name, layers] : settings.pipelines) {
    std::vector<Layer> made;
    for (const DeclaredLayer& declared : layers) {
      auto known = policies.find(declared.policy);
      if (known == policies.end())
        known = policies.emplace(declared.policy, layerLocked(declared, now)).first;
      made.push_back(known->second);
    }
    pipelines.push_back(std::make_shared<const Pipeline>(name, std::move(made)));
  }
  std::map<std::string, Notices<BreakerEvent>::Subscription> told_of;
  for (const auto& [name, layer] : policies) {
    const auto* const breaker = std::get_if<std::shared_ptr<Breaker>>(&layer);
    if (breaker == nullptr) continue;
    const auto known = policies_.find(name);
    if (known != policies_.end() && known->second == layer)
      told_of.emplace(name, std::move(told_of_[name]));
    else
      told_of.emplace(name, (*breaker)->notices().listen(
                                [this, name](const BreakerEvent& event) { told_(name, event); }));
  }
  policies_ = std::move(policies);
  told_of_ = std::move(told_of);
  directories_.push_back(std::make_unique<const Directory>(std::move(pipelines)));
  directory_.store(directories_.back().get(), std::memory_order_release);
}

std::shared_ptr<RetryBudget> Policies::budgetLocked(const std::string& name) const {
  const auto found = budgets_.find(name);
  return found == budgets_.end() ? nullptr : found->second;
}

std::shared_ptr<RetryBudget> Policies::budget(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  return budgetLocked(name);
}

std::optional<Layer> Policies::policy(const std::string& name) const {
  const std::lock_guard lock(mutex_);
  const auto found = policies_.find(name);
  if (found == policies_.end()) return std::nullopt;
  return found->second;
}

std::map<std::string, Layer> Policies::policies() const {
  const std::lock_guard lock(mutex_);
  return policies_;
}

std::map<std::string, std::shared_ptr<RetryBudget>> Policies::budgets() const {
  const std::lock_guard lock(mutex_);
  return budgets_;
}

std::vector<std::shared_ptr<const Pipeline>> Policies::pipelines() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const Pipeline>> pipelines;
  if (directories_.empty()) return pipelines;
  for (const Entry& entry : directories_.back()->entries()) pipelines.push_back(entry.pipeline);
  return pipelines;
}

}  // namespace revenge::resilience
