// The programs behind `revenge WORD`, as git has them: revenge-WORD in ../libexec/revenge of the host's own folder or, in a
// build tree, beside the host. Thread safety: pure functions over the file system.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace revenge::app {

// Where they are looked for, in order; `host` is the host's own file.
std::vector<std::filesystem::path> programFolders(const std::filesystem::path& host);
// Their words, sorted.
std::vector<std::string> programWords(std::span<const std::filesystem::path> folders);
// kNotFound names the words that there are.
base::Result<std::filesystem::path> findProgram(std::string_view word,
                                                std::span<const std::filesystem::path> folders);

// This process becomes the program; returns only where it cannot.
base::Error becomeProgram(const std::filesystem::path& program, const std::vector<std::string>& arguments);

}  // namespace revenge::app
