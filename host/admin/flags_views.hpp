// Flags as the control plane answers them, as JSON text; docs/control-plane.md shows each shape. Thread safety: pure
// functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "flags/edit.hpp"
#include "flags/flags.hpp"

namespace revenge::admin {

std::string describe(const std::vector<flags::FlagView>& views, std::string_view file,
                     std::uint64_t generation);
std::string describe(const flags::FlagView& view, std::string_view file, std::uint64_t generation);
std::string describe(const flags::Edited& edited);
std::string describe(std::string_view key, std::string_view user, const flags::Explanation& told);

}  // namespace revenge::admin
