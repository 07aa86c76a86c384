#include "limits/deadline.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace revenge::http_limits {

std::optional<Duration> remainingIn(std::string_view field) {
  constexpr std::chrono::milliseconds kLongest = std::chrono::hours(24);
  std::uint64_t milliseconds = 0;
  const char* end = field.data() + field.size();
  const auto [read, error] = std::from_chars(field.data(), end, milliseconds);
  if (read != end || field.empty() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return kLongest;
  const auto most = static_cast<std::uint64_t>(kLongest.count());
  return std::chrono::milliseconds(std::min(milliseconds, most));
}

Instant deadlineOf(Instant arrived, Duration rule, std::string_view field) {
  const std::optional<Duration> remaining = remainingIn(field);
  return later(arrived, remaining ? std::min(rule, *remaining) : rule);
}

}  // namespace revenge::http_limits
