#include "wiring/policy_metrics.hpp"

#include <utility>

#include "pipeline/coalescer.hpp"

namespace revenge::resilience {

void PolicyMetrics::set(const Policies& policies, Moment now) {
  for (const auto& [name, layer] : policies.policies()) {
    std::visit(
        [&](const auto& policy) {
          if constexpr (requires { tell(name, *policy); })
            tell(name, *policy);
          else
            tell(name, *policy, now);
        },
        layer);
  }
}

void PolicyMetrics::count(std::string_view series, std::string_view help, const std::string& policy,
                          std::string_view label, std::string_view value, std::uint64_t total, double unit) {
  std::string key(series);
  key.append("\n").append(policy).append("\n").append(value);
  auto known = counters_.find(key);
  if (known == counters_.end()) {
    const Counter counter = label.empty()
                                ? host_.metrics().counter(series, help, {{"policy", policy}})
                                : host_.metrics().counter(series, help, {{"policy", policy}, {label, value}});
    known = counters_.emplace(std::move(key), Counted{counter}).first;
  }
  Counted& counted = known->second;
  // A policy that was made anew counts from 0.
  const std::uint64_t before = total < counted.before ? 0 : counted.before;
  counted.before = total;
  if (total > before) counted.counter.add(static_cast<double>(total - before) * unit);
}

void PolicyMetrics::gauge(std::string_view series, std::string_view help, const std::string& policy,
                          double value) {
  std::string key(series);
  key.append("\n").append(policy);
  auto known = gauges_.find(key);
  if (known == gauges_.end())
    known = gauges_.emplace(std::move(key), host_.metrics().gauge(series, help, {{"policy", policy}})).first;
  known->second.set(value);
}

void PolicyMetrics::calls(const std::string& policy, std::string_view outcome, std::uint64_t total) {
  count("calls_total", "Calls that a policy let pass, by how they ended.", policy, "outcome", outcome, total);
}

void PolicyMetrics::rejected(const std::string& policy, RejectionKind kind, std::uint64_t total) {
  count("rejected_total", "Calls that a policy refused.", policy, "kind", nameOf(kind), total);
}

void PolicyMetrics::tell(const std::string& policy, Breaker& breaker, Moment now) {
  const BreakerReport report = breaker.report(now);
  for (std::size_t i = 0; i < kVerdicts; ++i)
    calls(policy, nameOf(static_cast<Verdict>(i)), report.outcomes[i]);
  rejected(policy, RejectionKind::kCircuitOpen, report.rejected);
  gauge("state", "Of a breaker: 0 closed, 1 open, 2 half open.", policy, static_cast<double>(report.state));
  gauge("in_flight", "Calls that run now; of a breaker its trials.", policy,
        static_cast<double>(report.trials_running));
  count("late_results_total", "Results of calls admitted in an earlier state: they change nothing.", policy,
        {}, {}, report.late_results);
  for (std::size_t to = 0; to < kBreakerStates; ++to) {
    std::uint64_t total = 0;
    for (std::size_t from = 0; from < kBreakerStates; ++from) total += report.transitions[from][to];
    count("transitions_total", "Transitions of a breaker.", policy, "to",
          nameOf(static_cast<BreakerState>(to)), total);
  }
}

void PolicyMetrics::tell(const std::string& policy, const Bulkhead& bulkhead) {
  const BulkheadReport report = bulkhead.report();
  calls(policy, "admitted", report.admitted);
  rejected(policy, RejectionKind::kBulkheadFull, report.rejected);
  gauge("in_flight", "Calls that run now; of a breaker its trials.", policy,
        static_cast<double>(report.running));
  gauge("queued", "Calls that wait for a slot.", policy, static_cast<double>(report.queued));
  count("waited_total", "Calls that were admitted after a wait.", policy, {}, {}, report.waited);
  count("waited_seconds_total", "How long they waited, all together.", policy, {}, {},
        static_cast<std::uint64_t>(report.wait_total.count()), 1e-9);
  count("stray_releases_total", "Slots given back that nobody had: a defect.", policy, {}, {},
        report.stray_releases);
}

void PolicyMetrics::tell(const std::string& policy, const RateLimiter& limiter, Moment now) {
  const RateReport report = limiter.report(now);
  calls(policy, "admitted", report.allowed);
  rejected(policy, RejectionKind::kRateLimited, report.rejected);
  gauge("remaining", "Permits of a rate that are there now.", policy,
        static_cast<double>(report.level.remaining));
}

void PolicyMetrics::tell(const std::string& policy, const KeyedLimiter& limiter) {
  const KeyedReport report = limiter.report();
  calls(policy, "admitted", report.allowed);
  rejected(policy, RejectionKind::kRateLimited, report.rejected);
  gauge("keys", "Keys with a bucket of their own.", policy, static_cast<double>(report.keys));
  count("overflowed_total", "Decisions by the bucket that keys without room share.", policy, {}, {},
        report.overflowed);
}

void PolicyMetrics::tell(const std::string& policy, const AdaptiveLimiter& limiter) {
  const AdaptiveReport report = limiter.report();
  for (std::size_t i = 0; i < kVerdicts; ++i)
    calls(policy, nameOf(static_cast<Verdict>(i)), report.outcomes[i]);
  std::uint64_t refused = 0;
  for (const std::uint64_t by_class : report.rejected) refused += by_class;
  rejected(policy, RejectionKind::kOverloaded, refused);
  gauge("in_flight", "Calls that run now; of a breaker its trials.", policy,
        static_cast<double>(report.running));
  gauge("limit", "What an adaptive limit has learned.", policy, static_cast<double>(report.limit));
}

void PolicyMetrics::tell(const std::string& policy, const Retry& retry) {
  const Retry::Counts counts = retry.counts();
  count("retries_total", "Attempts behind the first.", policy, {}, {}, counts.retries);
  rejected(policy, RejectionKind::kRetriesExceeded, counts.exhausted);
  rejected(policy, RejectionKind::kBudgetExceeded, counts.over_budget);
}

void PolicyMetrics::tell(const std::string& policy, const Timeout& timeout) {
  rejected(policy, RejectionKind::kTimeout, timeout.fired());
}

void PolicyMetrics::tell(const std::string& policy, const Fallback& fallback) {
  count("fallbacks_total", "Answers by a fallback.", policy, {}, {}, fallback.used());
}

}  // namespace revenge::resilience
