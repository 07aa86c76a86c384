// When a second attempt starts beside a slow first one; the first that ends well wins, the others are asked to stop (Dean,
// Barroso: The Tail at Scale, 2013). Thread safety: all functions from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pipeline/quantile.hpp"
#include "pipeline/retry_budget.hpp"
#include "policy/moment.hpp"
#include "policy/tally.hpp"

namespace revenge::resilience {

struct HedgeSettings {
  Duration delay = std::chrono::seconds(1);  // fixed; not used where `quantile` is
  std::optional<QuantileSettings>
      quantile;                  // of the attempts' durations; during its warm-up nothing is hedged
  std::uint32_t max_hedges = 1;  // beside the first attempt; at most kMaxHedges
  bool operator==(const HedgeSettings&) const = default;
};

inline constexpr std::uint32_t kMaxHedges = 7;

std::optional<Problem> problem(const HedgeSettings& settings);

class Hedge {
 public:
  // Requires: !problem(settings). The budget may be null; shared: with the retries of the same upstream. One that replaces an
  // `earlier` one counts on where that does, and knows the durations where the quantile is the same.
  Hedge(std::string name, const HedgeSettings& settings, std::shared_ptr<RetryBudget> budget,
        const Hedge* earlier = nullptr);

  const std::string& name() const { return name_; }
  const HedgeSettings& settings() const { return settings_; }
  RetryBudget* budget() const { return budget_.get(); }

  // Between one attempt's start and the next hedge; empty: none for now.
  std::optional<Duration> delay() const noexcept;
  // Of an attempt that was not cancelled.
  void record(Duration duration) noexcept {
    if (quantile_) quantile_->record(duration);
  }

  void countHedge() noexcept { tally_->add(kHedges); }
  void countWon() noexcept { tally_->add(kWon); }
  std::uint64_t hedges() const noexcept { return tally_->sum(kHedges); }
  // Hedges that ended before the first attempt.
  std::uint64_t won() const noexcept { return tally_->sum(kWon); }

 private:
  enum : std::size_t { kHedges, kWon, kCounters };

  std::string name_;
  HedgeSettings settings_;
  std::shared_ptr<RetryBudget> budget_;
  // shared, both: with the one it replaces
  std::shared_ptr<Quantile> quantile_;  // may be null
  std::shared_ptr<Tally<kCounters>> tally_;
};

}  // namespace revenge::resilience
