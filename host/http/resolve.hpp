// Host names to addresses, in the order in which they should be tried. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <sys/socket.h>

#include "base/result.hpp"

namespace revenge::http {

struct Address {
  sockaddr_storage bytes{};
  socklen_t size = 0;

  std::string text() const;  // "203.0.113.7", "2001:db8::1"
};

// Blocks for as long as the system's resolver does. IPv6 and IPv4 alternate, the system's first choice first.
base::Result<std::vector<Address>> resolve(const std::string& host, std::uint16_t port);

}  // namespace revenge::http
