// A version as clients tell it, and what rules ask of one: precedence of semver.org 2.0, more lenient in form, as
// flagd is: a leading v or V, and "1" or "1.2" for 1.0.0 and 1.2.0. Thread safety: plain values, pure functions; the
// views belong to the text that was parsed; nothing allocates.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace revenge::flags {

struct Version {
  std::array<std::uint32_t, 3> numbers{};
  std::string_view prerelease;

  // Nothing: no version (four numbers, 01, empty parts). Build metadata must be well-formed and then does not count.
  static std::optional<Version> parse(std::string_view text);
};

// One comparison: `= != < <= > >=` by precedence, `~` the same major and minor, `^` the same major, whatever follows.
struct VersionTest {
  enum class Operator : std::uint8_t {
    kEqual,
    kUnequal,
    kLess,
    kAtMost,
    kGreater,
    kAtLeast,
    kSameMinor,
    kSameMajor
  };
  Operator operation = Operator::kEqual;
  std::array<std::uint32_t, 3> numbers{};
  std::string prerelease;

  // ">= 2.0.0"; nothing: another operator, none, or no version behind it.
  static std::optional<VersionTest> parse(std::string_view text);
  bool holds(const Version& version) const;
};

}  // namespace revenge::flags
