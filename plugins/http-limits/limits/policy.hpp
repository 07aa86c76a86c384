// All that a decision is made by and no request changes: rules, trust, exemptions. Thread safety: immutable once built;
// a new configuration is a new policy.
#pragma once

#include <string>
#include <vector>

#include "limits/codel.hpp"
#include "limits/forwarded.hpp"
#include "limits/keyed_hash.hpp"
#include "limits/rule.hpp"

namespace revenge::http_limits {

struct Policy {
  RuleTable rules;
  Rule fallback;  // for what none of them matches
  ProxyTrust trust;
  std::string api_key_header;  // in lower case
  std::string api_key_query;
  std::vector<KeyedHash> known_api_keys;  // sorted
  std::string deadline_header;            // in lower case
  unsigned ipv6_prefix = 64;
  Exempt exempt;
  bool sheds = true;
  CodelOptions shedding;
  HashSecret secret;

  const Rule& ruleFor(Method method, std::string_view path) const {
    const Rule* found = rules.find(method, path);
    return found == nullptr ? fallback : *found;
  }
};

}  // namespace revenge::http_limits
