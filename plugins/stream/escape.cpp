#include "escape.hpp"

#include <cstdint>

namespace stream {

namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool continues(std::string_view bytes, std::size_t at) {
  return at < bytes.size() && (static_cast<unsigned char>(bytes[at]) & 0xC0U) == 0x80U;
}

// The length of the character that begins `bytes`, 0 when it is not UTF-8: overlong forms, surrogates and what lies
// above U+10FFFF are not.
std::size_t characterLength(std::string_view bytes) {
  const auto first = static_cast<unsigned char>(bytes[0]);
  if (first < 0x80) return 1;
  if (!continues(bytes, 1) || first < 0xC2) return 0;
  if (first < 0xE0) return 2;
  const auto second = static_cast<unsigned char>(bytes[1]);
  if (!continues(bytes, 2)) return 0;
  if (first < 0xF0) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  const bool overlong = first == 0xF0 && second < 0x90;
  const bool beyond = first > 0xF4 || (first == 0xF4 && second >= 0x90);
  return overlong || beyond || !continues(bytes, 3) ? 0 : 4;
}

// Copies characters, replaces other bytes; `special` writes an ASCII character its own way and says so.
template <class Special>
std::string rewritten(std::string_view bytes, Special special) {
  std::string out;
  out.reserve(bytes.size() + 2);
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t length = characterLength(bytes.substr(at));
    if (length == 0)
      out += kReplacement;
    else if (length > 1 || !special(out, bytes[at]))
      out += bytes.substr(at, length);
    at += length == 0 ? 1 : length;
  }
  return out;
}

bool isControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

// U+2400 "symbol for null" and the 31 after it; U+2421 for DEL.
void writePicture(std::string& out, char control) {
  out += "\xE2\x90";
  out += static_cast<char>(control == 0x7F ? 0xA1 : 0x80 + control);
}

}  // namespace

std::string printable(std::string_view bytes) {
  return rewritten(bytes, [](std::string& out, char c) {
    if (!isControl(c)) return false;
    writePicture(out, c);
    return true;
  });
}

std::string jsonString(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string quoted = rewritten(bytes, [&](std::string& out, char c) {
    if (c == '"' || c == '\\')
      out += '\\', out += c;
    else if (isControl(c))
      out += "\\u00", out += kDigits[static_cast<unsigned char>(c) >> 4U], out += kDigits[c & 0xF];
    else
      return false;
    return true;
  });
  quoted.insert(quoted.begin(), '"');
  quoted += '"';
  return quoted;
}

std::string htmlText(std::string_view bytes) {
  return rewritten(bytes, [](std::string& out, char c) {
    if (isControl(c)) {
      writePicture(out, c);
      return true;
    }
    switch (c) {
      case '&':
        out += "&amp;";
        return true;
      case '<':
        out += "&lt;";
        return true;
      case '>':
        out += "&gt;";
        return true;
      case '"':
        out += "&quot;";
        return true;
      case '\'':
        out += "&#39;";
        return true;
      default:
        return false;
    }
  });
}

}  // namespace stream
