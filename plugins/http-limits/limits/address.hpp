// An IPv4 or IPv6 address as a number: read from text and written as text (RFC 4291, canonical form of RFC 5952) without
// allocation. IPv4 is held as ::ffff:a.b.c.d, so that a mapped address and the plain one are the same client. Thread
// safety: plain values and pure functions.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "limits/fixed_text.hpp"

namespace revenge::http_limits {

struct Address {
  std::uint64_t high = 0;  // the first eight bytes in network order, as a number
  std::uint64_t low = 0;

  // "203.0.113.7", "2001:db8::1", "::ffff:203.0.113.7". Octets with leading zeros are refused (some read them as octal),
  // and so are zone ids: an address with one means something on the machine that wrote it only.
  static std::optional<Address> parse(std::string_view text);
  static Address fromIpv4(std::uint32_t address) { return {0, 0xffff'0000'0000ULL | address}; }
  static Address fromBytes(std::span<const std::uint8_t, 16> bytes);

  bool isIpv4() const { return high == 0 && (low >> 32) == 0xffff; }
  // Requires: isIpv4().
  std::uint32_t ipv4() const { return static_cast<std::uint32_t>(low); }

  auto operator<=>(const Address&) const = default;
};

using AddressText = FixedText<40>;
AddressText textOf(Address address);

// The first bits of an address of 128; the rest are zero. Requires: bits <= 128.
Address maskedTo(Address address, unsigned bits);

// Whose an address is for a limit: IPv4 whole, IPv6 by its network, since a household has a /64 at least and a client picks
// its addresses from it at will. Requires: ipv6_bits <= 128.
inline Address networkOf(Address address, unsigned ipv6_bits) {
  return address.isIpv4() ? address : maskedTo(address, ipv6_bits);
}

}  // namespace revenge::http_limits
