#include "pipeline/hedge.hpp"

#include <utility>

namespace revenge::resilience {

std::optional<Problem> problem(const HedgeSettings& settings) {
  if (auto found = outside("delay", settings.delay, Duration(0), std::chrono::hours(1))) return found;
  if (auto found = outside("max_hedges", std::int64_t{settings.max_hedges}, 1, kMaxHedges)) return found;
  if (settings.quantile)
    if (auto found = problem(*settings.quantile)) {
      found->key.insert(0, "quantile.");
      return found;
    }
  return {};
}

Hedge::Hedge(std::string name, const HedgeSettings& settings, std::shared_ptr<RetryBudget> budget,
             const Hedge* earlier)
    : name_(std::move(name)),
      settings_(settings),
      budget_(std::move(budget)),
      tally_(earlier != nullptr ? earlier->tally_ : std::make_shared<Tally<kCounters>>()) {
  if (!settings_.quantile) return;
  const bool is_same = earlier != nullptr && earlier->settings_.quantile == settings_.quantile;
  quantile_ = is_same ? earlier->quantile_ : std::make_shared<Quantile>(*settings_.quantile);
}

std::optional<Duration> Hedge::delay() const noexcept {
  return quantile_ ? quantile_->estimate() : std::optional<Duration>(settings_.delay);
}

}  // namespace revenge::resilience
