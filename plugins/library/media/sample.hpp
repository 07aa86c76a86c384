// What tells the content of a file from another's without reading all of it: a moved film is the same film. Thread safety:
// pure functions; they read and block.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>

namespace library::media {

inline constexpr std::size_t kSampleBytes = std::size_t{64} << 10U;  // of each end

using Sample = std::array<std::byte, 16>;

// XXH3-128 of the size and of both ends of the file, in its canonical form: equal in every version and on every machine. The
// whole file, where its ends meet. The descriptor stays the caller's, its offset where it is. An error is an errno; ENODATA:
// the file ends before `size`. No proof against somebody who makes two files alike on purpose.
std::expected<Sample, int> sampleOf(int descriptor, std::uint64_t size);

}  // namespace library::media
