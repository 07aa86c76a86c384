// The configuration as it is written, and the policy that is made of it. Thread safety: plain values and a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "limits/keyed_hash.hpp"
#include "limits/policy.hpp"

namespace revenge::http_limits {

struct ExemptSettings {
  std::vector<std::string> addresses{};  // "10.0.0.0/8", "::1"
  std::vector<std::string> users{};
  std::vector<std::string> api_keys{};  // as the clients send them; kept as hashes only
  std::vector<std::string> patterns{};
};

// Rationale: a list that is written where the member stands, and finds no memory, has g++ 12 destroy members that were never
// made. So what allocates is made by functions.
std::vector<std::string> defaultKey();

struct RuleSettings {
  std::string name;                        // shown to clients as the name of the policy
  std::string pattern;                     // "/stream/*"
  std::vector<std::string> methods{};      // empty: all
  std::string traffic_class = "browsing";  // playback, browsing, background
  std::string pipeline{};                  // empty: no rate or concurrency limit
  std::vector<std::string> key = defaultKey();
  double window_s = 0;              // 0: clients are not told; else one whole second at least
  double deadline_s = 30;           // 0: the route's own
  std::int64_t max_body_bytes = 0;  // 0: the route's own
  std::int64_t max_header_bytes = 16384;
  std::int64_t max_headers = 100;
  bool dry_run = false;
  ExemptSettings exempt{};
};

struct TrustSettings {
  std::vector<std::string> proxies;  // whose word counts for the client's address and the deadline
  std::string field = "none";        // none, x-forwarded-for, forwarded
  std::int64_t max_hops = 16;
};

struct ApiKeySettings {
  std::string header;  // empty: none
  std::string query;   // empty: none. In a URL keys end up in logs of others; the header goes before.
  std::vector<std::string> known;  // proved by being sent; what is not known here makes no key of its own
};

struct ShedSettings {
  bool enabled = true;
  double target_ms = 5;
  double interval_ms = 100;
  double playback_target_ms = 100;
  double retry_after_s = 1;
};

struct Settings {
  Settings();

  std::vector<RuleSettings> rules;
  RuleSettings fallback;  // for what no rule matches; as every rule, with the route's own deadline
  TrustSettings trust;
  ApiKeySettings api_key;
  std::string deadline_header = "x-request-timeout-ms";  // empty: nobody's is read
  std::int64_t ipv6_prefix = 64;
  ShedSettings shed;
  ExemptSettings exempt;  // from all rules; to begin with /health, /health/* and /metrics
  bool dry_run = false;   // all rules count and refuse nothing
};

// Requires: findingsOf() has no errors.
Policy policyOf(const Settings& settings, const HashSecret& secret);

}  // namespace revenge::http_limits
