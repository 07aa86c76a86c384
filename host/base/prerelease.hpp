// The part of a semantic version after its three numbers (semver.org 2.0, sections 9 to 11): which texts are lists of
// identifiers, and their order. Thread safety: pure functions. Views are borrowed for the call.
#pragma once

#include <compare>
#include <string_view>

namespace revenge::base {

// At least one digit, and nothing else.
bool isDigits(std::string_view text);
bool hasLeadingZero(std::string_view digits);

// What stands before the first `end`, which `rest` then begins behind; all of it when there is none.
std::string_view takeUntil(std::string_view& rest, char end);

// Whether a number may begin with 0: in build metadata, not in a pre-release.
enum class Zeros { kAllowed, kRefused };

// "rc.1", "20260101.g12ab".
bool isIdentifierList(std::string_view list, Zeros zeros);

// Precedence; empty means a release, which follows all its pre-releases. Requires: both empty or identifier lists.
std::strong_ordering comparePrerelease(std::string_view a, std::string_view b);

}  // namespace revenge::base
