#include "loose_markup.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "encoding.hpp"
#include "naming/text.hpp"

namespace library::nfo {
namespace {

constexpr std::size_t kMaxReference = 16;
constexpr std::string_view kEntities[] = {"amp", "lt", "gt", "quot", "apos"};

constexpr std::string_view kCdata = "<![CDATA[";
constexpr std::string_view kCdataEnd = "]]>";
constexpr std::string_view kComment = "<!--";
constexpr std::string_view kCommentEnd = "-->";

enum class Reference : std::uint8_t { kNone, kWhole, kForbidden };

Reference referenceOf(std::string_view name) {
  if (!name.starts_with('#')) {
    return std::ranges::find(kEntities, name) == std::end(kEntities) ? Reference::kNone : Reference::kWhole;
  }
  const bool hexadecimal = name.substr(1).starts_with('x');
  const std::string_view digits = name.substr(hexadecimal ? 2 : 1);
  std::uint32_t value = 0;
  const auto [end, failed] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hexadecimal ? 16 : 10);
  if (failed == std::errc::result_out_of_range) return Reference::kForbidden;
  if (failed != std::errc() || end != digits.data() + digits.size()) return Reference::kNone;
  return isXmlCharacter(value) ? Reference::kWhole : Reference::kForbidden;
}

// How much is taken off the front; the end is missing: all of it.
std::size_t lengthTo(std::string_view xml, std::string_view begin, std::string_view end) {
  const std::size_t stop = xml.find(end, begin.size());
  return stop == std::string_view::npos ? xml.size() : stop + end.size();
}

bool beginsMarkup(std::string_view xml) {
  if (xml.size() < 2) return true;  // the file ends in it
  const auto next = static_cast<unsigned char>(xml[1]);
  return naming::isAsciiLetter(xml[1]) || next >= 0x80 || std::string_view("_:/!?").contains(xml[1]);
}

// Requires: '<' is at the front.
std::size_t takeMarkup(std::string& out, std::string_view xml) {
  if (xml.starts_with(kCdata)) {
    const std::size_t length = lengthTo(xml, kCdata, kCdataEnd);
    out += xml.substr(0, length);
    return length;
  }
  if (xml.starts_with(kComment) && xml.contains(kCommentEnd)) {
    const std::size_t length = lengthTo(xml, kComment, kCommentEnd);
    out.append(static_cast<std::size_t>(std::ranges::count(xml.substr(0, length), '\n')), '\n');
    return length;
  }
  out += beginsMarkup(xml) ? "<" : "&lt;";
  return 1;
}

// Requires: '&' is at the front.
std::size_t takeReference(std::string& out, std::string_view xml) {
  const std::size_t end = xml.substr(0, kMaxReference).find(';');
  switch (end == std::string_view::npos ? Reference::kNone : referenceOf(xml.substr(1, end - 1))) {
    case Reference::kWhole:
      out += xml.substr(0, end + 1);
      return end + 1;
    case Reference::kForbidden:
      out += "\xEF\xBF\xBD";
      return end + 1;
    case Reference::kNone:
      break;
  }
  out += "&amp;";
  return 1;
}

}  // namespace

std::string repaired(std::string_view xml) {
  std::string out;
  out.reserve(xml.size() + 64);
  while (!xml.empty()) {
    const std::size_t plain = std::min(xml.find_first_of("&<"), xml.size());
    out += xml.substr(0, plain);
    xml.remove_prefix(plain);
    if (xml.empty()) break;
    xml.remove_prefix(xml.front() == '<' ? takeMarkup(out, xml) : takeReference(out, xml));
  }
  return out;
}

}  // namespace library::nfo
