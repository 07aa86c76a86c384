#include "counted_words.hpp"

#include <algorithm>
#include <array>
#include <string>

#include "text.hpp"

namespace library::naming {
namespace {

// All folded.
constexpr std::string_view kSeasonWords[] = {
    "season",    "series",  "serie",  "série",  "séria",    "staffel",  "saison",  "stagione",
    "temporada", "sæson",   "saeson", "säsong", "sasong",   "sesong",   "seizoen", "sezon",
    "sezonul",   "sezona",  "sezóna", "kausi",  "сезон",    "évad",     "evad",    "σεζόν",
    "κύκλοσ",    "sezonas", "hooaeg", "mùa",    "musim",    "シーズン", "시즌",    "الموسم",
    "موسم",      "עונה",    "ฤดูกาลที่", "ซีซั่น",    "sesongen", "σεζον",    "sezonu",  "temp",
};
constexpr std::string_view kFolderSeasonWords[] = {"book", "volume", "vol", "buch", "livre", "cour"};

constexpr std::string_view kEpisodeWords[] = {
    "episode",  "episodio",   "épisode",  "episódio", "episodi",    "ep",       "eps",     "folge",
    "capitulo", "capítulo",   "cap",      "chapitre", "aflevering", "afl",      "avsnitt", "afsnit",
    "odcinek",  "odc",        "díl",      "dil",      "epizoda",    "epizod",   "epizód",  "bölüm",
    "bolum",    "серия",      "серии",    "эпизод",   "выпуск",     "серія",    "jakso",   "rész",
    "episod",   "επεισόδιο",  "tập",      "tap",      "الحلقة",     "حلقة",     "פרק",     "ตอนที่",
    "ตอน",      "エピソード", "에피소드", "episoden", "epis",       "episodul", "επ",      "сер",
    "chapter",  "capitolo",
};

constexpr std::string_view kSpecialWords[] = {
    "special",  "specials", "ova",   "ovas",       "oad",  "oav",    "sp",     "ncop",        "nced",
    "especial", "spécial",  "спешл", "спецвыпуск", "特典", "番外編", "特別編", "sonderfolge", "스페셜"};

struct NumberWord {
  std::string_view word;
  int number;
};
constexpr NumberWord kNumberWords[] = {
    {"one", 1},   {"two", 2},   {"three", 3},   {"four", 4},   {"five", 5},   {"six", 6},    {"seven", 7},
    {"eight", 8}, {"nine", 9},  {"ten", 10},    {"first", 1},  {"second", 2}, {"third", 3},  {"fourth", 4},
    {"fifth", 5}, {"sixth", 6}, {"seventh", 7}, {"eighth", 8}, {"ninth", 9},  {"tenth", 10}, {"i", 1},
    {"ii", 2},    {"iii", 3},   {"iv", 4},      {"v", 5},      {"vi", 6},
};

constexpr std::string_view kCjkDigits[] = {"〇", "一", "二", "三", "四", "五", "六", "七", "八", "九"};
constexpr std::string_view kFullWidthZero = "０";

template <std::size_t N>
bool isOneOf(const std::string_view (&words)[N], std::string_view word) {
  if (word.empty()) return false;
  return std::ranges::any_of(words, [word](std::string_view known) {
    return known.size() == word.size() && known.front() == word.front() && known == word;
  });
}

bool isSeasonWord(std::string_view word, Where where) {
  return isOneOf(kSeasonWords, word) || (where == Where::kInFolder && isOneOf(kFolderSeasonWords, word));
}

struct Read {
  int number = 0;
  std::size_t bytes = 0;  // 0: no number stands there
};

// A number of digits, of wide digits or of the signs up to ninety-nine.
Read readNumber(std::string_view text) {
  if (const std::size_t digits = countDigits(text); digits > 0) {
    return digits <= 4 ? Read{leadingNumber(text), digits} : Read{};
  }
  Read wide;
  for (std::string_view rest = text; rest.size() >= 3 && wide.bytes < 12; rest.remove_prefix(3)) {
    const int digit = static_cast<unsigned char>(rest[2]) - static_cast<unsigned char>(kFullWidthZero[2]);
    if (!rest.starts_with(kFullWidthZero.substr(0, 2)) || digit < 0 || digit > 9) break;
    wide = {wide.number * 10 + digit, wide.bytes + 3};
  }
  if (wide.bytes > 0) return wide;
  int tens = 0;
  int ones = 0;
  std::size_t bytes = 0;
  for (std::string_view rest = text; rest.size() >= 3 && bytes < 9; rest.remove_prefix(3)) {
    const std::string_view sign = rest.substr(0, 3);
    if (sign == "十") {
      tens = ones == 0 ? 1 : ones;
      ones = 0;
    } else {
      const auto* found = std::ranges::find(kCjkDigits, sign);
      if (found == std::end(kCjkDigits)) break;
      ones = static_cast<int>(found - std::begin(kCjkDigits));
    }
    bytes += 3;
  }
  return {tens * 10 + ones, bytes};
}

int wordNumber(std::string_view word) {
  if (isAllDigits(word)) return leadingNumber(word);
  for (const NumberWord& known : kNumberWords) {
    if (known.word == word) return known.number;
  }
  return -1;
}

// "1st", "2nd", "3.", "1-й": the number an ordinal says; -1: it is none.
int ordinalNumber(std::string_view word) {
  const std::size_t digits = countDigits(word);
  if (digits == 0 || digits > 4) return wordNumber(word);
  const std::string_view suffix = word.substr(digits);
  for (const std::string_view known :
       {"", "st", "nd", "rd", "th", "ª", "a", "º", "ème", "eme", "e", "er", "ere", "ère", "й"}) {
    if (suffix == known) return leadingNumber(word);
  }
  return -1;
}

std::string foldedWord(const LexedName& name, std::size_t token) {
  const std::string_view word = name.word(token);
  const bool ascii = std::ranges::all_of(word, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  return ascii ? std::string(word) : folded(word);
}

bool areNear(const LexedName& name, std::size_t left, std::size_t right) {
  if (right >= name.tokens().size()) return false;
  const Token& a = name.tokens()[left];
  const Token& b = name.tokens()[right];
  const std::string_view between = std::string_view(name.text()).substr(a.end, b.begin - a.end);
  if (between == "-") return true;
  return between.size() <= 4 && between.find_first_not_of(" ._#:") == std::string_view::npos;
}

enum class Sought { kSeason, kEpisode };

// 第2季, 제3화, 12화: the signs stand in the middle of a word.
std::optional<Counted> findCounter(std::string_view text, std::size_t from, Sought sought) {
  static constexpr std::string_view kSeasonSigns[] = {"季", "期", "部", "シーズン", "기"};
  static constexpr std::string_view kEpisodeSigns[] = {"話", "话", "集", "回", "화", "회", "夜"};
  const auto suffixed = [&](std::string_view rest) -> std::size_t {
    std::size_t spaces = 0;
    while (spaces < rest.size() && rest[spaces] == ' ') ++spaces;
    rest.remove_prefix(spaces);
    const auto signs = sought == Sought::kSeason ? std::span<const std::string_view>(kSeasonSigns)
                                                 : std::span<const std::string_view>(kEpisodeSigns);
    for (const std::string_view sign : signs) {
      if (rest.starts_with(sign)) return spaces + sign.size();
    }
    return 0;
  };
  for (std::size_t at = from; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    const bool marked = rest.starts_with("第") || rest.starts_with("제");
    const bool bare = isDigit(text[at]) && (at == 0 || !isDigit(text[at - 1]));
    if (!marked && !bare) continue;
    const std::size_t skip = marked ? 3 : 0;
    std::size_t spaces = 0;
    while (marked && skip + spaces < rest.size() && rest[skip + spaces] == ' ') ++spaces;
    const Read number = readNumber(rest.substr(skip + spaces));
    if (number.bytes == 0) continue;
    const std::size_t number_end = skip + spaces + number.bytes;
    const std::size_t suffix = suffixed(rest.substr(number_end));
    if (suffix > 0) return Counted{at, at + number_end + suffix, at + number_end, number.number};
    // 第04 alone is an episode.
    if (marked && sought == Sought::kEpisode &&
        (number_end == rest.size() || std::string_view(" ]】._-").contains(rest[number_end]))) {
      return Counted{at, at + number_end, at + number_end, number.number};
    }
  }
  return std::nullopt;
}

bool hasWide(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0xE0; });
}

bool isCountedWord(const LexedName& name, std::size_t token) {
  const std::string word = foldedWord(name, token);
  return isSeasonWord(word, Where::kInFile) || isEpisodeWord(word);
}

// The word stands between two numbers: whether the one in front is its own, as in "1. Staffel 3. Folge" and "1 сезон 2
// серия", and not as in "Show 1 Season 2 Episode 3".
bool isNumberInFront(const LexedName& name, std::size_t word) {
  if (!areNear(name, word - 1, word)) return false;
  const std::string before = foldedWord(name, word - 1);
  if (ordinalNumber(before) < 0) return false;
  const bool is_ordinal = !isAllDigits(before) && isDigit(before.front());
  const bool dotted = name.text().substr(name.tokens()[word - 1].end, 2) == ". ";
  if (is_ordinal || (dotted && isAllDigits(before))) return true;
  if (!isAllDigits(before) || !areNear(name, word + 1, word + 2) || !isCountedWord(name, word + 2))
    return false;
  return !areNear(name, word + 2, word + 3) || countDigits(name.word(word + 3)) == 0;
}

std::optional<Counted> find(const LexedName& name, std::size_t from, Sought sought, Where where) {
  if (hasWide(name.text())) {
    if (const auto counter = findCounter(name.text(), from, sought)) return counter;
  }
  const auto& tokens = name.tokens();
  const auto isWord = [&](std::string_view word) {
    return sought == Sought::kSeason ? isSeasonWord(word, where) : isEpisodeWord(word);
  };
  for (std::size_t i = name.tokenAt(from); i < tokens.size(); ++i) {
    const std::string word = foldedWord(name, i);
    const std::size_t first_digit = word.find_first_of("0123456789");
    if (first_digit == std::string::npos) {
      if (!isWord(word)) continue;
      const bool in_front = i > name.tokenAt(from) && (sought == Sought::kSeason || word.size() > 3);
      if (areNear(name, i, i + 1) && !(in_front && isNumberInFront(name, i))) {
        const std::string_view next = name.word(i + 1);
        const std::size_t digits = countDigits(next);
        const bool only_number = digits > 0 && digits <= 4 &&
                                 (digits == next.size() || !isAsciiLetter(next[digits]) ||
                                  std::string_view("vexabcdefghi").contains(next[digits]));
        const int number = only_number                 ? leadingNumber(next)
                           : sought == Sought::kSeason ? wordNumber(next)
                                                       : -1;
        if (number >= 0) {
          const std::size_t end = tokens[i + 1].begin + (only_number ? digits : next.size());
          return Counted{tokens[i].begin, end, end, number};
        }
      }
      // "04 Ep" is the start of a title rather than a number with its word.
      if (in_front && areNear(name, i - 1, i)) {
        const int number = ordinalNumber(foldedWord(name, i - 1));
        if (number >= 0) {
          const std::size_t end = tokens[i].end;
          return Counted{tokens[i - 1].begin, end, tokens[i - 1].end, number};
        }
      }
      continue;
    }
    // Without a space: "Season1", "Folge7v2", "2сезон".
    const std::string_view rest = std::string_view(word).substr(first_digit);
    const std::size_t digits = countDigits(rest);
    if (digits > 4) continue;
    const std::string_view behind = rest.substr(digits);
    if (first_digit > 0 && isWord(word.substr(0, first_digit)) &&
        (behind.empty() || std::string_view("vexabcdefghi").contains(behind.front()))) {
      const std::size_t end = std::min(tokens[i].begin + first_digit + digits, tokens[i].end);
      return Counted{tokens[i].begin, end, end, leadingNumber(rest)};
    }
    if (first_digit == 0 && !behind.empty() && isWord(behind)) {
      return Counted{tokens[i].begin, tokens[i].end, tokens[i].begin + digits, leadingNumber(rest)};
    }
  }
  return std::nullopt;
}

}  // namespace

bool isSpecialWord(std::string_view word) { return isOneOf(kSpecialWords, word); }
bool isEpisodeWord(std::string_view word) { return isOneOf(kEpisodeWords, word); }

std::optional<Counted> findSeason(const LexedName& name, std::size_t from, Where where) {
  return find(name, from, Sought::kSeason, where);
}

std::optional<Counted> findEpisode(const LexedName& name, std::size_t from) {
  return find(name, from, Sought::kEpisode, Where::kInFile);
}

}  // namespace library::naming
