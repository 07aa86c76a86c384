#include "http/range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "http/text.hpp"

namespace revenge::http {
namespace {

// Digits only, below 2^63; anything else is a syntax error.
std::optional<std::uint64_t> parsePosition(std::string_view text) {
  if (text.empty() || !isDigit(text[0])) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return static_cast<std::uint64_t>(value);
}

struct Asked {
  std::optional<std::uint64_t> first;  // none: the last `last` bytes
  std::optional<std::uint64_t> last;   // none: to the end
};

std::optional<Asked> parseElement(std::string_view element) {
  const std::size_t dash = element.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view left = element.substr(0, dash);
  const std::string_view right = element.substr(dash + 1);
  const Asked asked{parsePosition(left), parsePosition(right)};
  if ((!asked.first && !left.empty()) || (!asked.last && !right.empty())) return std::nullopt;
  if (!asked.first && !asked.last) return std::nullopt;
  if (asked.first && asked.last && *asked.first > *asked.last) return std::nullopt;
  return asked;
}

ByteRange within(const Asked& asked, std::uint64_t size) {
  if (!asked.first) {
    const std::uint64_t length = std::min(*asked.last, size);
    return {size - length, length};
  }
  if (*asked.first >= size) return {};
  const std::uint64_t last = std::min(asked.last.value_or(size - 1), size - 1);
  return {*asked.first, last - *asked.first + 1};
}

}  // namespace

RangeSet RangeSet::parse(std::string_view field, std::uint64_t size) {
  constexpr std::string_view kUnit = "bytes=";
  // An empty representation has no byte to ask for; clients add a Range blindly.
  if (size == 0 || !equalsIgnoringCase(field.substr(0, kUnit.size()), kUnit)) return {};
  RangeSet set;
  std::string_view list = field.substr(kUnit.size());
  std::string_view element;
  std::size_t elements = 0;
  while (nextElement(list, element)) {
    if (element.empty()) continue;
    if (++elements > kMaxRanges || !set.add(element, size)) return {};
  }
  if (elements == 0 || set.overlapping()) return {};
  set.kind_ = set.count_ == 0 ? Kind::kUnsatisfiable : Kind::kParts;
  return set;
}

bool RangeSet::add(std::string_view element, std::uint64_t size) {
  const auto asked = parseElement(element);
  if (!asked) return false;
  if (const ByteRange part = within(*asked, size); part.length > 0) parts_[count_++] = part;
  return true;
}

bool RangeSet::overlapping() const {
  std::array<ByteRange, kMaxRanges> sorted = parts_;
  const auto end = sorted.begin() + static_cast<std::ptrdiff_t>(count_);
  std::sort(sorted.begin(), end, [](const ByteRange& a, const ByteRange& b) { return a.offset < b.offset; });
  return std::adjacent_find(sorted.begin(), end, [](const ByteRange& a, const ByteRange& b) {
           return a.offset + a.length > b.offset;
         }) != end;
}

}  // namespace revenge::http
