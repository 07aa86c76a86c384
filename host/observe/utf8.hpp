// Walking bytes that claim to be UTF-8. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace revenge::observe {

struct Utf8Step {
  char32_t point = 0;      // the byte itself when it is not valid
  std::size_t length = 1;  // bytes to go on by
  bool valid = false;      // shortest form, no surrogate, at most U+10FFFF
};

// The first character of `text`. Requires: not empty.
Utf8Step firstCharacter(std::string_view text);

// Hidden or line-breaking: controls (C0, DEL, C1), line and paragraph separators, bidirectional marks.
bool isUnprintable(char32_t point);

// At most `max` bytes of `text`, never half a character.
std::string_view cutAt(std::string_view text, std::size_t max);

// Appends `text`, each invalid byte as U+FFFD.
void appendValidUtf8(std::string& out, std::string_view text);

}  // namespace revenge::observe
