// The file of the flags, read when the host starts and when the operator asks for it. Thread safety: a pure function of
// the file.
#pragma once

#include <filesystem>

#include "base/result.hpp"
#include "flags/definition.hpp"

namespace revenge::app {

// No such file: no flags. The error holds every cause, one line each.
base::Result<flags::Definitions> readFlagsFile(const std::filesystem::path& file);

}  // namespace revenge::app
