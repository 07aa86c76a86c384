// The number of a build, as the build metadata of a semantic version, in the package alone: the author's plugin.json never
// has it. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace revenge::author {

// "0.1.0" and 3: "0.1.0+3"; "0.1.0+g12" and 3: "0.1.0+g12.3".
std::string numbered(std::string_view version, std::uint64_t number);

// One more than the highest of the names that are numbers.
std::uint64_t nextNumber(std::span<const std::string> names);

// The manifest with another version and everything else, each line of it too, as it was. `file` names it in messages.
base::Result<std::string> withVersion(std::string_view manifest, std::string_view version,
                                      std::string_view file);

}  // namespace revenge::author
