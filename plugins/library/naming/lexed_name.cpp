#include "lexed_name.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "text.hpp"

namespace library::naming {
namespace {

constexpr std::size_t kLongestPhrase = 4;  // in words

enum class Piece : std::uint8_t { kLetter, kSeparator, kOpen, kClose };

struct Character {
  Piece piece;
  std::size_t bytes;
  char bracket = 0;  // what it opens or closes, as the ASCII opening
};

struct Wide {
  std::string_view spelling;
  Piece piece;
  char bracket;
};
constexpr Wide kWide[] = {
    {"【", Piece::kOpen, '['},    {"】", Piece::kClose, '['},         {"「", Piece::kOpen, '['},
    {"」", Piece::kClose, '['},   {"『", Piece::kOpen, '['},          {"』", Piece::kClose, '['},
    {"（", Piece::kOpen, '('},    {"）", Piece::kClose, '('},         {"［", Piece::kOpen, '['},
    {"］", Piece::kClose, '['},   {"《", Piece::kOpen, '['},          {"》", Piece::kClose, '['},
    {"　", Piece::kSeparator, 0}, {"–", Piece::kSeparator, 0},        {"—", Piece::kSeparator, 0},
    {"・", Piece::kSeparator, 0}, {"\xC2\xA0", Piece::kSeparator, 0}, {"～", Piece::kSeparator, 0},
    {"：", Piece::kSeparator, 0},
};

Character characterAt(std::string_view text) {
  const char c = text.front();
  if (isDigit(c) || isAsciiLetter(c) || c == '\'') return {Piece::kLetter, 1};
  switch (c) {
    case '(':
    case '[':
    case '{':
      return {Piece::kOpen, 1, c};
    case ')':
      return {Piece::kClose, 1, '('};
    case ']':
      return {Piece::kClose, 1, '['};
    case '}':
      return {Piece::kClose, 1, '{'};
    default:
      break;
  }
  const std::size_t length = std::max<std::size_t>(1, characterLength(text));
  if (length == 1) return {Piece::kSeparator, 1};
  for (const Wide& wide : kWide) {
    if (text.starts_with(wide.spelling)) return {wide.piece, length, wide.bracket};
  }
  return {Piece::kLetter, length};
}

// Behind the closing bracket that belongs to the opening one at the offset; kNone: it stays open.
std::size_t closingBehind(std::string_view text, std::size_t opening, char bracket) {
  std::size_t depth = 0;
  for (std::size_t at = opening; at < text.size();) {
    const Character character = characterAt(text.substr(at));
    at += character.bytes;
    if (character.bracket != bracket) continue;
    if (character.piece == Piece::kOpen) ++depth;
    if (character.piece == Piece::kClose && --depth == 0) return at;
  }
  return kNone;
}

bool isSingleLetter(std::string_view text) { return text.size() == 1 && text[0] >= 'A' && text[0] <= 'Z'; }

// Whether the dot between two words of a dotted name is part of the name: "S.W.A.T", "3.0".
bool isDotKept(std::string_view left, std::string_view right) {
  if (isSingleLetter(left) && isSingleLetter(right)) return true;
  const bool one_digit = !left.empty() && isDigit(left.back()) &&
                         (left.size() == 1 || left == "$" + std::string(1, left.back()));
  return one_digit && right.size() <= 2 && isAllDigits(right);
}

std::string dotted(std::string_view text) {
  std::string out;
  std::string_view before;
  bool in_initials = false;
  while (true) {
    const std::size_t dot = text.find('.');
    const std::string_view word = text.substr(0, dot);
    if (!out.empty() || in_initials) {
      const bool kept = isDotKept(before, word);
      if (kept) {
        out += '.';
        in_initials = isSingleLetter(word);
      } else {
        out += in_initials ? ". " : " ";
        in_initials = false;
      }
    }
    out += word;
    before = word;
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  if (in_initials) out += '.';
  return out;
}

}  // namespace

LexedName::LexedName(std::string text) : text_(std::move(text)), lower_(asciiLowered(text_)) {
  tokenize();
  classify();
}

void LexedName::tokenize() {
  tokens_.reserve(24);
  const std::string_view text = text_;
  char bracket = 0;
  std::size_t group_begin = 0;
  std::size_t group_end = 0;
  char never_closed = 0;
  std::size_t word_begin = kNone;
  const auto endWord = [&](std::size_t at) {
    if (word_begin == kNone) return;
    Token token{.begin = word_begin, .end = at, .bracket = bracket};
    token.group_begin = bracket != 0 ? group_begin : word_begin;
    token.group_end = bracket != 0 ? group_end : at;
    tokens_.push_back(token);
    word_begin = kNone;
  };
  for (std::size_t at = 0; at < text.size();) {
    const Character character = characterAt(text.substr(at));
    if (bracket != 0 && at + character.bytes == group_end) {
      endWord(at);
      bracket = 0;
    } else if (character.piece == Piece::kLetter) {
      if (word_begin == kNone) word_begin = at;
    } else {
      endWord(at);
      if (character.piece == Piece::kOpen && bracket == 0 && character.bracket != never_closed) {
        const std::size_t behind = closingBehind(text, at, character.bracket);
        if (behind == kNone) {
          never_closed = character.bracket;
        } else {
          bracket = character.bracket;
          group_begin = at;
          group_end = behind;
        }
      }
    }
    at += character.bytes;
  }
  endWord(text.size());
}

void LexedName::classify() {
  std::array<std::string_view, kLongestPhrase> words;
  for (std::size_t i = 0; i < tokens_.size();) {
    std::size_t count = 0;
    while (count < kLongestPhrase && i + count < tokens_.size() &&
           tokens_[i + count].group_begin ==
               (tokens_[i].bracket != 0 ? tokens_[i].group_begin : tokens_[i + count].begin)) {
      words[count] = word(i + count);
      ++count;
    }
    std::size_t taken = 0;
    const ReleaseWord* found = findReleaseWord(std::span(words).first(count), taken);
    if (found == nullptr) {
      found = releasePattern(words[0], tokens_[i].bracket != 0);
      taken = 1;
    }
    if (found != nullptr) {
      tokens_[i].phrase_tokens = static_cast<std::uint8_t>(taken);
      for (std::size_t k = 0; k < taken; ++k) tokens_[i + k].word = found;
    }
    i += found != nullptr ? taken : 1;
  }
}

std::size_t LexedName::tokenAt(std::size_t offset) const {
  return static_cast<std::size_t>(std::ranges::lower_bound(tokens_, offset, {}, &Token::begin) -
                                  tokens_.begin());
}

bool LexedName::opensBracket(std::size_t index) const {
  const Token& token = tokens_[index];
  return token.bracket != 0 && (index == 0 || tokens_[index - 1].group_begin != token.group_begin);
}

std::string_view LexedName::inBracket(std::size_t index) const {
  const Token& token = tokens_[index];
  if (token.bracket == 0) return spelled(index);
  std::string_view inside =
      std::string_view(text_).substr(token.group_begin, token.group_end - token.group_begin);
  inside.remove_prefix(characterAt(inside).bytes);
  inside.remove_suffix(static_cast<unsigned char>(inside.back()) < 0x80 ? 1 : 3);
  return inside;
}

std::size_t LexedName::titleBracket() const {
  if (tokens_.empty() || !std::ranges::all_of(tokens_, [](const Token& t) { return t.bracket == '['; }))
    return kNone;
  std::size_t second = 0;
  while (second < tokens_.size() && tokens_[second].group_begin == tokens_[0].group_begin) ++second;
  if (second == tokens_.size() || isTag(second) || isDigit(word(second).front())) return 0;
  return second;
}

std::string asTitle(std::string_view text) {
  constexpr std::string_view kEdges = " ._-,;:~+";
  // A dot at the end belongs to the name of who has spaces: "Monsters Inc.", but not to a dotted one.
  const bool has_spaces = trimmed(text, kEdges).find(' ') != std::string_view::npos;
  std::string_view body = trimmed(text, has_spaces ? std::string_view(" _-,;:~+") : kEdges);
  std::string title = has_spaces ? std::string(body) : dotted(body);
  std::ranges::replace(title, '_', ' ');
  std::string out;
  out.reserve(title.size());
  for (const char c : title) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out += c;
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace library::naming
