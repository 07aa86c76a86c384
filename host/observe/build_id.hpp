// The build-id of an image that is mapped, as the linker noted it. Allocates nothing. Thread safety: a pure function.
#pragma once

#include <array>
#include <string_view>

struct dl_phdr_info;

namespace revenge::observe {

using BuildIdText = std::array<char, 64>;

// In hexadecimal, in `out`; empty: it has none.
std::string_view buildIdOf(const dl_phdr_info& image, BuildIdText& out);

}  // namespace revenge::observe
