#include "limits/networks.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace revenge::http_limits {
namespace {

constexpr unsigned kIpv4Offset = 96;  // bits in front of an IPv4 address held as ::ffff:a.b.c.d

std::optional<unsigned> parseBits(std::string_view text, unsigned most) {
  unsigned bits = 0;
  const char* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, bits);
  if (error != std::errc() || read != end || bits > most) return std::nullopt;
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  return bits;
}

Address lastOf(Address first, unsigned bits) {
  constexpr std::uint64_t kAll = std::numeric_limits<std::uint64_t>::max();
  const Address kept = maskedTo({kAll, kAll}, bits);
  return {first.high | ~kept.high, first.low | ~kept.low};
}

// Whether nothing lies between the two. Requires: last < first.
bool touches(Address last, Address first) {
  const bool carries = last.low == std::numeric_limits<std::uint64_t>::max();
  return carries ? first.low == 0 && first.high == last.high + 1
                 : first.high == last.high && first.low == last.low + 1;
}

}  // namespace

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::optional<Address> address = Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  // A mapped address is written with the length of an IPv6 one.
  const bool dotted = text.find(':') == std::string_view::npos;
  unsigned bits = 128;
  if (slash != std::string_view::npos) {
    const std::optional<unsigned> written = parseBits(text.substr(slash + 1), dotted ? 32 : 128);
    if (!written) return std::nullopt;
    bits = *written + (dotted ? kIpv4Offset : 0);
  }
  if (maskedTo(*address, bits) != *address) return std::nullopt;
  return Network{*address, lastOf(*address, bits), address->isIpv4()};
}

NetworkSet::NetworkSet(std::span<const Network> networks) {
  for (const Network& network : networks)
    (network.ipv4 ? ipv4_ : ipv6_).push_back({network.first, network.last});
  ipv4_ = merged(std::move(ipv4_));
  ipv6_ = merged(std::move(ipv6_));
}

std::vector<NetworkSet::Range> NetworkSet::merged(std::vector<Range> ranges) {
  std::ranges::sort(ranges, {}, &Range::first);
  std::vector<Range> disjoint;
  for (const Range& range : ranges) {
    if (!disjoint.empty() &&
        (range.first <= disjoint.back().last || touches(disjoint.back().last, range.first))) {
      disjoint.back().last = std::max(disjoint.back().last, range.last);
      continue;
    }
    disjoint.push_back(range);
  }
  return disjoint;
}

bool NetworkSet::holds(const std::vector<Range>& ranges, Address address) {
  const auto behind = std::ranges::upper_bound(ranges, address, {}, &Range::first);
  return behind != ranges.begin() && address <= std::prev(behind)->last;
}

bool NetworkSet::holds(Address address) const { return holds(address.isIpv4() ? ipv4_ : ipv6_, address); }

}  // namespace revenge::http_limits
