// What `revenge dev` says of a save: one line. Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "revenge/changes.hpp"

namespace revenge::author {

// "plugin.cpp changed", "a.cpp and b.cpp changed", "a.cpp and 3 more changed"; empty: nothing did.
std::string changedText(const Changes::Taken& changes);

std::string secondsText(base::Duration took);  // "1.9 s"

// Those that say something, with a dot between two.
std::string joinedLine(const std::vector<std::string>& parts);

// Whether a line of a build is worth showing where all goes well: not what CMake and ninja say of themselves.
bool isOfCompiler(std::string_view line);

}  // namespace revenge::author
