// Whether a failed attempt is made again, and when. Thread safety: constant, but for the counters and the random numbers.
//
// Rationale: the last delay is never cut to fit a deadline. An attempt that begins when there is no time left for it loads
// the other side for nobody.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pipeline/backoff.hpp"
#include "pipeline/ending.hpp"
#include "pipeline/retry_budget.hpp"
#include "pipeline/unit_random.hpp"
#include "policy/tally.hpp"

namespace revenge::resilience {

struct RetrySettings {
  std::uint32_t max_attempts = 3;  // the first included
  bool unlimited = false;          // max_attempts does not count
  BackoffSettings backoff;
  Duration max_elapsed{};                       // of all attempts and delays; zero: no limit of its own
  Duration max_hint = std::chrono::minutes(1);  // a server that asks for longer is not waited for
  bool wait_for_policies =
      false;  // wait for an open breaker or an empty bucket as long as it says, if that fits the
              // deadline; else such a refusal is retried only where the backoff is as long anyway
  bool return_last = false;  // when exhausted: the last failure as it is, instead of kRetriesExceeded
  bool operator==(const RetrySettings&) const = default;
};

std::optional<Problem> problem(const RetrySettings& settings);

// Whether a layer further out has counted the run in the same budget: one run is one call, however many layers retry it.
enum class BudgetUse : std::uint8_t { kCounts, kCounted };

// Of one run in one retry layer.
struct RetryState {
  std::uint32_t tries = 0;
  bool in_budget = false;   // this try holds a place among the retries
  bool is_counted = false;  // the run holds a place among the calls
  Duration previous{};
  Moment started_at;
};

class Retry {
 public:
  // Requires: !problem(settings). The budget may be null; shared: with other retries and hedges of the same upstream. One that
  // replaces an `earlier` one counts on where that does, while runs still use both.
  Retry(std::string name, const RetrySettings& settings, std::shared_ptr<RetryBudget> budget,
        std::uint64_t seed, const Retry* earlier = nullptr);

  const std::string& name() const { return name_; }
  const RetrySettings& settings() const { return settings_; }
  RetryBudget* budget() const { return budget_.get(); }

  void begin(RetryState& state, Moment now, BudgetUse use) noexcept {
    state = RetryState();
    state.tries = 1;
    state.started_at = now;
    if (!budget_ || use == BudgetUse::kCounted) return;
    state.is_counted = true;
    budget_->beginCall();
  }
  // How a try ended. A delay: it is made again after that, and the state counts it. None: `ending` is what the run goes on with.
  // `limit`: by when all is to be over.
  std::optional<Duration> decide(RetryState& state, Ending& ending, Repeat repeat, Moment now,
                                 Moment limit) noexcept;
  // Once the run leaves the layer, whatever way.
  void end(RetryState& state) noexcept;

  struct Counts {
    std::uint64_t retries = 0;
    std::uint64_t exhausted = 0;  // gave up for their number, time or deadline
    std::uint64_t over_budget = 0;
  };
  Counts counts() const noexcept;

 private:
  void endTry(RetryState& state) noexcept;
  void wrap(Ending& ending, RejectionKind kind) const noexcept;

  std::string name_;
  RetrySettings settings_;
  Backoff backoff_;
  std::shared_ptr<RetryBudget> budget_;
  UnitRandom random_;
  enum : std::size_t { kRetries, kExhausted, kOverBudget, kCounters };
  std::shared_ptr<Tally<kCounters>> tally_;  // shared: with the one it replaces
};

}  // namespace revenge::resilience
