// Dates as HTTP writes them. Thread safety: pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace revenge::http {

inline constexpr std::size_t kHttpDateSize = 29;  // "Sun, 06 Nov 1994 08:49:37 GMT"

// A time outside the years 0000 to 9999 is written as the nearest inside.
std::array<char, kHttpDateSize> formatHttpDate(std::int64_t unix_seconds);

// Of the three forms of RFC 9110, 5.6.7. Nothing: malformed, which makes a condition count as absent.
std::optional<std::int64_t> parseHttpDate(std::string_view text);

}  // namespace revenge::http
