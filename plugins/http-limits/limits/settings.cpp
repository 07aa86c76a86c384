#include "limits/settings.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "limits/answer.hpp"

namespace revenge::http_limits {
namespace {

constexpr std::int64_t kNoLimit = std::numeric_limits<std::int64_t>::max();

Duration seconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(value));
}
Duration milliseconds(double value) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double, std::milli>(value));
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

NetworkSet networks(const std::vector<std::string>& texts) {
  std::vector<Network> parsed;
  for (const std::string& text : texts)
    if (const std::optional<Network> network = Network::parse(text)) parsed.push_back(*network);
  return NetworkSet(parsed);
}

std::vector<KeyedHash> hashes(const std::vector<std::string>& api_keys, const HashSecret& secret) {
  std::vector<KeyedHash> hashes;
  hashes.reserve(api_keys.size());
  for (const std::string& key : api_keys) hashes.push_back(keyedHash(key, secret));
  std::ranges::sort(hashes);
  return hashes;
}

Exempt exempt(const ExemptSettings& settings, const HashSecret& secret) {
  Exempt exempt{.addresses = networks(settings.addresses),
                .users = settings.users,
                .api_keys = hashes(settings.api_keys, secret),
                .patterns = {}};
  for (const std::string& text : settings.patterns)
    if (auto pattern = RoutePattern::parse(text)) exempt.patterns.push_back(std::move(*pattern));
  std::ranges::sort(exempt.users);
  return exempt;
}

KeyOrder keyOrder(const std::vector<std::string>& names) {
  KeyOrder order{.kinds = {}, .count = 0};
  for (const std::string& name : names) {
    const std::optional<KeyKind> kind = keyKindOf(name);
    if (kind && order.count < order.kinds.size()) order.kinds[order.count++] = *kind;
  }
  return order;
}

Rule ruleOf(const RuleSettings& settings, const Settings& all, const HashSecret& secret) {
  const bool dry = settings.dry_run || all.dry_run;
  return {.name = settings.name,
          .policy_name = policyName(settings.name),
          .pattern = RoutePattern::parse(settings.pattern).value(),
          .methods = methodsOf(settings.methods),
          .traffic = trafficClassOf(settings.traffic_class).value_or(TrafficClass::kBrowsing),
          .pipeline = settings.pipeline,
          .key = keyOrder(settings.key),
          .window = seconds(settings.window_s),
          .deadline = settings.deadline_s == 0 ? Duration::max() : seconds(settings.deadline_s),
          .max_body_bytes = settings.max_body_bytes == 0 ? kNoLimit : settings.max_body_bytes,
          .max_header_bytes = settings.max_header_bytes,
          .max_headers = settings.max_headers,
          .enforcement = dry ? Enforcement::kDryRun : Enforcement::kEnforced,
          .exempt = exempt(settings.exempt, secret)};
}

ForwardedField fieldOf(const std::string& name) {
  if (name == "x-forwarded-for") return ForwardedField::kXForwardedFor;
  if (name == "forwarded") return ForwardedField::kForwarded;
  return ForwardedField::kNone;
}

}  // namespace

std::vector<std::string> defaultKey() { return {"user", "api_key", "address"}; }

Settings::Settings() {
  fallback.name = "default";
  fallback.pattern = "/*";
  fallback.deadline_s = 0;
  exempt.patterns = {"/health", "/health/*", "/metrics"};
}

Policy policyOf(const Settings& settings, const HashSecret& secret) {
  std::vector<Rule> rules;
  rules.reserve(settings.rules.size());
  for (const RuleSettings& rule : settings.rules) rules.push_back(ruleOf(rule, settings, secret));
  return {.rules = RuleTable(std::move(rules)),
          .fallback = ruleOf(settings.fallback, settings, secret),
          .trust = {.proxies = networks(settings.trust.proxies),
                    .field = fieldOf(settings.trust.field),
                    .max_hops = static_cast<unsigned>(settings.trust.max_hops)},
          .api_key_header = lower(settings.api_key.header),
          .api_key_query = settings.api_key.query,
          .known_api_keys = hashes(settings.api_key.known, secret),
          .deadline_header = lower(settings.deadline_header),
          .ipv6_prefix = static_cast<unsigned>(settings.ipv6_prefix),
          .exempt = exempt(settings.exempt, secret),
          .sheds = settings.shed.enabled,
          .shedding = {.target = milliseconds(settings.shed.target_ms),
                       .interval = milliseconds(settings.shed.interval_ms),
                       .playback_target = milliseconds(settings.shed.playback_target_ms),
                       .retry_after = seconds(settings.shed.retry_after_s)},
          .secret = secret};
}

}  // namespace revenge::http_limits
