#include "title_span.hpp"

#include <algorithm>
#include <string_view>

#include "text.hpp"

namespace library::naming {
namespace {

bool isNumber(const LexedName& name, std::size_t token, std::size_t digits) {
  if (token >= name.tokens().size()) return false;
  const std::string_view word = name.word(token);
  return word.size() == digits && isAllDigits(word);
}

bool isMonthAndDay(std::string_view month, std::string_view day) {
  const int m = leadingNumber(month);
  const int d = leadingNumber(day);
  return m >= 1 && m <= 12 && d >= 1 && d <= 31;
}

bool isYearNumber(std::string_view word) {
  if (word.size() != 4 || !isAllDigits(word)) return false;
  const int value = leadingNumber(word);
  return value >= kFirstYear && value <= kLastYear;
}

// Tags alone stand from the token to the limit, or to a strong one.
bool tagsFollow(const LexedName& name, std::size_t from, std::size_t limit) {
  std::size_t at = from;
  while (at < limit && name.isTag(at)) {
    if (name.isTag(at, Strength::kStrong)) return true;
    ++at;
  }
  if (at < limit && at > from && isYearNumber(name.word(at))) return false;
  if (at < limit) return false;
  const auto ends_alone = [&](std::size_t token) {
    const Tag tag = name.tokens()[token].word->tag;
    return tag == Tag::kEdition || tag == Tag::kThreeD;
  };
  for (std::size_t i = from; i < limit; ++i) {
    if (ends_alone(i)) return true;
  }
  return limit - from >= 2;
}

// An edition written before the year; a short or a common word there belongs to the title.
bool isEditionBeforeYear(const LexedName& name, std::size_t token, std::size_t year) {
  for (std::size_t i = token; i < year; ++i) {
    const ReleaseWord* word = name.tokens()[i].word;
    if (word == nullptr || word->tag != Tag::kEdition || word->words.size() < 4 ||
        word->words.ends_with("final cut")) {
      return false;
    }
  }
  return true;
}

std::size_t findTitleEnd(const LexedName& name, std::size_t first, std::size_t limit, bool before_year) {
  const auto& tokens = name.tokens();
  for (std::size_t i = first + 1; i < limit; ++i) {
    if (name.isTag(i, Strength::kStrong) && tokens[i].phrase_tokens > 0) return i;
    if (name.opensBracket(i) && tokens[i].bracket != '(' &&
        tokens[i].group_begin != tokens[first].group_begin) {
      return i;
    }
    if (!name.isTag(i) || tokens[i].phrase_tokens == 0) continue;
    if (before_year ? isEditionBeforeYear(name, i, limit) : tagsFollow(name, i, limit)) return i;
  }
  return limit;
}

// A bracket whose first word is a year: (2019), [2019], (2019, restored), (1996-2007).
std::size_t bracketedYear(const LexedName& name, std::size_t first, std::size_t limit) {
  for (std::size_t i = first; i < limit; ++i) {
    if (name.opensBracket(i) && isYearNumber(name.word(i)) && !isInDate(name, i)) return i;
  }
  // "(Restored 2019)", "(US 2004)"
  for (std::size_t i = first + 1; i < limit; ++i) {
    const Token& token = name.tokens()[i];
    const bool closes = token.bracket == '(' && (i + 1 == name.tokens().size() ||
                                                 name.tokens()[i + 1].group_begin != token.group_begin);
    if (closes && isYearNumber(name.word(i)) && !isInDate(name, i)) return i;
  }
  return kNone;
}

std::size_t plainYear(const LexedName& name, std::size_t first, std::size_t limit) {
  std::size_t found = kNone;
  bool behind_tags = false;
  for (std::size_t i = first + 1; i < limit; ++i) {
    behind_tags = behind_tags || name.isTag(i, Strength::kStrong);
    if (name.tokens()[i].bracket != 0 || !isYear(name, i)) continue;
    if (behind_tags && found != kNone) break;
    found = i;
    if (behind_tags) break;
  }
  return found;
}

bool isTopDomain(std::string_view word) {
  constexpr std::string_view kDomains[] = {"com", "org", "net", "info", "to",  "me",  "tv", "cc",
                                           "se",  "ws",  "xyz", "site", "lol", "mx",  "ms", "vip",
                                           "la",  "de",  "ru",  "pl",   "it",  "biz", "io"};
  return std::ranges::find(kDomains, word) != std::end(kDomains);
}

bool isSpacedDashBehind(const LexedName& name, std::size_t token) {
  const std::size_t end = name.tokens()[token].group_end;
  return std::string_view(name.text()).substr(end).starts_with(" - ");
}

std::string titleText(const LexedName& name, std::size_t first, std::size_t end) {
  const auto& tokens = name.tokens();
  if (first >= end) return {};
  // What no word holds, "$" or "...", belongs to the first.
  std::size_t begin = tokens[first].group_begin;
  if (first == 0) begin = 0;
  if (first > 0 && tokens[first - 1].bracket != 0) begin = std::min(begin, tokens[first - 1].group_end);
  std::size_t stop = name.text().size();
  if (end < tokens.size()) {
    stop = tokens[end].bracket != 0 && tokens[end].group_begin != tokens[first].group_begin &&
                   (end == 0 || tokens[end - 1].group_begin != tokens[end].group_begin)
               ? tokens[end].group_begin
               : tokens[end].begin;
  }
  std::string_view text = std::string_view(name.text()).substr(begin, stop - begin);
  // What an opening bracket left over: "Film (", "Film [".
  while (!text.empty() && std::string_view("([{").contains(text.back())) text.remove_suffix(1);
  // The dot in front of a tag separates; the one of "Inc. (2001)" has a space behind it.
  const bool cut_at_word = end < tokens.size() && stop == tokens[end].begin;
  if (cut_at_word) text = text.substr(0, text.find_last_not_of("._-") + 1);
  return asTitle(text);
}

}  // namespace

bool isInDate(const LexedName& name, std::size_t token) {
  if (!isYearNumber(name.word(token))) return false;
  if (isNumber(name, token + 1, 2) && isNumber(name, token + 2, 2) &&
      isMonthAndDay(name.word(token + 1), name.word(token + 2))) {
    return true;
  }
  return token >= 2 && isNumber(name, token - 1, 2) && isNumber(name, token - 2, 2) &&
         isMonthAndDay(name.word(token - 1), name.word(token - 2));
}

bool isYear(const LexedName& name, std::size_t token) {
  const std::size_t end = name.tokens()[token].end;
  if (end < name.text().size() && name.text()[end] == '%') return false;
  return isYearNumber(name.word(token)) && !isInDate(name, token);
}

std::size_t firstTitleToken(const LexedName& name, std::size_t limit) {
  const auto& tokens = name.tokens();
  std::size_t first = 0;
  while (first < limit && (tokens[first].bracket == '[' || name.isTag(first, Strength::kStrong)) &&
         !isYearNumber(name.word(first))) {
    ++first;
  }
  bool only_number = first < limit;
  for (std::size_t i = first; i < limit && only_number; ++i) {
    if (tokens[i].bracket != 0 || name.isTag(i)) break;
    only_number = isAllDigits(name.word(i)) && !isYearNumber(name.word(i));
  }
  if (first >= limit || only_number || tokens[first].bracket == '(') first = 0;
  if (first < limit && name.word(first) == "www") {
    for (std::size_t i = first + 1; i + 1 < limit && i < first + 5; ++i) {
      if (isTopDomain(name.word(i))) return i + 1;
    }
  }
  return first;
}

TitleSpan readTitle(const LexedName& name, std::size_t limit) {
  limit = std::min(limit, name.tokens().size());
  TitleSpan span;
  span.first = firstTitleToken(name, limit);
  span.end = span.rest = limit;
  if (span.first >= limit) {
    if (limit == name.tokens().size()) span.title = asTitle(name.text());
    return span;
  }
  if (const std::size_t bracket = name.titleBracket(); bracket != kNone && bracket > 0 && bracket < limit) {
    span.first = bracket;
    span.end = bracket + 1;
    while (span.end < limit && name.tokens()[span.end].group_begin == name.tokens()[bracket].group_begin)
      ++span.end;
    span.title = asTitle(name.inBracket(bracket));
    span.rest = span.end;
    if (const std::size_t year = bracketedYear(name, span.end, limit); year != kNone)
      span.year = leadingNumber(name.word(year));
    return span;
  }
  std::size_t year = bracketedYear(name, span.first, limit);
  const bool leads = year == span.first && name.tokens()[year].group_end < name.text().size() &&
                     year + 1 < limit && !name.isTag(year + 1, Strength::kStrong);
  const bool leads_plain = year == kNone && isYear(name, span.first) && span.first + 1 < limit &&
                           isSpacedDashBehind(name, span.first) &&
                           plainYear(name, span.first, limit) == kNone;
  if (leads || leads_plain) {
    const std::size_t leading = leads ? year : span.first;
    const std::size_t next = bracketedYear(name, leading + 1, limit);
    if (next == kNone) {
      span.year = leadingNumber(name.word(leading));
      span.first = leading + 1;
      span.end = span.rest = findTitleEnd(name, span.first, limit, false);
      span.title = titleText(name, span.first, span.end);
      return span;
    }
    year = next;
  }
  if (year == kNone || year == span.first) year = plainYear(name, span.first, limit);
  if (year != kNone && year > span.first) {
    span.year = leadingNumber(name.word(year));
    std::size_t bound = year;
    while (bound > span.first + 1 && name.tokens()[bound - 1].group_begin == name.tokens()[year].group_begin)
      --bound;
    span.end = findTitleEnd(name, span.first, bound, true);
    span.rest = span.end < bound ? span.end : year + 1;
  } else {
    span.end = span.rest = findTitleEnd(name, span.first, limit, false);
  }
  span.title = titleText(name, span.first, span.end);
  return span;
}

}  // namespace library::naming
