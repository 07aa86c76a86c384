// Breaker, bulkhead and rate limiter, each alone and shared by the threads.
#include <chrono>
#include <memory>

#include "clock.hpp"
#include "policy/breaker.hpp"
#include "policy/bulkhead.hpp"
#include "policy/rate_limiter.hpp"
#include "subjects.hpp"

namespace revenge::bench {
namespace {

using namespace revenge::resilience;
using namespace std::chrono_literals;

Calls executed(const BreakerSettings& settings) {
  const auto breaker = std::make_shared<Breaker>("upstream", settings, 1, now());
  return repeated([breaker, &circuit = *breaker](unsigned) {
    const Moment moment = now();
    const auto permit = circuit.acquire(moment);
    if (!permit) return false;
    circuit.settle(*permit, Verdict::kSuccess, moment);
    return true;
  });
}

BreakerSettings byRates() {
  BreakerSettings settings;
  settings.window = WindowKind::kTime;
  settings.failures = 0;
  settings.failure_rate = 0.5;
  settings.slow_rate = 0.5;
  settings.slow_after = 1s;
  return settings;
}

Calls rejected() {
  const auto breaker = std::make_shared<Breaker>("upstream", BreakerSettings{}, 1, now());
  breaker->openFor(24h, now());
  return repeated([breaker, &circuit = *breaker](unsigned) {
    const auto permit = circuit.acquire(now());
    return !permit && permit.error().kind == RejectionKind::kCircuitOpen;
  });
}

Calls held() {
  const auto bulkhead = std::make_shared<Bulkhead>("slots", BulkheadSettings{});
  return repeated([bulkhead, &slots = *bulkhead](unsigned) {
    const Moment moment = now();
    const auto answer = slots.acquire(moment);
    return answer && slots.release(answer->permit, moment);
  });
}

Calls limited(std::int64_t permits, Duration per, std::int64_t burst, bool is_allowed) {
  RateSettings settings;
  settings.permits = permits;
  settings.per = per;
  settings.burst = burst;
  const auto limiter = std::make_shared<RateLimiter>("rate", settings);
  if (!is_allowed) (void)limiter->allow(now(), burst);
  return repeated([limiter, &rate = *limiter, is_allowed](unsigned) {
    return rate.allow(now()).has_value() == is_allowed;
  });
}

}  // namespace

std::vector<Subject> policies() {
  const Calls twin = clockAndAtomic();
  return {
      {"breaker execute, consecutive", executed({}), twin},
      {"breaker execute, time window", executed(byRates()), twin},
      {"breaker open, reject", rejected(), twin},
      {"bulkhead acquire and release", held(), twin},
      // A burst of a second, so that a thread that loses its core between clock and limiter is allowed all the same.
      {"rate limiter allow", limited(1'000'000'000, 1s, 1'000'000'000, true), twin},
      {"rate limiter reject", limited(1, 24h, 1, false), twin},
  };
}

}  // namespace revenge::bench
