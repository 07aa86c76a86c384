// A semantic version (semver.org 2.0). Thread safety: a plain value. Order is the precedence of the standard:
// build metadata does not count, a pre-release comes before its release.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::module {

struct Semver {
  std::uint32_t major = 0;
  std::uint32_t minor = 0;
  std::uint32_t patch = 0;
  std::string prerelease;  // "rc.1"; empty: a release
  std::string build;       // "g12ab"; never compared

  static base::Result<Semver> parse(std::string_view text);
  std::string text() const;

  std::strong_ordering operator<=>(const Semver& other) const;
  bool operator==(const Semver& other) const { return (*this <=> other) == 0; }
};

}  // namespace revenge::module
