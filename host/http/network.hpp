// A range of addresses, as "10.0.0.0/8" or "2001:db8::/32"; one address is a range, too. Thread safety: a plain value.
#pragma once

#include <array>
#include <string_view>

#include "base/result.hpp"

namespace revenge::http {

class Network {
 public:
  static base::Result<Network> parse(std::string_view text);

  // "203.0.113.7", "2001:db8::1"; IPv4 also as IPv6 carries it. False of what is no address.
  bool holds(std::string_view address) const;

 private:
  using Bytes = std::array<unsigned char, 16>;  // IPv4 as ::ffff:a.b.c.d
  static bool read(std::string_view address, Bytes& bytes);

  Bytes bytes_{};
  unsigned bits_ = 0;  // of them that count
};

}  // namespace revenge::http
