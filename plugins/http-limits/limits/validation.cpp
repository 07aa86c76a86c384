#include "limits/validation.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string_view>

#include <fmt/format.h>

#include "limits/answer.hpp"

namespace revenge::http_limits {
namespace {

constexpr std::size_t kMostRules = 256;  // they are asked one by one
constexpr double kLongestSeconds = 86400.0 * 365;

class Findings {
 public:
  void error(std::string key, std::string message) {
    all_.push_back({Finding::Kind::kError, std::move(key), std::move(message)});
  }
  void warning(std::string key, std::string message) {
    all_.push_back({Finding::Kind::kWarning, std::move(key), std::move(message)});
  }

  // NaN compares with nothing, so the range is asked for what it holds.
  void requireRange(std::string key, double value, double least, double most) {
    if (value >= least && value <= most) return;
    error(std::move(key), fmt::format("expected {} to {}, got {}", least, most, value));
  }
  void requireRange(std::string key, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value >= least && value <= most) return;
    error(std::move(key), fmt::format("expected {} to {}, got {}", least, most, value));
  }

  std::vector<Finding> take() { return std::move(all_); }

 private:
  std::vector<Finding> all_;
};

void checkNetworks(Findings& findings, const std::string& key, const std::vector<std::string>& networks) {
  for (std::size_t i = 0; i < networks.size(); ++i) {
    if (Network::parse(networks[i])) continue;
    findings.error(fmt::format("{}[{}]", key, i),
                   fmt::format("expected an address or a network without bits behind its prefix "
                               "(10.0.0.0/8, 2001:db8::/32), got '{}'",
                               networks[i]));
  }
}

void checkExempt(Findings& findings, const std::string& key, const ExemptSettings& exempt) {
  checkNetworks(findings, key + ".addresses", exempt.addresses);
  for (std::size_t i = 0; i < exempt.users.size(); ++i) {
    if (provedUser(exempt.users[i]).empty())
      findings.error(fmt::format("{}.users[{}]", key, i),
                     "is empty or the name of a client without an identity");
  }
  for (std::size_t i = 0; i < exempt.api_keys.size(); ++i) {
    if (exempt.api_keys[i].empty()) findings.error(fmt::format("{}.api_keys[{}]", key, i), "is empty");
  }
  for (std::size_t i = 0; i < exempt.patterns.size(); ++i) {
    if (const auto parsed = RoutePattern::parse(exempt.patterns[i]); !parsed)
      findings.error(fmt::format("{}.patterns[{}]", key, i),
                     fmt::format("'{}' {}", exempt.patterns[i], parsed.error()));
  }
}

bool isPolicyName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxRuleName &&
         std::ranges::all_of(name, [](char c) { return c >= ' ' && c < 0x7f; });
}

void checkKey(Findings& findings, const std::string& key, const std::vector<std::string>& kinds) {
  if (kinds.empty()) return findings.error(key, "is empty: 'all' is the key that everybody shares");
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    const std::string place = fmt::format("{}[{}]", key, i);
    const std::optional<KeyKind> kind = keyKindOf(kinds[i]);
    if (!kind)
      findings.error(place, fmt::format("expected user, api_key, address or all, got '{}'", kinds[i]));
    else if (!seen.insert(kinds[i]).second)
      findings.error(place, fmt::format("'{}' stands before already", kinds[i]));
    else if ((kind == KeyKind::kAddress || kind == KeyKind::kEverybody) && i + 1 < kinds.size())
      findings.warning(place,
                       fmt::format("'{}' is known of every request: what follows is never used", kinds[i]));
  }
}

