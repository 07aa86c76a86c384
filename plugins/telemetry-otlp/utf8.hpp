// Text as both encodings demand it. Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>

namespace telemetry_otlp {

// How many bytes of the character at the front are valid UTF-8 (shortest form, no surrogates); 0: none.
std::size_t validLength(std::string_view text);
bool isUtf8(std::string_view text);
// Appends it, each byte that is not UTF-8 as U+FFFD.
void appendUtf8(std::string& out, std::string_view text);

}  // namespace telemetry_otlp
