#include "part.hpp"

#include <algorithm>

#include "text.hpp"

namespace library::naming {
namespace {

constexpr std::string_view kWords[] = {"part", "parte", "teil", "disc", "disk", "dvd", "cd", "pt"};
constexpr std::string_view kSeparators = " ._-";

}  // namespace

bool isPartWord(std::string_view word) {
  return std::ranges::any_of(kWords,
                             [word](std::string_view known) { return equalsIgnoringCase(known, word); });
}

std::optional<PartMark> partAtEnd(std::string_view stem) {
  std::size_t end = stem.size();
  while (end > 0 && (std::string_view(" ._-)]").contains(stem[end - 1]))) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < 3 && isDigit(stem[begin - 1])) --begin;
  PartMark mark;
  if (begin < end) {
    mark.number = leadingNumber(stem.substr(begin, end - begin));
    // "cd 1 of 2"
    constexpr std::string_view kOf = " of ";
    if (begin >= kOf.size() + 1 && equalsIgnoringCase(stem.substr(begin - kOf.size(), kOf.size()), kOf)) {
      const std::size_t whole = begin - kOf.size();
      std::size_t first = whole;
      while (first > 0 && whole - first < 3 && isDigit(stem[first - 1])) --first;
      if (first < whole) {
        mark.number = leadingNumber(stem.substr(first, whole - first));
        begin = first;
      }
    }
  } else {
    if (end == 0) return std::nullopt;
    const char letter = asciiLower(stem[end - 1]);
    if (letter < 'a' || letter > 'd') return std::nullopt;
    mark.number = letter - 'a' + 1;
    mark.is_letter = true;
    begin = end - 1;
  }
  std::size_t word_end = begin;
  while (word_end > 0 && kSeparators.contains(stem[word_end - 1])) --word_end;
  for (const std::string_view word : kWords) {
    if (word_end <= word.size()) continue;
    const std::size_t at = word_end - word.size();
    if (!equalsIgnoringCase(stem.substr(at, word.size()), word)) continue;
    if (!(kSeparators.contains(stem[at - 1]) || std::string_view("()[]").contains(stem[at - 1])))
      return std::nullopt;
    mark.word = stem.substr(at, word.size());
    mark.begin = at;
    while (mark.begin > 0 && std::string_view(" ._-([").contains(stem[mark.begin - 1])) --mark.begin;
    if (mark.begin == 0) return std::nullopt;
    return mark;
  }
  return std::nullopt;
}

}  // namespace library::naming
