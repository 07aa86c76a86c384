// Pipelines of few words, on a clock moved by hand.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "manual_scheduler.hpp"
#include "pipeline/run.hpp"

namespace revenge::resilience {

struct PipelineTest : testing::Test {
  static std::shared_ptr<Fallback> fallback(const FallbackSettings& settings = {}) {
    return std::make_shared<Fallback>("fallback", settings);
  }
  static std::shared_ptr<Timeout> timeout(Duration limit, TimeoutStyle style = TimeoutStyle::kCooperative) {
    return std::make_shared<Timeout>("timeout", TimeoutSettings{limit, style});
  }
  // Without delays.
  static std::shared_ptr<Retry> retry(std::uint32_t attempts, std::shared_ptr<RetryBudget> budget = nullptr) {
    RetrySettings settings;
    settings.max_attempts = attempts;
    settings.backoff.kind = BackoffKind::kNone;
    return retry(settings, std::move(budget));
  }
  static std::shared_ptr<Retry> retry(const RetrySettings& settings,
                                      std::shared_ptr<RetryBudget> budget = nullptr) {
    return std::make_shared<Retry>("retry", settings, std::move(budget), 1);
  }
  // The delays of the defaults, without jitter: 100 200 400 ...
  static RetrySettings growing(std::uint32_t attempts) {
    RetrySettings settings;
    settings.max_attempts = attempts;
    settings.backoff.jitter = Jitter::kNone;
    return settings;
  }
  static std::shared_ptr<Breaker> breaker(std::int64_t failures) {
    BreakerSettings settings;
    settings.failures = failures;
    return std::make_shared<Breaker>("breaker", settings, 1, Moment{});
  }
  static std::shared_ptr<Bulkhead> bulkhead(std::int64_t slots, std::int64_t queue = 0,
                                            Duration wait = ms(5000)) {
    BulkheadSettings settings;
    settings.max_concurrent = slots;
    settings.queue_size = queue;
    settings.max_wait = wait;
    return std::make_shared<Bulkhead>("bulkhead", settings);
  }
  static std::shared_ptr<RateLimiter> rate(std::int64_t per_second, std::int64_t burst, Duration wait = {}) {
    RateSettings settings;
    settings.permits = per_second;
    settings.burst = burst;
    settings.max_wait = wait;
    return std::make_shared<RateLimiter>("rate", settings);
  }
  template <class... Layers>
  static Pipeline of(Layers... layers) {
    return Pipeline("test", {Layer(std::move(layers))...});
  }

  // A body that answers 1 after so many failures.
  auto failing(int times) {
    return [this, times](Attempt&) -> std::expected<int, std::string> {
      if (++calls <= times) return std::unexpected("down");
      return 1;
    };
  }
  auto alwaysFailing() { return failing(1 << 30); }
  // A body that takes so long, whatever it is asked.
  auto taking(Duration time) {
    return [this, time](Attempt&) {
      ++calls;
      scheduler.move(time);
      return 1;
    };
  }
  static Call repeatable() {
    Call call;
    call.repeat = Repeat::kSafe;
    return call;
  }

  ManualScheduler scheduler;
  int calls = 0;
};

}  // namespace revenge::resilience