void checkRule(Findings& findings, const std::string& key, const RuleSettings& rule) {
  if (!isPolicyName(rule.name))
    findings.error(key + ".name", fmt::format("expected 1 to {} printable ASCII characters", kMaxRuleName));
  if (const auto parsed = RoutePattern::parse(rule.pattern); !parsed)
    findings.error(key + ".pattern", fmt::format("'{}' {}", rule.pattern, parsed.error()));
  for (std::size_t i = 0; i < rule.methods.size(); ++i) {
    if (!methodOf(rule.methods[i]))
      findings.error(fmt::format("{}.methods[{}]", key, i),
                     fmt::format("no method that routes can have: '{}'", rule.methods[i]));
  }
  if (!trafficClassOf(rule.traffic_class))
    findings.error(key + ".class",
                   fmt::format("expected playback, browsing or background, got '{}'", rule.traffic_class));
  checkKey(findings, key + ".key", rule.key);
  if (rule.window_s != 0) findings.requireRange(key + ".window_s", rule.window_s, 1, kLongestSeconds);
  if (rule.deadline_s != 0)
    findings.requireRange(key + ".deadline_s", rule.deadline_s, 0.001, kLongestSeconds);
  findings.requireRange(key + ".max_body_bytes", rule.max_body_bytes, 0, std::int64_t{1} << 50);
  findings.requireRange(key + ".max_header_bytes", rule.max_header_bytes, 1, std::int64_t{1} << 30);
  findings.requireRange(key + ".max_headers", rule.max_headers, 1, 100'000);
  checkExempt(findings, key + ".exempt", rule.exempt);
}

// Two rules that are equally close to some path: the first written takes it, which nobody sees in the second.
void checkOverlap(Findings& findings, const std::vector<RuleSettings>& rules, std::size_t first,
                  std::size_t second) {
  const auto a = RoutePattern::parse(rules[first].pattern);
  const auto b = RoutePattern::parse(rules[second].pattern);
  if (!a || !b || a->specificity() != b->specificity()) return;
  const Methods methods_a = methodsOf(rules[first].methods);
  const Methods methods_b = methodsOf(rules[second].methods);
  if (!methods_a.meet(methods_b) || methods_a.areAll() != methods_b.areAll()) return;
  const std::string key = fmt::format("rules[{}].pattern", second);
  if (a->text() == b->text())
    findings.warning(
        key, fmt::format("is the pattern of rules[{}], which goes first for the methods of both", first));
  else if (a->matches(b->example()) || b->matches(a->example()))
    findings.warning(key, fmt::format("overlaps with rules[{}] ('{}'), which goes first where both match",
                                      first, rules[first].pattern));
}

void checkRules(Findings& findings, const std::vector<RuleSettings>& rules) {
  if (rules.size() > kMostRules)
    return findings.error("rules", fmt::format("expected at most {}, got {}", kMostRules, rules.size()));
  for (std::size_t i = 0; i < rules.size(); ++i) {
    checkRule(findings, fmt::format("rules[{}]", i), rules[i]);
    for (std::size_t before = 0; before < i; ++before) {
      if (rules[before].name == rules[i].name)
        findings.error(fmt::format("rules[{}].name", i), fmt::format("is the name of rules[{}]", before));
      checkOverlap(findings, rules, before, i);
    }
  }
}

void checkTrust(Findings& findings, const TrustSettings& trust) {
  checkNetworks(findings, "trust.proxies", trust.proxies);
  for (std::size_t i = 0; i < trust.proxies.size(); ++i) {
    if (trust.proxies[i].ends_with("/0"))
      findings.warning(fmt::format("trust.proxies[{}]", i),
                       "trusts everybody: any client can name any address");
  }
  findings.requireRange("trust.max_hops", trust.max_hops, 1, 256);
  if (trust.field != "none" && trust.field != "x-forwarded-for" && trust.field != "forwarded")
    return findings.error("trust.field",
                          fmt::format("expected none, x-forwarded-for or forwarded, got '{}'", trust.field));
  if (trust.field != "none" && trust.proxies.empty())
    findings.warning("trust.field", "is read from trusted proxies only, and trust.proxies is empty");
}

void checkShedding(Findings& findings, const ShedSettings& shed) {
  findings.requireRange("shed.target_ms", shed.target_ms, 0.001, 60'000);
  findings.requireRange("shed.interval_ms", shed.interval_ms, 0.001, 600'000);
  findings.requireRange("shed.playback_target_ms", shed.playback_target_ms, 0.001, 600'000);
  findings.requireRange("shed.retry_after_s", shed.retry_after_s, 0.001, 3600);
  if (shed.interval_ms < shed.target_ms)
    findings.error("shed.interval_ms", "is less than shed.target_ms: a queue could not be judged");
  if (shed.playback_target_ms < shed.target_ms)
    findings.error("shed.playback_target_ms",
                   "is less than shed.target_ms: playback would be shed before browsing");
}

void checkFields(Findings& findings, const Settings& settings) {
  const ApiKeySettings& api_key = settings.api_key;
  for (std::size_t i = 0; i < api_key.known.size(); ++i)
    if (api_key.known[i].empty()) findings.error(fmt::format("api_key.known[{}]", i), "is empty");
  if (!api_key.known.empty() && api_key.header.empty() && api_key.query.empty())
    findings.warning("api_key.known",
                     "is never asked: neither api_key.header nor api_key.query names where keys stand");
  if (!settings.deadline_header.empty() && settings.deadline_header == api_key.header)
    findings.error("deadline_header", "is api_key.header, too");
}

}  // namespace

std::vector<Finding> findingsOf(const Settings& settings) {
  Findings findings;
  checkRules(findings, settings.rules);
  checkRule(findings, "fallback", settings.fallback);
  checkTrust(findings, settings.trust);
  findings.requireRange("ipv6_prefix", settings.ipv6_prefix, 16, 128);
  checkShedding(findings, settings.shed);
  checkExempt(findings, "exempt", settings.exempt);
  checkFields(findings, settings);
  return findings.take();
}

}  // namespace revenge::http_limits
