// Ranges of addresses ("10.0.0.0/8", "2001:db8::/32", one address) and sets of them. A set holds disjoint sorted ranges,
// so that a lookup is one binary search however many networks were named. Thread safety: plain values, immutable once built.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "limits/address.hpp"

namespace revenge::http_limits {

struct Network {
  Address first;
  Address last;
  bool ipv4 = false;

  // Empty: no network. Bits behind the prefix are refused: "10.0.0.1/8" is either a slip in the address or in the length,
  // and who is trusted or exempt should not depend on a guess.
  static std::optional<Network> parse(std::string_view text);
};

class NetworkSet {
 public:
  NetworkSet() = default;
  explicit NetworkSet(std::span<const Network> networks);

  // "::/0" holds no IPv4 address, mapped or not.
  bool holds(Address address) const;
  bool empty() const { return ipv4_.empty() && ipv6_.empty(); }
  std::size_t ranges() const { return ipv4_.size() + ipv6_.size(); }

 private:
  struct Range {
    Address first;
    Address last;
  };
  static std::vector<Range> merged(std::vector<Range> ranges);
  static bool holds(const std::vector<Range>& ranges, Address address);

  std::vector<Range> ipv4_;
  std::vector<Range> ipv6_;
};

}  // namespace revenge::http_limits
