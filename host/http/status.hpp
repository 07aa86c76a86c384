// Status codes as they stand in a head. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

namespace revenge::http {

// "HTTP/1.1 200 OK\r\n"; a code without a name of its own gets that of its class. Requires: 100 to 599.
std::string_view statusLine(std::uint32_t status);
std::string_view reason(std::uint32_t status);  // "OK"

}  // namespace revenge::http
