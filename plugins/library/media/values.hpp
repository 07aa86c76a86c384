// Values as ffprobe writes them. Thread safety: pure functions; none throws. Nothing: the text is no such value, or "N/A", or
// no number at all, or further out than any file can mean.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "facts.hpp"

namespace library::media {

std::optional<std::int64_t> wholeNumber(std::string_view text);  // "25"
std::optional<double> decimal(std::string_view text);            // "-0.023000"; never nan or infinite

std::optional<std::int64_t> milliseconds(double seconds);         // at least 0
std::optional<std::int64_t> clockMilliseconds(std::string_view);  // "00:01:02.024000000"

// "24000/1001" and "1:1"; nothing also for one that is not above 0.
std::optional<Rational> rational(std::string_view text);

// Bits of one sample of a pixel format of ffmpeg: 10 of "yuv420p10le", 8 of "yuv420p".
std::optional<int> bitDepthOf(std::string_view pixel_format);

}  // namespace library::media
