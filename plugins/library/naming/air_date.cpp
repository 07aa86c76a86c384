#include "air_date.hpp"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "text.hpp"
#include "title_span.hpp"

namespace library::naming {
namespace {

constexpr std::string_view kMonths[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};

bool isReal(const Date& date) {
  if (date.year < 1900 || date.year > kLastYear) return false;
  return std::chrono::year_month_day(std::chrono::year(date.year),
                                     std::chrono::month(static_cast<unsigned>(std::max(0, date.month))),
                                     std::chrono::day(static_cast<unsigned>(std::max(0, date.day))))
      .ok();
}

int number(std::string_view word, std::size_t least, std::size_t most) {
  return word.size() >= least && word.size() <= most && isAllDigits(word) ? leadingNumber(word) : -1;
}

// "24th" of a day.
int dayNumber(std::string_view word) {
  const std::size_t digits = countDigits(word);
  const std::string_view suffix = word.substr(digits);
  if (!suffix.empty() && suffix != "th" && suffix != "st" && suffix != "nd" && suffix != "rd") return -1;
  return number(word.substr(0, digits), 1, 2);
}

int monthNumber(std::string_view word) {
  if (word.size() < 3) return -1;
  for (std::size_t i = 0; i < std::size(kMonths); ++i) {
    if (kMonths[i] == word || (word.size() <= 4 && kMonths[i].starts_with(word)))
      return static_cast<int>(i) + 1;
  }
  return -1;
}

std::optional<Date> read(std::string_view a, std::string_view b, std::string_view c,
                         std::string_view separators) {
  const auto checked = [](Date date) { return isReal(date) ? std::optional(date) : std::nullopt; };
  if (const int month = monthNumber(b); month > 0) {
    if (const auto date = checked({number(c, 4, 4), month, dayNumber(a)})) return date;
    return checked({number(a, 4, 4), month, dayNumber(c)});
  }
  if (const int month = monthNumber(a); month > 0) return checked({number(c, 4, 4), month, dayNumber(b)});
  // Between words of a title spaces separate anything: there both digits must be written.
  const std::size_t least = separators.contains(' ') ? 2 : 1;
  if (const auto date = checked({number(a, 4, 4), number(b, least, 2), number(c, least, 2)})) return date;
  if (const auto date = checked({number(c, 4, 4), number(b, least, 2), number(a, least, 2)})) return date;
  return checked({number(c, 4, 4), number(a, least, 2), number(b, least, 2)});
}

std::optional<Date> readCompact(std::string_view word) {
  if (word.size() != 8 || !isAllDigits(word)) return std::nullopt;
  const Date date{leadingNumber(word.substr(0, 4)), leadingNumber(word.substr(4, 2)),
                  leadingNumber(word.substr(6, 2))};
  return isReal(date) ? std::optional(date) : std::nullopt;
}

// 2026年01月10日
std::optional<FoundDate> readSigns(const LexedName& name) {
  const std::string_view text = name.text();
  const std::size_t year = text.find("年");
  if (year == std::string_view::npos || year < 4) return std::nullopt;
  const std::size_t month = text.find("月", year);
  const std::size_t day = text.find("日", year);
  if (month == std::string_view::npos || day == std::string_view::npos || day < month) return std::nullopt;
  const Date date{number(text.substr(year - 4, 4), 4, 4),
                  number(text.substr(year + 3, month - year - 3), 1, 2),
                  number(text.substr(month + 3, day - month - 3), 1, 2)};
  if (!isReal(date)) return std::nullopt;
  return FoundDate{date, year - 4, day + 3};
}

}  // namespace

std::optional<FoundDate> findDate(const LexedName& name) {
  const auto& tokens = name.tokens();
  const std::string_view text = name.text();
  for (std::size_t i = 0; i + 2 < tokens.size(); ++i) {
    const std::string_view first = text.substr(tokens[i].end, tokens[i + 1].begin - tokens[i].end);
    const std::string_view second = text.substr(tokens[i + 1].end, tokens[i + 2].begin - tokens[i + 1].end);
    if (first.size() > 2 || second.size() > 2) continue;
    const auto date = read(name.word(i), name.word(i + 1), name.word(i + 2), first);
    if (date) return FoundDate{*date, tokens[i].begin, tokens[i + 2].end};
  }
  if (const auto date = readSigns(name)) return date;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].word != nullptr) continue;  // a checksum may be all digits
    if (const auto date = readCompact(name.word(i))) return FoundDate{*date, tokens[i].begin, tokens[i].end};
  }
  return std::nullopt;
}

}  // namespace library::naming
