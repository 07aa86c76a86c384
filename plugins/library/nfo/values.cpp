#include "values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

#include "naming/text.hpp"

namespace library::nfo {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr std::int64_t kMostSeconds = std::int64_t{7} * 24 * 3600;
constexpr int kYearBeforeFilm = 1850;
constexpr std::size_t kMaxParts = 1000;  // of one text

// With every run of white space and control characters one space.
std::string collapsed(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool is_space = c == ' ' || (c >= 0 && c < ' ') || c == 0x7F;
    if (is_space && (out.empty() || out.back() == ' ')) continue;
    out += is_space ? ' ' : c;
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

// Where a text of more than `most` bytes may be cut: behind a space, so that no character loses its accents,
// or behind a character.
std::size_t cutAt(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  if (const std::size_t space = text.rfind(' ', most - 1); space != std::string_view::npos) return space + 1;
  std::size_t end = most;
  while (end > most - 4 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return end;
}

template <typename Number>
std::optional<Number> whole(std::string_view text) {
  Number value{};
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Takes the digits at the front off.
std::optional<int> takeNumber(std::string_view& text, std::size_t max_digits) {
  const int value = naming::leadingNumber(text, max_digits);
  if (value < 0) return std::nullopt;
  text.remove_prefix(naming::countDigits(text));
  return value;
}

std::optional<std::int64_t> inRange(std::int64_t seconds) {
  return seconds > 0 && seconds <= kMostSeconds ? std::optional(seconds) : std::nullopt;
}

std::optional<std::int64_t> clockSeconds(std::string_view text, int first_minutes) {
  std::array<int, 3> parts{};
  std::size_t count = 0;
  for (; count < parts.size(); ++count) {
    const auto part = takeNumber(text, 6);
    if (!part) return std::nullopt;
    parts.at(count) = *part;
    if (!text.starts_with(':')) break;
    text.remove_prefix(1);
  }
  if (count == 2) return inRange(parts[0] * 3600LL + parts[1] * 60LL + parts[2]);
  if (count != 1) return std::nullopt;
  return parts[0] < first_minutes ? inRange(parts[0] * 3600LL + parts[1] * 60LL)
                                  : inRange(parts[0] * 60LL + parts[1]);
}

// "1h 35m", "1 hr 35 mins", "95min", "pt1h35m": a number and its unit, again and again.
std::optional<std::int64_t> unitSeconds(std::string_view text) {
  std::int64_t total = 0;
  bool has_unit = false;
  text = withoutSpace(text);
  while (!text.empty() && naming::isDigit(text.front())) {
    const auto number = takeNumber(text, 6);
    if (!number) return std::nullopt;
    text = withoutSpace(text);
    const auto letters = static_cast<std::size_t>(
        std::ranges::find_if_not(text, [](char c) { return naming::isAsciiLetter(c); }) - text.begin());
    const char unit = letters == 0 ? 'm' : text.front();
    if (unit != 'h' && unit != 'm' && unit != 's') break;
    total += std::int64_t{*number} * (unit == 'h' ? 3600 : unit == 'm' ? 60 : 1);
    has_unit = true;
    text.remove_prefix(letters);
    text.remove_prefix(std::min(text.find_first_not_of(" .,"), text.size()));
  }
  return has_unit ? inRange(total) : std::nullopt;
}

}  // namespace

std::string_view withoutSpace(std::string_view text) { return naming::trimmed(text, kSpace); }

std::string oneLine(std::string_view text) {
  // What collapses is not counted; what is far beyond any name is not looked at.
  const std::string line = collapsed(withoutSpace(text).substr(0, 4 * naming::kMaxNameBytes));
  return std::string(naming::trimmed(naming::displayForm(line)));
}

std::string manyLines(std::string_view text) {
  std::string out;
  text = withoutSpace(text);
  while (!text.empty() && out.size() < kMaxTextBytes) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string line = collapsed(text.substr(0, end));
    for (std::string_view rest = line; !rest.empty() && out.size() < kMaxTextBytes;) {
      const std::size_t piece = cutAt(rest, naming::kMaxNameBytes);
      out += naming::displayForm(rest.substr(0, piece));
      rest.remove_prefix(piece);
    }
    if (!out.ends_with("\n\n")) out += '\n';
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out.resize(cutAt(out, kMaxTextBytes));
  return std::string(withoutSpace(out));
}

std::vector<std::string> partsOf(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  for (std::size_t at = 0; at <= text.size() && parts.size() < kMaxParts; ++at) {
    const bool is_end = at == text.size();
    if (!is_end && !separators.contains(text[at])) continue;
    // A slash without spaces is part of a word: "R&B/Soul".
    if (!is_end && text[at] == '/') {
      const bool stands_free =
          at > 0 && kSpace.contains(text[at - 1]) && at + 1 < text.size() && kSpace.contains(text[at + 1]);
      if (!stands_free) continue;
    }
    if (std::string part = oneLine(text.substr(begin, at - begin)); !part.empty())
      parts.push_back(std::move(part));
    begin = at + 1;
  }
  return parts;
}

std::optional<int> wholeNumber(std::string_view text) {
  text = withoutSpace(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto value = whole<int>(text);
  return value && *value >= 0 ? value : std::nullopt;
}

std::optional<double> decimal(std::string_view text) {
  text = withoutSpace(text);
  if (text.starts_with('+')) text.remove_prefix(1);
  std::string point(text.substr(0, 64));
  std::ranges::replace(point, ',', '.');
  double value = 0;
  const auto [end, failed] =
      std::from_chars(point.data(), point.data() + point.size(), value, std::chars_format::fixed);
  if (failed != std::errc() || end != point.data() + point.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

std::optional<std::int64_t> count(std::string_view text) {
  constexpr std::string_view kMarks[] = {",", ".", " ", "'", "\u00A0", "\u202F", "\u2019"};
  text = withoutSpace(text);
  std::string digits;
  bool is_first = true;
  while (!text.empty()) {
    const std::size_t length = naming::countDigits(text);
    // Behind a mark that parts thousands are three digits; behind any other a fraction, which no count has.
    if (length == 0 || (!is_first && length != 3)) return std::nullopt;
    digits += text.substr(0, length);
    text.remove_prefix(length);
    if (text.empty()) break;
    if (is_first && length > 3) return std::nullopt;
    const auto* mark = std::ranges::find_if(kMarks, [text](auto m) { return text.starts_with(m); });
    if (mark == std::end(kMarks)) return std::nullopt;
    text.remove_prefix(mark->size());
    if (text.empty()) return std::nullopt;
    is_first = false;
  }
  return whole<std::int64_t>(digits);
}

std::optional<bool> truth(std::string_view text) {
  const std::string word = naming::asciiLowered(withoutSpace(text).substr(0, 8));
  if (word == "true" || word == "1" || word == "yes") return true;
  if (word == "false" || word == "0" || word == "no") return false;
  return std::nullopt;
}

std::optional<std::string> date(std::string_view text) {
  text = withoutSpace(text);
  std::array<int, 3> parts{};
  char mark = 0;
  std::size_t first_digits = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i == 0) first_digits = naming::countDigits(text);
    const auto part = takeNumber(text, 4);
    if (!part) return std::nullopt;
    parts.at(i) = *part;
    if (i == 2) break;
    if (text.empty() || !std::string_view("-/.").contains(text.front())) return std::nullopt;
    if (i == 1 && text.front() != mark) return std::nullopt;
    mark = text.front();
    text.remove_prefix(1);
  }
  // With slashes, some put the month before the day and some behind it.
  if (first_digits != 4 && mark != '.') return std::nullopt;
  if (first_digits != 4) std::swap(parts[0], parts[2]);
  if (parts[1] > 12 || parts[2] > 31 || parts[0] <= kYearBeforeFilm) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year{parts[0]},
                                        std::chrono::month{static_cast<unsigned>(parts[1])},
                                        std::chrono::day{static_cast<unsigned>(parts[2])}};
  if (!day.ok()) return std::nullopt;
  const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return std::to_string(parts[0]) + "-" + two(parts[1]) + "-" + two(parts[2]);
}

std::optional<int> year(std::string_view text) {
  text = withoutSpace(text);
  if (naming::countDigits(text) != 4) return std::nullopt;
  const int value = naming::leadingNumber(text);
  return value > kYearBeforeFilm ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> seconds(std::string_view text, int first_minutes) {
  const std::string lower = naming::asciiLowered(withoutSpace(text).substr(0, 64));
  std::string_view rest = lower;
  if (rest.starts_with("pt")) rest.remove_prefix(2);
  if (rest.contains(':')) return clockSeconds(rest, first_minutes);
  if (const auto minutes = decimal(rest)) {
    return *minutes >= 0 && *minutes < 1e6 ? inRange(static_cast<std::int64_t>(*minutes) * 60) : std::nullopt;
  }
  return unitSeconds(rest);
}

}  // namespace library::nfo
