#include "module/semver.hpp"

#include <algorithm>
#include <charconv>

#include "base/prerelease.hpp"

namespace revenge::module {
namespace {

using base::Errc;
using base::hasLeadingZero;
using base::isDigits;
using base::isIdentifierList;
using base::takeUntil;
using base::Zeros;

bool parseNumber(std::string_view text, std::uint32_t& out) {
  if (!isDigits(text) || hasLeadingZero(text)) return false;
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
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
  return base::comparePrerelease(prerelease, other.prerelease);
}

}  // namespace revenge::module
