// A key as people write it, such as http.port or plugins."a.b".size: its steps, and its JSON pointer. Thread safety: pure
// functions.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace revenge::config {

// Errors (kInvalid) say what was expected.
base::Result<std::vector<std::string>> stepsOfKey(std::string_view key);
std::string pointerTo(std::span<const std::string> steps);
// The way back: a step that is no plain word is quoted.
std::string keyOf(std::span<const std::string> steps);
std::string keyOfPointer(std::string_view pointer);

}  // namespace revenge::config
