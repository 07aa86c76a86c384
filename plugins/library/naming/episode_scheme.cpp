#include "episode_scheme.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "counted_words.hpp"
#include "episode_numbers.hpp"
#include "loose_number.hpp"
#include "text.hpp"

namespace library::naming {
namespace {

bool startsWord(std::string_view text, std::size_t at) {
  return at == 0 || !(isDigit(text[at - 1]) || isAsciiLetter(text[at - 1]));
}

std::size_t skip(std::string_view text, std::size_t at, std::string_view characters) {
  while (at < text.size() && characters.contains(text[at])) ++at;
  return at;
}

EpisodeMatch matched(std::optional<int> season, EpisodeNumbers numbers, std::size_t begin) {
  EpisodeMatch match;
  match.season = season;
  match.episodes = std::move(numbers.numbers);
  match.version = numbers.version;
  match.sub = numbers.sub;
  match.begin = begin;
  match.end = numbers.end;
  return match;
}

// Behind the season of S01E02: where the episode's number begins; kNone: none does.
std::size_t episodeBehindSeason(std::string_view text, std::size_t at) {
  const std::size_t word = skip(text, at, " ._-[](),");
  if (word - at > 4) return kNone;
  static constexpr std::array<std::string_view, 9> kWords{"episode", "epis", "xep",   "ep", "xe",
                                                          "e",       "x",    "folge", "cap"};
  for (const std::string_view letters : kWords) {
    if (!text.substr(word).starts_with(letters)) continue;
    const std::size_t behind = word + letters.size();
    const std::size_t number = letters.size() > 1 ? skip(text, behind, " ._-") : behind;
    if (number < text.size() && isDigit(text[number]) && number - behind <= 2) return number;
  }
  // "S2 - 03" and "S02-03", of anime; two seasons of a pack are S01-S02.
  const std::size_t number = skip(text, at, " ._-");
  const std::string_view between = text.substr(at, number - at);
  if (number < text.size() && isDigit(text[number]) && between.contains('-') && between.size() <= 3 &&
      countDigits(text.substr(number)) >= 2 && countDigits(text.substr(number)) <= 3) {
    return number;
  }
  return kNone;
}

std::optional<EpisodeMatch> findSeasonEpisode(std::string_view text) {
  for (std::size_t at = text.find_first_of("st"); at != std::string_view::npos;
       at = text.find_first_of("st", at + 1)) {
    if (at + 2 >= text.size() || !startsWord(text, at)) continue;
    const std::size_t digit = at + 1 + (text[at + 1] == ' ' && text[at] == 's' ? 1U : 0U);
    const std::size_t digits = countDigits(text.substr(digit));
    if (digits == 0 || digits > 4) continue;
    const std::size_t number = episodeBehindSeason(text, digit + digits);
    if (number == kNone) continue;
    // T01E02 is Spanish; "T1-02" is no episode of anything.
    const std::size_t behind = digit + digits;
    if (text[at] == 't' && !std::string_view("xe").contains(text[behind])) continue;
    EpisodeNumbers numbers = readEpisodeNumbers(text, number);
    if (numbers.numbers.empty()) continue;
    if (isDigit(text[number - 1]) || (text[number - 1] != 'e' && isTechnicalNumber(numbers.numbers.front())))
      continue;
    return matched(leadingNumber(text.substr(digit)), std::move(numbers), at);
  }
  return std::nullopt;
}

// "Season 1 Episode 2" in any language, and the reverse: "Episode 2 Season 1", "1 сезон 2 серия".
std::optional<EpisodeMatch> findWords(const LexedName& name) {
  const auto episode = findEpisode(name);
  if (!episode) return std::nullopt;
  const std::string_view lower = name.lower();
  const std::size_t digit = episode->number_end;
  std::size_t number = digit;
  while (number > episode->begin && isDigit(lower[number - 1])) --number;
  EpisodeMatch match;
  if (number < digit) {
    EpisodeNumbers numbers = readEpisodeNumbers(lower, number);
    if (numbers.numbers.empty()) numbers = {{episode->number}, 0, 0, episode->end};
    match = matched(std::nullopt, std::move(numbers), episode->begin);
  } else {
    match = matched(std::nullopt, {{episode->number}, 0, 0, episode->end}, episode->begin);
  }
  match.end = std::max(match.end, episode->end);
  auto season = findSeason(name, 0, Where::kInFolder);
  if (season && season->begin >= match.begin && season->begin < match.end) {
    season = findSeason(name, match.end, Where::kInFolder);
  }
  // Spanish: "Cap.102" is the second of season one.
  const std::string_view word = lower.substr(episode->begin);
  const int first = match.episodes.front();
  if (word.starts_with("cap") && !word.starts_with("capi") && first > 100 && first < 10000 &&
      (!season || season->number == first / 100)) {
    match.season = first / 100;
    for (int& number_of_season : match.episodes) number_of_season %= 100;
  }
  if (season) {
    match.season = season->number;
    match.begin = std::min(match.begin, season->begin);
    match.end = std::max(match.end, season->end);
  }
  return match;
}

std::optional<EpisodeMatch> findCross(std::string_view text) {
  for (std::size_t x = text.find('x'); x != std::string_view::npos; x = text.find('x', x + 1)) {
    std::size_t begin = x;
    while (begin > 0 && isDigit(text[begin - 1])) --begin;
    if (begin == x || x - begin > 4 || !startsWord(text, begin)) continue;
    const std::size_t digits = countDigits(text.substr(x + 1));
    if (digits < 2 || digits > 3) continue;
    const int season = leadingNumber(text.substr(begin));
    const int first = leadingNumber(text.substr(x + 1));
    const bool is_size = season >= 100 && (season < 1950 || season > 2035 || first > 366);
    if (is_size) continue;
    EpisodeNumbers numbers = readEpisodeNumbers(text, x + 1);
    if (numbers.numbers.empty()) continue;
    return matched(season, std::move(numbers), begin);
  }
  return std::nullopt;
}

// E07 or EP07 alone, and #07.
std::optional<EpisodeMatch> findBareEpisode(std::string_view text) {
  for (std::size_t at = text.find_first_of("e#"); at != std::string_view::npos;
       at = text.find_first_of("e#", at + 1)) {
    if (!startsWord(text, at)) continue;
    std::size_t number = at + 1;
    if (text[at] == 'e' && number < text.size() && text[number] == 'p') ++number;
    const std::size_t digits = countDigits(text.substr(number));
    if (digits == 0 || digits > 4 ||
        (digits == 1 && text[at] == 'e' && number == at + 1 && number < text.size())) {
      if (!(digits == 1 && text[at] == 'e' &&
            (number + 1 >= text.size() || !isAsciiLetter(text[number + 1]))))
        continue;
    }
    EpisodeNumbers numbers = readEpisodeNumbers(text, number);
    if (numbers.numbers.empty()) continue;
    return matched(std::nullopt, std::move(numbers), at);
  }
  return std::nullopt;
}

void takeSeasonBefore(const LexedName& name, EpisodeMatch& match) {
  if (match.season) return;
  const auto season = findSeason(name);
  if (season && season->end <= match.begin) {
    match.season = season->number;
    match.begin = season->begin;
    return;
  }
  // "Title OVA 03"
  const std::size_t at = name.tokenAt(match.begin);
  if (match.is_absolute && at > 0 && isSpecialWord(name.word(at - 1))) {
    match.season = 0;
    match.begin = name.tokens()[at - 1].begin;
    return;
  }
  // "Title S2 [05]", "Title S2 E05"
  for (std::size_t i = 1; i < name.tokens().size() && name.tokens()[i].end <= match.begin; ++i) {
    const std::string_view word = name.word(i);
    if (word.size() < 2 || word.size() > 3 || word[0] != 's' || !isAllDigits(word.substr(1))) continue;
    match.season = leadingNumber(word.substr(1));
    match.begin = name.tokens()[i].begin;
    return;
  }
}

}  // namespace

std::optional<EpisodeMatch> findEpisodeMatch(const LexedName& name, const EpisodeContext& context) {
  const std::string_view lower = name.lower();
  if (auto match = findSeasonEpisode(lower)) return match;
  if (context.kind == LibraryKind::kShows) {
    if (const auto date = findDate(name)) {
      EpisodeMatch match;
      match.date = date->date;
      match.begin = date->begin;
      match.end = date->end;
      return match;
    }
  }
  auto words = findWords(name);
  if (words && words->season) return words;
  if (auto match = findCross(lower)) return match;
  if (words && (context.kind == LibraryKind::kShows || context.folder_season)) {
    takeSeasonBefore(name, *words);
    return words;
  }
  if (context.kind == LibraryKind::kMixed && !context.folder_season) return std::nullopt;
  auto match = findBareEpisode(lower);
  if (!match) match = findLooseNumber(name, context);
  if (match) takeSeasonBefore(name, *match);
  return match;
}

}  // namespace library::naming
