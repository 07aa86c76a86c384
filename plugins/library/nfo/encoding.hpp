// The bytes of a text file as UTF-8. Thread safety: pure functions.
#pragma once

#include <expected>
#include <string>
#include <string_view>

namespace library::nfo {

// A byte order mark decides, then the XML declaration, else it is UTF-8; a byte that is not UTF-8 is one of
// windows-1252, which is what files that lie about themselves are in. Characters that XML does not allow
// become spaces or U+FFFD. An error is a text for people: an encoding that is not known here.
std::expected<std::string, std::string> toUtf8(std::string_view bytes);

void appendUtf8(std::string& out, char32_t character);

// Whether XML allows the character in a text.
bool isXmlCharacter(char32_t character);

}  // namespace library::nfo
