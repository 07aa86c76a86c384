#include "loose_number.hpp"

#include <algorithm>
#include <string_view>

#include "episode_numbers.hpp"
#include "text.hpp"
#include "title_span.hpp"

namespace library::naming {
namespace {

bool isSpace(char c) { return c == ' ' || c == '_' || c == '.'; }

std::string_view between(const LexedName& name, std::size_t from, std::size_t to) {
  return std::string_view(name.text()).substr(from, to - from);
}

// A dash with a space, a dot or an underscore on both sides.
bool isSpacedDash(std::string_view gap) {
  return gap.size() >= 3 && isSpace(gap.front()) && isSpace(gap.back()) && gap.contains('-') &&
         gap.size() <= 5;
}

// The token is a number that may count: digits, perhaps with a version or a letter, no size and no year.
bool mayCount(const LexedName& name, std::size_t token) {
  const std::string_view word = name.word(token);
  const std::size_t digits = countDigits(word);
  if (digits == 0 || digits > 4) return false;
  if (word.size() > digits) {
    const std::string_view rest = word.substr(digits);
    const bool version = rest.size() == 2 && rest[0] == 'v' && isDigit(rest[1]);
    const bool letter = rest.size() == 1 && rest[0] >= 'a' && rest[0] <= 'd' && digits >= 2;
    if (!version && !letter) return false;
  }
  if (name.isTag(token, Strength::kStrong)) return false;
  const int number = leadingNumber(word);
  if (isTechnicalNumber(number)) return false;
  return digits < 4 || !isYear(name, token);
}

std::optional<EpisodeMatch> matchAt(const LexedName& name, std::size_t token) {
  EpisodeNumbers numbers = readEpisodeNumbers(name.lower(), name.tokens()[token].begin);
  if (numbers.numbers.empty()) return std::nullopt;
  EpisodeMatch match;
  match.is_absolute = true;
  match.episodes = std::move(numbers.numbers);
  match.version = numbers.version;
  match.sub = numbers.sub;
  match.begin = name.tokens()[token].begin;
  match.end = numbers.end;
  return match;
}

// "02 - Title" and "02. Title": what a folder of a season, or of a show, holds.
std::optional<EpisodeMatch> findLeading(const LexedName& name, const EpisodeContext& context) {
  const auto& tokens = name.tokens();
  if (tokens.empty() || tokens[0].begin != 0 || !mayCount(name, 0)) return std::nullopt;
  if (comparisonKey(name.word(0)) == context.show_key) return std::nullopt;
  auto match = matchAt(name, 0);
  if (!match) return std::nullopt;
  const std::size_t next = name.tokenAt(match->end);
  if (next == tokens.size()) return match;
  const std::string_view gap = between(name, match->end, tokens[next].begin);
  if (gap.contains('-') || gap.starts_with(". ") || gap.starts_with(") ") || context.folder_season)
    return match;
  return std::nullopt;
}

// [21], [04v2], [12 END], [01-12]: the last such bracket before the tags.
std::optional<EpisodeMatch> findBracketed(const LexedName& name) {
  const auto& tokens = name.tokens();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!name.opensBracket(i) || tokens[i].bracket == '{' || !mayCount(name, i)) continue;
    if (tokens[i].bracket == '(' &&
        (i + 1 < tokens.size() && tokens[i + 1].group_begin == tokens[i].group_begin))
      continue;
    const auto match = matchAt(name, i);
    if (!match) continue;
    const std::string_view rest =
        trimmed(between(name, match->end, tokens[i].group_end), " _-])\xE3\x80\x91");
    if (!rest.empty() && !equalsIgnoringCase(rest, "end") && rest != "完" && !equalsIgnoringCase(rest, "fin"))
      continue;
    return match;
  }
  return std::nullopt;
}

// "Title - 02": before a bracket, a tag, another dash or the end rather than before a word.
std::optional<EpisodeMatch> findDashed(const LexedName& name) {
  const auto& tokens = name.tokens();
  std::optional<EpisodeMatch> before_word;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i].bracket != 0 || !mayCount(name, i)) continue;
    const std::size_t previous_end = std::max(tokens[i - 1].end, tokens[i - 1].group_end);
    std::string_view gap = between(name, previous_end, tokens[i].begin);
    while (!gap.empty() && !isSpace(gap.front())) gap.remove_prefix(1);  // "Title! - 02"
    if (!isSpacedDash(gap)) continue;
    auto match = matchAt(name, i);
    if (!match) continue;
    const std::size_t next = name.tokenAt(match->end);
    const bool certain = next >= tokens.size() || tokens[next].bracket != 0 || name.isTag(next) ||
                         isSpacedDash(between(name, match->end, tokens[next].begin)) ||
                         name.word(next) == "end";
    if (certain) return match;
    if (!before_word) before_word = std::move(match);
  }
  return before_word;
}

// The season of "title.102" where a folder or the look of a release confirms it.
void splitSeason(const LexedName& name, const EpisodeContext& context, EpisodeMatch& match) {
  const int number = match.episodes.front();
  if (match.episodes.size() != 1 || number < 101 || number > 9999 || number % 100 == 0) return;
  const std::size_t next = name.tokenAt(match.end);
  const bool released = number < 1000 && next < name.tokens().size() && name.tokens()[next].bracket == 0 &&
                        name.isTag(next) && name.text()[match.end] == '.';
  if (context.folder_season ? *context.folder_season != number / 100 : !released) return;
  match.season = number / 100;
  match.episodes.front() = number % 100;
  match.is_absolute = false;
}

std::optional<EpisodeMatch> findLast(const LexedName& name, const EpisodeContext& context) {
  const auto& tokens = name.tokens();
  std::size_t limit = 0;
  const std::size_t first = firstTitleToken(name, tokens.size());
  for (limit = first; limit < tokens.size(); ++limit) {
    if (name.isTag(limit, Strength::kStrong) || (tokens[limit].bracket != 0 && limit > first)) break;
  }
  for (std::size_t i = limit; i > first;) {
    --i;
    if (!mayCount(name, i)) continue;
    // "Title 2 Part" goes on; "Title 02 Words" counts with two digits at least.
    const std::string_view word = name.word(i);
    const bool at_end = i + 1 == limit || name.isTag(i + 1);
    if (!at_end && countDigits(word) < 2) continue;
    if (i == first && !context.folder_season && !at_end) continue;
    auto match = matchAt(name, i);
    if (!match) continue;
    splitSeason(name, context, *match);
    return match;
  }
  return std::nullopt;
}

}  // namespace

std::optional<EpisodeMatch> findLooseNumber(const LexedName& name, const EpisodeContext& context) {
  auto match = findLeading(name, context);
  if (match && context.folder_season) {
    splitSeason(name, context, *match);
    return match;
  }
  if (auto bracketed = findBracketed(name)) return bracketed;
  if (match) return match;
  if (auto dashed = findDashed(name)) {
    if (context.folder_season) splitSeason(name, context, *dashed);
    return dashed;
  }
  if (context.kind == LibraryKind::kMixed) return std::nullopt;
  return findLast(name, context);
}

}  // namespace library::naming
