// The sample of a file's content, as it is stored.
#pragma once

#include <cstdint>
#include <string>

#include "disk/folder.hpp"

namespace library {

// Empty: it cannot be read, or is shorter than `bytes`.
std::string contentSample(const disk::Root& root, const std::string& path, std::uint64_t bytes);

}  // namespace library
