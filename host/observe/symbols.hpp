// Names of functions, out of the symbol tables of ELF files: for whoever reads frames, never for a handler. A file may be
// damaged or another one by now: every access is checked, the sizes are bounded, and one whose build-id is not the frame's
// names nothing. Thread safety: pure functions that read files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "observe/stack_frame.hpp"

namespace revenge::observe {

// The function that `offset` (an address less the image's bias) lies in, readable and of at most some 200 bytes; empty: none is
// known. `build_id` in hexadecimal; empty: whichever file it is.
std::string functionAt(const std::filesystem::path& file, std::string_view build_id, std::uint64_t offset);

// The functions of all frames whose files can still be read. The program itself has the path "".
void nameFunctions(std::span<StackFrame> frames);

}  // namespace revenge::observe
