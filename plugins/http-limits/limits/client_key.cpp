#include "limits/client_key.hpp"

#include <algorithm>
#include <span>

namespace revenge::http_limits {
namespace {

constexpr std::size_t kLongestUser = 64;

bool isPlain(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7f; });
}

void appendHash(ClientKey& key, const KeyedHash& hash) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const std::uint64_t half : {hash.first, hash.second}) {
    for (int shift = 60; shift >= 0; shift -= 4) key.append(kDigits[half >> shift & 0xf]);
  }
}

void writeUser(ClientKey& key, std::string_view user, const HashSecret& secret) {
  if (user.size() <= kLongestUser && isPlain(user)) {
    key.append("user:");
    key.append(user);
    return;
  }
  key.append("user#");
  appendHash(key, keyedHash(user, secret));
}

void writeAddress(ClientKey& key, Address address, unsigned ipv6_bits) {
  key.append("addr:");
  key.append(textOf(networkOf(address, ipv6_bits)).view());
  if (address.isIpv4() || ipv6_bits == 128) return;
  key.append('/');
  key.appendNumber(ipv6_bits);
}

}  // namespace

std::optional<KeyKind> keyKindOf(std::string_view name) {
  if (name == "user") return KeyKind::kUser;
  if (name == "api_key") return KeyKind::kApiKey;
  if (name == "address") return KeyKind::kAddress;
  if (name == "all") return KeyKind::kEverybody;
  return std::nullopt;
}

void writeKey(ClientKey& key, const Asker& asker, const KeyOrder& order, unsigned ipv6_bits,
              const HashSecret& secret) {
  key.clear();
  for (const KeyKind kind : std::span(order.kinds).first(order.count)) {
    switch (kind) {
      case KeyKind::kUser:
        if (asker.user.empty()) continue;
        return writeUser(key, asker.user, secret);
      case KeyKind::kApiKey:
        if (!asker.api_key || !asker.api_key_proved) continue;
        key.append("key:");
        return appendHash(key, *asker.api_key);
      case KeyKind::kAddress:
        return writeAddress(key, asker.address, ipv6_bits);
      case KeyKind::kEverybody:
        return key.append("all");
    }
  }
  writeAddress(key, asker.address, ipv6_bits);
}

}  // namespace revenge::http_limits
