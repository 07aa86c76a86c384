// W3C trace context, the tracestate header: what vendors along the way tell each other, passed on as it came. Source: W3C
// Trace Context Level 2, section 3.3. Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace revenge::observe {

inline constexpr std::size_t kMaxTraceState = 512;

// What is sent on of the headers that came, in their order; only for a trace that is gone on with. One header that is good
// as it is is answered as it is; else `storage` is written and answered. A member that is malformed, given twice, or one
// too many (32) drops all. Beyond 512 bytes whole members go, those longer than 128 bytes first, then the last ones.
std::string_view acceptTraceState(std::span<const std::string_view> headers, std::string& storage);

}  // namespace revenge::observe
