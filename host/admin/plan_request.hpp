// A plan as it arrives at the control plane: JSON of docs/file-formats.md, believed in nothing. Thread safety: a pure
// function.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/result.hpp"
#include "plugin/plugins.hpp"

namespace revenge::admin {

inline constexpr std::size_t kMaxPlanBytes = std::size_t{1} << 20U;

// Errors: kInvalid, naming the place ("changes[1].swap: expected an absolute folder, got \"next\"").
base::Result<plugin::Plan> parsePlan(std::string_view json);

}  // namespace revenge::admin
