// What to ask ffprobe of a file, and what it answers. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "facts.hpp"

namespace library::media {

// What an answer is refused for. The answer for a film has some 20 KiB.
inline constexpr std::size_t kMaxProbeBytes = std::size_t{64} << 20U;
inline constexpr std::size_t kMaxProbeDepth = 16;          // of objects and arrays in each other
inline constexpr std::size_t kMaxProbeValues = 1'000'000;  // of names and values
inline constexpr std::size_t kMaxStreams = 1'000;
inline constexpr std::size_t kMaxChapters = 10'000;

// The arguments after the program's name. Whatever the path is, it is the name of a file and no option or address; whatever
// lies in the file, nothing else is opened, and nothing is waited for.
std::vector<std::string> probeArguments(const std::string& path);

// What ffprobe wrote to its standard output. An error is a sentence: what ffprobe says is wrong with the file, or why the
// answer cannot be read. Any bytes may come; none makes it throw, but for want of memory.
std::expected<MediaFacts, std::string> readProbe(std::string_view json);

}  // namespace library::media
