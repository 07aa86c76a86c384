#include "flags/version.hpp"

#include <charconv>
#include <compare>
#include <utility>

#include "base/prerelease.hpp"

namespace revenge::flags {
namespace {

using base::Zeros;

constexpr std::size_t kLongest = 256;

bool parseNumber(std::string_view text, std::uint32_t& out) {
  if (!base::isDigits(text) || base::hasLeadingZero(text)) return false;
  return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

std::strong_ordering order(const Version& version, const VersionTest& test) {
  if (const auto numbers = version.numbers <=> test.numbers; numbers != 0) return numbers;
  return base::comparePrerelease(version.prerelease, test.prerelease);
}

}  // namespace

std::optional<Version> Version::parse(std::string_view text) {
  if (text.size() > kLongest) return std::nullopt;
  if (text.starts_with('v') || text.starts_with('V')) text.remove_prefix(1);
  Version result;
  if (const auto plus = text.find('+'); plus != text.npos) {
    if (!base::isIdentifierList(text.substr(plus + 1), Zeros::kAllowed)) return std::nullopt;
    text = text.substr(0, plus);
  }
  if (const auto dash = text.find('-'); dash != text.npos) {
    result.prerelease = text.substr(dash + 1);
    if (!base::isIdentifierList(result.prerelease, Zeros::kRefused)) return std::nullopt;
    text = text.substr(0, dash);
  }
  for (std::size_t i = 0; i < result.numbers.size(); ++i) {
    const bool isLast = text.find('.') == text.npos;
    if (!parseNumber(base::takeUntil(text, '.'), result.numbers.at(i))) return std::nullopt;
    if (isLast) return result;
  }
  return std::nullopt;
}

std::optional<VersionTest> VersionTest::parse(std::string_view text) {
  static constexpr std::pair<std::string_view, Operator> kOperators[] = {
      {"<=", Operator::kAtMost},   {">=", Operator::kAtLeast},  {"!=", Operator::kUnequal},
      {"=", Operator::kEqual},     {"<", Operator::kLess},      {">", Operator::kGreater},
      {"~", Operator::kSameMinor}, {"^", Operator::kSameMajor},
  };
  for (const auto& [sign, operation] : kOperators) {
    if (!text.starts_with(sign)) continue;
    text.remove_prefix(sign.size());
    while (text.starts_with(' ')) text.remove_prefix(1);
    const auto version = Version::parse(text);
    if (!version) return std::nullopt;
    return VersionTest{operation, version->numbers, std::string(version->prerelease)};
  }
  return std::nullopt;
}

bool VersionTest::holds(const Version& version) const {
  switch (operation) {
    case Operator::kEqual:
      return order(version, *this) == 0;
    case Operator::kUnequal:
      return order(version, *this) != 0;
    case Operator::kLess:
      return order(version, *this) < 0;
    case Operator::kAtMost:
      return order(version, *this) <= 0;
    case Operator::kGreater:
      return order(version, *this) > 0;
    case Operator::kAtLeast:
      return order(version, *this) >= 0;
    case Operator::kSameMinor:
      return version.numbers[0] == numbers[0] && version.numbers[1] == numbers[1];
    case Operator::kSameMajor:
      return version.numbers[0] == numbers[0];
  }
  return false;
}

}  // namespace revenge::flags
