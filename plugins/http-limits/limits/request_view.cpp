#include "limits/request_view.hpp"

#include <ranges>

namespace revenge::http_limits {
namespace {

std::string_view nameOf(ForwardedField field) {
  switch (field) {
    case ForwardedField::kXForwardedFor:
      return "x-forwarded-for";
    case ForwardedField::kForwarded:
      return "forwarded";
    case ForwardedField::kNone:
      break;
  }
  return {};
}

}  // namespace

HeaderFacts factsOf(std::span<const Field> headers, const Policy& policy) {
  constexpr std::int64_t kAround = 4;  // ": " and the line's end
  const std::string_view forwarding = nameOf(policy.trust.field);
  HeaderFacts facts;
  // From the end: of fields that should come once, the last is what the nearest proxy has added.
  for (const Field& field : std::views::reverse(headers)) {
    facts.bytes += static_cast<std::int64_t>(field.name.size() + field.value.size()) + kAround;
    if (field.name == forwarding) {
      if (facts.first_line > 0) facts.lines[--facts.first_line] = field.value;
    } else if (field.name == policy.api_key_header) {
      if (facts.api_key.empty()) facts.api_key = field.value;
    } else if (field.name == policy.deadline_header) {
      if (facts.deadline.empty()) facts.deadline = field.value;
    }
  }
  return facts;
}

}  // namespace revenge::http_limits
