#include "encoding.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

#include <iconv.h>

#include "naming/text.hpp"

namespace library::nfo {
namespace {

constexpr char32_t kReplacement = 0xFFFD;
constexpr std::size_t kMaxDeclaration = 512;  // where it has to end

// 0x80 to 0x9F; from 0xA0 on a byte is its character.
constexpr std::array<char32_t, 32> kWindows1252 = {
    0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x8D,   0x017D, 0x8F,   0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

// Those whose bytes below 0x80 are ASCII, so that a declaration can be read before it is known. A name from
// outside goes no further than this list: the C library loads code by it.
constexpr std::string_view kConverted[] = {
    "iso-8859-2",   "iso-8859-3",   "iso-8859-4",   "iso-8859-5",   "iso-8859-6",   "iso-8859-7",
    "iso-8859-8",   "iso-8859-9",   "iso-8859-10",  "iso-8859-11",  "iso-8859-13",  "iso-8859-14",
    "iso-8859-15",  "iso-8859-16",  "windows-1250", "windows-1251", "windows-1253", "windows-1254",
    "windows-1255", "windows-1256", "windows-1257", "windows-1258", "koi8-r",       "koi8-u",
    "shift_jis",    "euc-jp",       "euc-kr",       "gb2312",       "gbk",          "gb18030",
    "big5"};
constexpr std::string_view kWestern[] = {"windows-1252", "cp1252",     "iso-8859-1",
                                         "iso8859-1",    "iso_8859-1", "latin1"};
// UTF-16 here is what writes a text in memory and stores it as bytes: the declaration is that of the text.
constexpr std::string_view kUnicode[] = {"",         "utf-8",   "utf8",     "utf-16", "utf-16le",
                                         "utf-16be", "unicode", "us-ascii", "ascii"};

bool isOneOf(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

char32_t windows1252(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80U] : byte;
}

std::string fromWindows1252(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + bytes.size() / 8);
  for (const char c : bytes) appendUtf8(out, windows1252(c));
  return out;
}

std::string fromUtf16(std::string_view bytes, bool big_endian) {
  const auto unit = [bytes, big_endian](std::size_t at) {
    const auto first = static_cast<unsigned char>(bytes[at]);
    const auto second = static_cast<unsigned char>(bytes[at + 1]);
    return static_cast<char32_t>(big_endian ? first << 8U | second : second << 8U | first);
  };
  std::string out;
  out.reserve(bytes.size());
  for (std::size_t at = 0; at + 1 < bytes.size(); at += 2) {
    const char32_t one = unit(at);
    if (one >= 0xD800 && one < 0xDC00 && at + 3 < bytes.size()) {
      if (const char32_t two = unit(at + 2); two >= 0xDC00 && two < 0xE000) {
        appendUtf8(out, 0x10000 + ((one - 0xD800) << 10U) + (two - 0xDC00));
        at += 2;
        continue;
      }
    }
    appendUtf8(out, one >= 0xD800 && one < 0xE000 ? kReplacement : one);
  }
  return out;
}

class Converter {
 public:
  explicit Converter(const std::string& from) : handle_(::iconv_open("UTF-8", from.c_str())) {}
  ~Converter() {
    if (isOpen()) ::iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;

  bool isOpen() const { return handle_ != reinterpret_cast<iconv_t>(-1); }
  std::string convert(std::string bytes) {
    std::string out;
    char* from = bytes.data();
    std::size_t left = bytes.size();
    while (left > 0) {
      std::array<char, 4096> piece;
      char* to = piece.data();
      std::size_t room = piece.size();
      const std::size_t result = ::iconv(handle_, &from, &left, &to, &room);
      const int error = errno;
      out.append(piece.data(), piece.size() - room);
      if (result != static_cast<std::size_t>(-1) || error == E2BIG) continue;
      appendUtf8(out, kReplacement);
      ++from;
      --left;
    }
    return out;
  }

 private:
  iconv_t handle_;
};

std::string declaredEncoding(std::string_view bytes) {
  bytes.remove_prefix(std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size()));
  if (!bytes.starts_with("<?xml")) return {};
  std::string_view declaration = bytes.substr(0, kMaxDeclaration);
  declaration = declaration.substr(0, declaration.find("?>"));
  std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  at = declaration.find_first_of("\"'", at);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = declaration.substr(at + 1);
  return naming::asciiLowered(rest.substr(0, rest.find(declaration[at])));
}

std::expected<std::string, std::string> decoded(std::string_view bytes) {
  if (bytes.starts_with("\xEF\xBB\xBF")) return std::string(bytes.substr(3));
  if (bytes.starts_with("\xFF\xFE")) return fromUtf16(bytes.substr(2), false);
  if (bytes.starts_with("\xFE\xFF")) return fromUtf16(bytes.substr(2), true);
  if (bytes.starts_with(std::string_view("<\0", 2))) return fromUtf16(bytes, false);
  if (bytes.starts_with(std::string_view("\0<", 2))) return fromUtf16(bytes, true);

  std::string name = declaredEncoding(bytes);
  if (isOneOf(kUnicode, name)) return std::string(bytes);
  if (isOneOf(kWestern, name)) return fromWindows1252(bytes);
  if (name.starts_with("cp125")) name.replace(0, 2, "windows-");
  if (name.starts_with("iso8859")) name.insert(3, "-");
  if (isOneOf(kConverted, name)) {
    Converter converter(name);
    if (converter.isOpen()) return converter.convert(std::string(bytes));
  }
  return std::unexpected("its encoding \"" + naming::displayForm(std::string_view(name).substr(0, 40)) +
                         "\" is not known here");
}

// Requires: the front of the text is UTF-8, `length` bytes long.
char32_t characterAt(std::string_view text, std::size_t length) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (length == 1) return lead;
  char32_t character = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    character = character << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  return character;
}

std::string legible(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = naming::characterLength(text);
    const char32_t character = length == 0 ? windows1252(text[0]) : characterAt(text, length);
    if (isXmlCharacter(character)) {
      appendUtf8(out, character);
    } else {
      appendUtf8(out, character < ' ' ? U' ' : kReplacement);
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

}  // namespace

void appendUtf8(std::string& out, char32_t character) {
  const auto tail = [&out, character](unsigned shift) {
    out += static_cast<char>(0x80U | ((character >> shift) & 0x3FU));
  };
  if (character < 0x80) {
    out += static_cast<char>(character);
  } else if (character < 0x800) {
    out += static_cast<char>(0xC0U | character >> 6U);
    tail(0);
  } else if (character < 0x10000) {
    out += static_cast<char>(0xE0U | character >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xF0U | character >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool isXmlCharacter(char32_t character) {
  if (character < 0x20) return character == '\t' || character == '\n' || character == '\r';
  if (character >= 0xD800 && character < 0xE000) return false;
  return character != 0xFFFE && character != 0xFFFF && character <= 0x10FFFF;
}

std::expected<std::string, std::string> toUtf8(std::string_view bytes) {
  const auto text = decoded(bytes);
  if (!text) return text;
  return legible(*text);
}

}  // namespace library::nfo
