// The key that cursors are sealed with: random, made once and kept in the plugin's state folder.
#pragma once

#include <string>

namespace library {

// Throws revenge::Failure(kIo) when it can neither be read nor made.
std::string cursorKey(const std::string& folder);

}  // namespace library
