#include "base/prerelease.hpp"

#include <algorithm>

namespace revenge::base {
namespace {

// Numbers by value (they may exceed any integer type), texts by bytes, numbers before texts.
std::strong_ordering comparePart(std::string_view a, std::string_view b) {
  const bool aNumber = isDigits(a);
  const bool bNumber = isDigits(b);
  if (aNumber != bNumber) return aNumber ? std::strong_ordering::less : std::strong_ordering::greater;
  if (aNumber && a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

}  // namespace

bool isDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool hasLeadingZero(std::string_view digits) { return digits.size() > 1 && digits.front() == '0'; }

std::string_view takeUntil(std::string_view& rest, char end) {
  const auto at = rest.find(end);
  const auto head = rest.substr(0, at);
  rest = at == rest.npos ? std::string_view() : rest.substr(at + 1);
  return head;
}

bool isIdentifierList(std::string_view list, Zeros zeros) {
  while (true) {
    const auto dot = list.find('.');
    const auto part = list.substr(0, dot);
    const bool valid = std::ranges::all_of(part, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    if (part.empty() || !valid) return false;
    if (zeros == Zeros::kRefused && isDigits(part) && hasLeadingZero(part)) return false;
    if (dot == list.npos) return true;
    list.remove_prefix(dot + 1);
  }
}

std::strong_ordering comparePrerelease(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  while (!a.empty() && !b.empty()) {
    if (const auto order = comparePart(takeUntil(a, '.'), takeUntil(b, '.')); order != 0) return order;
  }
  return b.empty() <=> a.empty();
}

}  // namespace revenge::base
