#include "pipeline/retry.hpp"

#include <limits>
#include <utility>

namespace revenge::resilience {

std::optional<Problem> problem(const RetrySettings& settings) {
  if (!settings.unlimited && settings.max_attempts < 1)
    return Problem{"max_attempts", "must be at least 1, is 0; for no limit say so by unlimited"};
  if (auto found = outside("max_elapsed", settings.max_elapsed, Duration(0), Duration::max())) return found;
  if (auto found = outside("max_hint", settings.max_hint, Duration(0), Duration::max())) return found;
  if (auto found = problem(settings.backoff)) {
    found->key.insert(0, "backoff.");
    return found;
  }
  return {};
}

Retry::Retry(std::string name, const RetrySettings& settings, std::shared_ptr<RetryBudget> budget,
             std::uint64_t seed, const Retry* earlier)
    : name_(std::move(name)),
      settings_(settings),
      backoff_(settings.backoff),
      budget_(std::move(budget)),
      random_(seed),
      tally_(earlier != nullptr ? earlier->tally_ : std::make_shared<Tally<kCounters>>()) {}

void Retry::wrap(Ending& ending, RejectionKind kind) const noexcept {
  // Inside of another retry's word the first cause is kept.
  const bool is_wrapped = ending.cause == Cause::kPolicy && ending.last != Cause::kNone;
  if (!is_wrapped) {
    ending.last = ending.cause;
    ending.last_rejection = ending.rejection;
  }
  ending.cause = Cause::kPolicy;
  ending.rejection = rejectedFor(kind);
  ending.rejection.policy = name_;
  ending.rejection.retry_after = ending.retry_after;
}

std::optional<Duration> Retry::decide(RetryState& state, Ending& ending, Repeat repeat, Moment now,
                                      Moment limit) noexcept {
  endTry(state);
  if (ending.isSuccess()) {
    if (budget_) budget_->succeeded();
    return {};
  }
  if (budget_ && isFailure(ending.verdict)) budget_->failed();
  if (ending.again == Again::kNever || ending.isRejected(RejectionKind::kCancelled) ||
      ending.isRejected(RejectionKind::kInvalidArgument))
    return {};
  if (ending.cause == Cause::kBody && !isCounted(ending.verdict)) return {};
  if (ending.reached && repeat == Repeat::kUnsafe) return {};

  const auto exhausted = [&] {
    tally_->add(kExhausted);
    if (!settings_.return_last) wrap(ending, RejectionKind::kRetriesExceeded);
  };
  if (!settings_.unlimited && state.tries >= settings_.max_attempts) {
    // A single try is no retry: its failure is told as it is.
    if (state.tries > 1) exhausted();
    return {};
  }

  const bool refused = ending.cause == Cause::kPolicy && !ending.reached;
  const Duration hint = refused ? ending.rejection.retry_after : ending.retry_after;
  // Asking a policy again before it can answer otherwise would only spin.
  const auto spins = [&] {
    if (state.tries > 1) exhausted();
    return std::nullopt;
  };
  if (refused && hint <= Duration::zero()) return spins();
  const double u = random_.next();
  const Duration own = backoff_.delay(state.tries, u, state.previous);
  Duration delay = own;
  if (refused && !settings_.wait_for_policies) {
    if (delay < hint) return spins();
  } else {
    if (hint > settings_.max_hint) return {};
    delay = backoff_.delayWithHint(state.tries, u, state.previous, hint);
  }

  const Moment next = now + delay;
  if (settings_.max_elapsed > Duration::zero() && next - state.started_at >= settings_.max_elapsed) {
    exhausted();
    return {};
  }
  if (next >= limit) {
    exhausted();
    wrap(ending, RejectionKind::kTimeout);
    ending.rejection.full = FullReason::kDeadline;
    ending.rejection.retry_after = delay;
    return {};
  }
  if (budget_ && !budget_->beginRetry()) {
    tally_->add(kOverBudget);
    if (!settings_.return_last) wrap(ending, RejectionKind::kBudgetExceeded);
    return {};
  }
  state.in_budget = budget_ != nullptr;
  if (state.tries != std::numeric_limits<std::uint32_t>::max()) ++state.tries;
  state.previous = own;
  tally_->add(kRetries);
  return delay;
}

void Retry::endTry(RetryState& state) noexcept {
  if (std::exchange(state.in_budget, false)) budget_->endRetry();
}

void Retry::end(RetryState& state) noexcept {
  endTry(state);
  if (std::exchange(state.is_counted, false)) budget_->endCall();
}

Retry::Counts Retry::counts() const noexcept {
  return {tally_->sum(kRetries), tally_->sum(kExhausted), tally_->sum(kOverBudget)};
}

}  // namespace revenge::resilience
