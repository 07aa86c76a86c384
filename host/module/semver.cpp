#include "module/semver.hpp"

#include <algorithm>
#include <charconv>

namespace revenge::module {
namespace {

using base::Errc;

bool isDigits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

bool hasLeadingZero(std::string_view digits) { return digits.size() > 1 && digits.front() == '0'; }

bool parseNumber(std::string_view text, std::uint32_t& out) {
  if (!isDigits(text) || hasLeadingZero(text)) return false;
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

std::string_view takeUntil(std::string_view& rest, char end) {
  const auto at = rest.find(end);
  const auto head = rest.substr(0, at);
  rest = at == rest.npos ? std::string_view() : rest.substr(at + 1);
  return head;
}

enum class Zeros { kAllowed, kRefused };

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

// Numbers by value (they may exceed any integer type), texts by bytes, numbers before texts.
std::strong_ordering comparePart(std::string_view a, std::string_view b) {
  const bool aNumber = isDigits(a);
  const bool bNumber = isDigits(b);
  if (aNumber != bNumber) return aNumber ? std::strong_ordering::less : std::strong_ordering::greater;
  if (aNumber && a.size() != b.size()) return a.size() <=> b.size();
  return a.compare(b) <=> 0;
}

std::strong_ordering comparePrerelease(std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return a.empty() <=> b.empty();
  while (!a.empty() && !b.empty()) {
    if (const auto order = comparePart(takeUntil(a, '.'), takeUntil(b, '.')); order != 0) return order;
  }
  return b.empty() <=> a.empty();
}

}  // namespace

base::Result<Semver> Semver::parse(std::string_view text) {
  const auto refuse = [&] {
    return base::fail(Errc::kInvalid, "expected a semantic version like 1.4.0 or 2.0.0-rc.1, got \"{}\"",
                      text.substr(0, 64));
  };
  if (text.size() > 128) return refuse();
  Semver result;
  std::string_view rest = text;
  if (const auto plus = rest.find('+'); plus != rest.npos) {
    result.build = rest.substr(plus + 1);
    if (!isIdentifierList(result.build, Zeros::kAllowed)) return refuse();
    rest = rest.substr(0, plus);
  }
  if (const auto dash = rest.find('-'); dash != rest.npos) {
    result.prerelease = rest.substr(dash + 1);
    if (!isIdentifierList(result.prerelease, Zeros::kRefused)) return refuse();
    rest = rest.substr(0, dash);
  }
  if (std::ranges::count(rest, '.') != 2) return refuse();
  for (auto* number : {&result.major, &result.minor, &result.patch}) {
    if (!parseNumber(takeUntil(rest, '.'), *number)) return refuse();
  }
  return result;
}

std::string Semver::text() const {
  return fmt::format("{}.{}.{}{}{}{}{}", major, minor, patch, prerelease.empty() ? "" : "-", prerelease,
                     build.empty() ? "" : "+", build);
}

std::strong_ordering Semver::operator<=>(const Semver& other) const {
  if (const auto order = major <=> other.major; order != 0) return order;
  if (const auto order = minor <=> other.minor; order != 0) return order;
  if (const auto order = patch <=> other.patch; order != 0) return order;
  return comparePrerelease(prerelease, other.prerelease);
}

}  // namespace revenge::module
