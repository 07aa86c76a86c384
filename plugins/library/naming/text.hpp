// Names as people read them: UTF-8 in NFC, whatever bytes the disk holds. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace library::naming {

// A longer name is cut there: no file system of today has a component of more than 765 bytes.
inline constexpr std::size_t kMaxNameBytes = 1024;

bool isUtf8(std::string_view text);
// How many bytes the character at the front takes; 0: it is not UTF-8. Requires: text is not empty.
std::size_t characterLength(std::string_view text);

// The NFC form for display, matching and sorting; each byte that is not UTF-8 becomes U+FFFD, each control character a
// space. Never for opening a file.
std::string displayForm(std::string_view bytes);
// The display form without case: what two spellings of one word share.
std::string folded(std::string_view text);
// folded(), without anything that is no letter or digit: "The.Show_(US)" and "the show us" are one key.
std::string comparisonKey(std::string_view text);

inline bool isDigit(char c) { return c >= '0' && c <= '9'; }
inline bool isAsciiLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
inline char asciiLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
bool isAllDigits(std::string_view text);
bool equalsIgnoringCase(std::string_view a, std::string_view b);  // ASCII
std::string asciiLowered(std::string_view text);

// The number at the front, of at most max_digits digits; -1: no digit stands there, or more than that do.
int leadingNumber(std::string_view text, std::size_t max_digits = 4);
std::size_t countDigits(std::string_view text);

std::string_view trimmed(std::string_view text, std::string_view characters = " ");

}  // namespace library::naming
