// control.listen: an address and a port, as the operator writes them. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::app {

struct ListenPlace {
  std::string address;  // numeric, without brackets; never empty
  std::uint16_t port = 0;
};

// "127.0.0.1:8097" or "[::1]:8097". The error names the key and what was given.
base::Result<ListenPlace> parseListen(std::string_view listen);

bool isLoopback(const std::string& address);

}  // namespace revenge::app
