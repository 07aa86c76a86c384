#include "pipeline/retry_budget.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace revenge::resilience {

std::optional<Problem> problem(const RetryBudgetSettings& settings) {
  // Asked the other way round, NaN would pass.
  if (!(settings.rate >= 0 && settings.rate <= 1))
    return Problem{"rate", fmt::format("{} is not from 0 to 1", settings.rate)};
  if (settings.max_tokens < 1 || settings.max_tokens > 1000)
    return Problem{"max_tokens", fmt::format("{} is not from 1 to 1000", settings.max_tokens)};
  if (!(settings.token_ratio >= 0.001 && settings.token_ratio <= settings.max_tokens))
    return Problem{"token_ratio", fmt::format("{} is not from 0.001 to max_tokens", settings.token_ratio)};
  return {};
}

RetryBudget::RetryBudget(const RetryBudgetSettings& settings) {
  reconfigure(settings);
  milli_tokens_ = max_milli_tokens_.load();
}

void RetryBudget::reconfigure(const RetryBudgetSettings& settings) noexcept {
  rate_millionths_ = static_cast<std::uint64_t>(std::llround(settings.rate * 1e6));
  min_concurrent_ = settings.min_concurrent;
  const std::int64_t max = std::int64_t{settings.max_tokens} * 1000;
  max_milli_tokens_ = max;
  milli_ratio_ = std::llround(settings.token_ratio * 1000);
  rule_ = settings.rule;
  std::int64_t tokens = milli_tokens_;
  while (tokens > max && !milli_tokens_.compare_exchange_weak(tokens, max)) {
  }
}

bool RetryBudget::beginRetry() noexcept {
  if (rule_.load(std::memory_order_relaxed) == BudgetRule::kTokens) {
    if (milli_tokens_.load(std::memory_order_relaxed) * 2 <=
        max_milli_tokens_.load(std::memory_order_relaxed)) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
    state_.fetch_add(kOneRetry, std::memory_order_relaxed);
    return true;
  }
  const std::uint64_t rate = rate_millionths_.load(std::memory_order_relaxed);
  const std::uint64_t min = min_concurrent_.load(std::memory_order_relaxed);
  std::uint64_t state = state_.load(std::memory_order_relaxed);
  do {
    const std::uint64_t calls = state & 0xffffffff;
    const std::uint64_t retries = state >> 32;
    if (retries >= std::max(min, calls * rate / 1000000)) {
      refused_.fetch_add(1, std::memory_order_relaxed);
      return false;
    }
  } while (!state_.compare_exchange_weak(state, state + kOneRetry, std::memory_order_relaxed));
  return true;
}

void RetryBudget::succeeded() noexcept {
  if (rule_.load(std::memory_order_relaxed) != BudgetRule::kTokens) return;
  const std::int64_t max = max_milli_tokens_.load(std::memory_order_relaxed);
  const std::int64_t ratio = milli_ratio_.load(std::memory_order_relaxed);
  std::int64_t tokens = milli_tokens_.load(std::memory_order_relaxed);
  while (tokens < max && !milli_tokens_.compare_exchange_weak(tokens, std::min(max, tokens + ratio),
                                                              std::memory_order_relaxed)) {
  }
}

void RetryBudget::failed() noexcept {
  if (rule_.load(std::memory_order_relaxed) != BudgetRule::kTokens) return;
  std::int64_t tokens = milli_tokens_.load(std::memory_order_relaxed);
  while (tokens > 0 && !milli_tokens_.compare_exchange_weak(tokens, std::max<std::int64_t>(0, tokens - 1000),
                                                            std::memory_order_relaxed)) {
  }
}

RetryBudget::Levels RetryBudget::levels() const noexcept {
  const std::uint64_t state = state_.load(std::memory_order_relaxed);
  return {static_cast<std::uint32_t>(state), static_cast<std::uint32_t>(state >> 32),
          static_cast<double>(milli_tokens_.load(std::memory_order_relaxed)) / 1000,
          refused_.load(std::memory_order_relaxed)};
}

}  // namespace revenge::resilience
