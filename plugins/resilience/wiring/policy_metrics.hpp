// PolicyMetrics: what the policies count, as series of the host, by the name of the policy. Thread safety: one thread at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include <revenge/plugin.hpp>

#include "wiring/policies.hpp"

namespace revenge::resilience {

class PolicyMetrics {
 public:
  explicit PolicyMetrics(Host& host) : host_(host) {}

  void set(const Policies& policies, Moment now);

 private:
  struct Counted {
    Counter counter;
    std::uint64_t before = 0;
  };

  void tell(const std::string& policy, Breaker& breaker, Moment now);
  void tell(const std::string& policy, const Bulkhead& bulkhead);
  void tell(const std::string& policy, const RateLimiter& limiter, Moment now);
  void tell(const std::string& policy, const KeyedLimiter& limiter);
  void tell(const std::string& policy, const AdaptiveLimiter& limiter);
  void tell(const std::string& policy, const Retry& retry);
  void tell(const std::string& policy, const Timeout& timeout);
  void tell(const std::string& policy, const Fallback& fallback);
  template <class Policy>
  void tell(const std::string& /*policy*/, const Policy&, Moment) {}

  void calls(const std::string& policy, std::string_view outcome, std::uint64_t total);
  void rejected(const std::string& policy, RejectionKind kind, std::uint64_t total);
  void count(std::string_view series, std::string_view help, const std::string& policy,
             std::string_view label, std::string_view value, std::uint64_t total, double unit = 1);
  void gauge(std::string_view series, std::string_view help, const std::string& policy, double value);

  Host& host_;
  std::map<std::string, Counted> counters_;
  std::map<std::string, Gauge> gauges_;
};

}  // namespace revenge::resilience
