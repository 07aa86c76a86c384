#include "pipeline/deadline.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <system_error>

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// 116 days; more is no timeout but a mistake, and 10 digits of milliseconds cannot overflow as nanoseconds.
constexpr std::size_t kMostDigits = 10;

constexpr bool isBlank(char c) { return c == ' ' || c == '\t'; }

}  // namespace

std::optional<milliseconds> readRemaining(std::string_view header) {
  while (!header.empty() && isBlank(header.front())) header.remove_prefix(1);
  while (!header.empty() && isBlank(header.back())) header.remove_suffix(1);
  if (header.empty() || header.size() > kMostDigits) return {};
  std::uint64_t value = 0;
  const char* const end = header.data() + header.size();
  const auto [stop, error] = std::from_chars(header.data(), end, value);
  if (error != std::errc() || stop != end) return {};
  return milliseconds(static_cast<milliseconds::rep>(value));
}

RemainingText::RemainingText(nanoseconds remaining) {
  const auto whole = std::chrono::duration_cast<milliseconds>(remaining).count();
  if (whole <= 0) return;
  const auto [end, error] = std::to_chars(digits_.data(), digits_.data() + digits_.size(), whole);
  size_ = static_cast<std::size_t>(end - digits_.data());
}

nanoseconds outgoingTimeout(nanoseconds own, std::optional<nanoseconds> remaining, Attachment attachment) {
  const nanoseconds bound =
      attachment == Attachment::kToCaller && remaining ? std::min(own, *remaining) : own;
  return std::max(bound, nanoseconds(0));
}

}  // namespace revenge::resilience
