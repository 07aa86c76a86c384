// Bytes as HTTP sees them: ASCII only, whatever the locale. Thread safety: pure functions.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace revenge::http {

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr char toLower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return toLower(x) == toLower(y); });
}

constexpr int hexValue(char c) {
  if (isDigit(c)) return c - '0';
  if (const char lower = toLower(c); lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return -1;
}

constexpr bool isTokenByte(char c) {
  return isDigit(c) || (toLower(c) >= 'a' && toLower(c) <= 'z') ||
         (c != '\0' && std::string_view("!#$%&'*+-.^_`|~").contains(c));
}

// Printable, spaces and tabs inside allowed: what a field value may hold. Bytes above 127 are opaque text.
constexpr bool isFieldValueByte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7f);
}

constexpr std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Takes the next element of a comma-separated list, trimmed; empty ones too. False at the end.
constexpr bool nextElement(std::string_view& list, std::string_view& element) {
  if (list.data() == nullptr) return false;
  const std::size_t comma = list.find(',');
  element = trim(list.substr(0, comma));
  list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  return true;
}

}  // namespace revenge::http
