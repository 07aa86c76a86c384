// How the keys of plugin.json become Settings. Thread safety: functions of values.
#pragma once

#include <revenge/config.hpp>

#include "limits/settings.hpp"

namespace revenge::http_limits {

REVENGE_CONFIG(ExemptSettings, addresses, users, api_keys, patterns)
REVENGE_CONFIG(TrustSettings, proxies, field, max_hops)
REVENGE_CONFIG(ApiKeySettings, header, query, known)
REVENGE_CONFIG(ShedSettings, enabled, target_ms, interval_ms, playback_target_ms, retry_after_s)

// By hand, since `class` is no name that a member can have.
template <class Visitor>
inline void revengeConfigFields(RuleSettings& rule, Visitor&& visit) {
  visit("name", rule.name);
  visit("pattern", rule.pattern);
  visit("methods", rule.methods);
  visit("class", rule.traffic_class);
  visit("pipeline", rule.pipeline);
  visit("key", rule.key);
  visit("window_s", rule.window_s);
  visit("deadline_s", rule.deadline_s);
  visit("max_body_bytes", rule.max_body_bytes);
  visit("max_header_bytes", rule.max_header_bytes);
  visit("max_headers", rule.max_headers);
  visit("dry_run", rule.dry_run);
  visit("exempt", rule.exempt);
}

REVENGE_CONFIG(Settings, rules, fallback, trust, api_key, deadline_header, ipv6_prefix, shed, exempt, dry_run)

}  // namespace revenge::http_limits
