// Why a boolean flag lets nobody in, for whoever is gated by it, and what opens it again. Thread safety: pure functions of
// immutable definitions.
#pragma once

#include <optional>
#include <string>

#include "base/clock.hpp"
#include "flags/definition.hpp"

namespace revenge::flags {

struct Closed {
  std::string why;     // "flag 'database' is off"; where and by whom is added by who knows it
  std::string remedy;  // a command, or what to change in the file
};

// Nothing: it could serve somebody now; a flag that nobody has defined does.
std::optional<Closed> closed(const Definitions& definitions, const Flag* flag, base::WallTime now);

}  // namespace revenge::flags
