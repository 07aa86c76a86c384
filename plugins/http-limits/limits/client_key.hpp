// Whom a rule counts a request for: a user, an API key, an address or everybody. Thread safety: plain values and pure
// functions.
//
// Rationale: only what somebody has proved makes a key of its own. A client that is believed any user or API key it names
// gets a fresh limit with every name. What is not proved falls to the next kind of the rule's order, at last to the address.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "limits/address.hpp"
#include "limits/fixed_text.hpp"
#include "limits/keyed_hash.hpp"

namespace revenge::http_limits {

enum class KeyKind : std::uint8_t { kUser, kApiKey, kAddress, kEverybody };
inline constexpr std::size_t kKeyKinds = 4;
std::optional<KeyKind> keyKindOf(std::string_view name);  // "user", "api_key", "address", "all"

// The kinds in the order they are tried; the first that the request has counts.
struct KeyOrder {
  std::array<KeyKind, kKeyKinds> kinds{KeyKind::kUser, KeyKind::kApiKey, KeyKind::kAddress};
  std::uint8_t count = 3;
};

// What is known of who asks.
struct Asker {
  std::string_view user;             // empty: none is proved
  std::optional<KeyedHash> api_key;  // of the one that was sent
  bool api_key_proved = false;
  Address address;
};

// The user of a call, if anybody vouches for it. The host names clients without an identity "anon-..." after a cookie of
// their own choice.
inline std::string_view provedUser(std::string_view user_key) {
  return user_key.starts_with("anon-") ? std::string_view() : user_key;
}

// "user:ada", "key:5f0c...", "addr:203.0.113.7", "addr:2001:db8::/64", "all": what the limiters count by and operators
// read. Holds an API key as its hash only, and a user whose name is long or not plain text, too. Lives as long as it is kept.
using ClientKey = FixedText<72>;

// Requires: ipv6_bits <= 128. When the order names none that the request has, the address counts.
void writeKey(ClientKey& key, const Asker& asker, const KeyOrder& order, unsigned ipv6_bits,
              const HashSecret& secret);

}  // namespace revenge::http_limits
