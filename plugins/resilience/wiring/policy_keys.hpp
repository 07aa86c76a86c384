// The keys of each policy's settings, as configuration writes them: the names of the domain, durations with their unit at
// the end. Reading, checking and showing go by these lists alone. Thread safety: pure functions.
#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "pipeline/declared.hpp"

namespace revenge::resilience {

// The words of an enumeration, in its order.
constexpr std::array<std::string_view, 3> wordsOf(WindowKind) { return {"consecutive", "count", "time"}; }
constexpr std::array<std::string_view, 2> wordsOf(TrialRule) { return {"successes", "rates"}; }
constexpr std::array<std::string_view, 3> wordsOf(RetryAfterUse) { return {"ignore", "extend", "open"}; }
constexpr std::array<std::string_view, 3> wordsOf(QueueOrder) { return {"fifo", "lifo", "priority"}; }
constexpr std::array<std::string_view, 2> wordsOf(RateAlgorithm) { return {"bucket", "fixed_window"}; }
constexpr std::array<std::string_view, 3> wordsOf(AdaptiveAlgorithm) {
  return {"aimd", "gradient2", "vegas"};
}
constexpr std::array<std::string_view, 5> wordsOf(BackoffKind) {
  return {"none", "fixed", "linear", "exponential", "random"};
}
constexpr std::array<std::string_view, 5> wordsOf(Jitter) {
  return {"none", "symmetric", "full", "equal", "decorrelated"};
}
constexpr std::array<std::string_view, 2> wordsOf(TimeoutStyle) { return {"cooperative", "detached"}; }
constexpr std::array<std::string_view, 2> wordsOf(BudgetRule) { return {"share", "tokens"}; }

// `visit(key, field)` for each; answers whether the key is there.
template <class Visit>
void eachKey(FallbackSettings& of, Visit&& visit) {
  visit("on_failure", of.on_failure);
  visit("on_rejection", of.on_rejection);
  visit("on_cancel", of.on_cancel);
}

template <class Visit>
void eachKey(TimeoutSettings& of, Visit&& visit) {
  visit("limit_s", of.limit);
  visit("style", of.style);
}

template <class Visit>
void eachKey(RetrySettings& of, Visit&& visit) {
  visit("max_attempts", of.max_attempts);
  visit("unlimited", of.unlimited);
  visit("backoff.kind", of.backoff.kind);
  visit("backoff.initial_ms", of.backoff.initial);
  visit("backoff.max_ms", of.backoff.max);
  visit("backoff.multiplier", of.backoff.multiplier);
  visit("backoff.jitter", of.backoff.jitter);
  visit("backoff.jitter_factor", of.backoff.jitter_factor);
  visit("max_elapsed_s", of.max_elapsed);
  visit("max_hint_s", of.max_hint);
  visit("wait_for_policies", of.wait_for_policies);
  visit("return_last", of.return_last);
}

template <class Visit>
void eachKey(BreakerSettings& of, Visit&& visit) {
  visit("window", of.window);
  visit("window_calls", of.window_calls);
  visit("window_length_s", of.window_length);
  visit("failures", of.failures);
  visit("min_calls", of.min_calls);
  visit("failure_rate", of.failure_rate);
  visit("slow_rate", of.slow_rate);
  visit("slow_after_ms", of.slow_after);
  visit("open_wait_s", of.open_wait);
  visit("open_wait_growth", of.open_wait_growth);
  visit("max_open_wait_s", of.max_open_wait);
  visit("open_wait_jitter", of.open_wait_jitter);
  visit("retry_after", of.retry_after);
  visit("trial_rule", of.trial_rule);
  visit("trials", of.trials);
  visit("trial_successes", of.trial_successes);
  visit("trial_lease_s", of.trial_lease);
}

template <class Visit>
void eachKey(RateSettings& of, Visit&& visit) {
  visit("permits", of.permits);
  visit("per_s", of.per);
  visit("burst", of.burst);
  visit("algorithm", of.algorithm);
  visit("max_wait_ms", of.max_wait);
}

template <class Visit>
void eachKey(KeyedRateSettings& of, Visit&& visit) {
  eachKey(of.rate, visit);
  visit("max_keys", of.max_keys);
}

template <class Visit>
void eachKey(BulkheadSettings& of, Visit&& visit) {
  visit("max_concurrent", of.max_concurrent);
  visit("queue_size", of.queue_size);
  visit("max_wait_ms", of.max_wait);
  visit("order", of.order);
}

template <class Visit>
void eachKey(AdaptiveLimiterSettings& of, Visit&& visit) {
  visit("algorithm", of.limit.algorithm);
  visit("initial", of.limit.initial);
  visit("least", of.limit.least);
  visit("most", of.limit.most);
  visit("aimd_timeout_ms", of.limit.aimd_timeout);
  visit("aimd_backoff", of.limit.aimd_backoff);
  visit("smoothing", of.limit.smoothing);
  visit("tolerance", of.limit.tolerance);
  visit("queue", of.limit.queue);
  visit("long_window", of.limit.long_window);
  visit("probe_multiplier", of.limit.probe_multiplier);
  visit("min_window_ms", of.min_window);
  visit("max_window_ms", of.max_window);
  visit("min_samples", of.min_samples);
  visit("min_time_ms", of.min_time);
  visit("shares.playback", of.shares[indexOf(Priority::kPlayback)]);
  visit("shares.browsing", of.shares[indexOf(Priority::kBrowsing)]);
  visit("shares.background", of.shares[indexOf(Priority::kBackground)]);
}

template <class Visit>
void eachKey(HedgeSettings& of, Visit&& visit) {
  visit("delay_ms", of.delay);
  visit("max_hedges", of.max_hedges);
  // In place of the fixed delay where one of these is there: `visit` answers that.
  QuantileSettings quantile = of.quantile.value_or(QuantileSettings());
  bool is_there = of.quantile.has_value();
  if (visit("quantile", quantile.quantile)) is_there = true;
  if (visit("warm_up", quantile.warm_up)) is_there = true;
  if (visit("age", quantile.age)) is_there = true;
  if (is_there) of.quantile = quantile;
}

template <class Visit>
void eachKey(CoalesceSettings& of, Visit&& visit) {
  visit("max_keys", of.max_keys);
  visit("max_followers", of.max_followers);
}

template <class Visit>
void eachKey(RetryBudgetSettings& of, Visit&& visit) {
  visit("rule", of.rule);
  visit("rate", of.rate);
  visit("min_concurrent", of.min_concurrent);
  visit("max_tokens", of.max_tokens);
  visit("token_ratio", of.token_ratio);
}

}  // namespace revenge::resilience
