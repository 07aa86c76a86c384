// A point in time as files write it (RFC 3339). Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace revenge::flags {

// "2026-12-01T00:00:00Z", "2026-12-01T01:00:00+01:00", with at most 9 digits of a second. Nothing: not of that form, no
// such day, or out of what nanoseconds of 64 bits hold; a leap second counts as the second before it.
std::optional<base::WallTime> parseMoment(std::string_view text);

// "2026-12-01T00:00:00Z": in UTC, to the second.
std::string showMoment(base::WallTime moment);

}  // namespace revenge::flags
