#include "limits/rule.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace revenge::http_limits {

std::optional<Method> methodOf(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Method>, 7> kNames = {
      {{"GET", Method::kGet},
       {"POST", Method::kPost},
       {"PUT", Method::kPut},
       {"DELETE", Method::kDelete},
       {"PATCH", Method::kPatch},
       {"HEAD", Method::kHead},
       {"OPTIONS", Method::kOptions}}};
  const auto found = std::ranges::find(kNames, name, &std::pair<std::string_view, Method>::first);
  return found == kNames.end() ? std::nullopt : std::optional(found->second);
}

Methods methodsOf(std::span<const std::string> names) {
  Methods methods = names.empty() ? Methods::all() : Methods::none();
  for (const std::string& name : names)
    if (const std::optional<Method> method = methodOf(name)) methods.add(*method);
  return methods;
}

bool Exempt::holds(const Asker& asker, bool own_address) const {
  if (own_address && !addresses.empty() && addresses.holds(asker.address)) return true;
  if (!asker.user.empty() && std::ranges::binary_search(users, asker.user, std::less<>())) return true;
  return asker.api_key && std::ranges::binary_search(api_keys, *asker.api_key);
}

bool Exempt::holdsPath(std::string_view path) const {
  return std::ranges::any_of(patterns, [&](const RoutePattern& pattern) { return pattern.matches(path); });
}

bool goesBefore(const Rule& a, const Rule& b) {
  const auto of_a = a.pattern.specificity();
  const auto of_b = b.pattern.specificity();
  if (of_a != of_b) return of_a > of_b;
  return !a.methods.areAll() && b.methods.areAll();
}

RuleTable::RuleTable(std::vector<Rule> rules) {
  rules_.reserve(rules.size());
  for (Rule& rule : rules) rules_.insert(std::ranges::upper_bound(rules_, rule, goesBefore), std::move(rule));
}

const Rule* RuleTable::find(Method method, std::string_view path) const {
  for (const Rule& rule : rules_)
    if (rule.methods.hold(method) && rule.pattern.matches(path)) return &rule;
  return nullptr;
}

}  // namespace revenge::http_limits
