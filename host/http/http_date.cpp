#include "http/http_date.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

#include "http/text.hpp"

namespace revenge::http {
namespace {

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// What four digits of a year can say.
constexpr std::int64_t kFirst = -62'167'219'200;
constexpr std::int64_t kLast = 253'402'300'799;

// Reads a date by a pattern: D, M, Y, h, m, s are digits of that part (' ' counts as a leading zero in D), NNN is the
// month's name; everything else must be equal.
struct Reader {
  unsigned day = 0, year = 0, hour = 0, minute = 0, second = 0, month = 0;

  bool digit(unsigned& part, char c, bool space_allowed) {
    if (c == ' ' && space_allowed) return true;
    if (!isDigit(c)) return false;
    part = part * 10 + static_cast<unsigned>(c - '0');
    return true;
  }

  bool read(std::string_view text, std::string_view pattern) {
    if (text.size() != pattern.size()) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (!readOne(text, i, pattern[i])) return false;
    }
    return true;
  }

  bool readOne(std::string_view text, std::size_t& i, char kind) {
    switch (kind) {
      case 'D':
        return digit(day, text[i], true);
      case 'Y':
        return digit(year, text[i], false);
      case 'h':
        return digit(hour, text[i], false);
      case 'm':
        return digit(minute, text[i], false);
      case 's':
        return digit(second, text[i], false);
      case 'N': {
        const auto* const found = std::ranges::find(kMonths, text.substr(i, 3));
        month = static_cast<unsigned>(found - kMonths.begin()) + 1;
        i += 2;
        return found != kMonths.end();
      }
      default:
        return text[i] == kind;
    }
  }

  std::optional<std::int64_t> seconds() const {
    const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                           std::chrono::month(month), std::chrono::day(day));
    if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    return std::int64_t{days} * 86400 + std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second;
  }
};

std::optional<std::int64_t> readAs(std::string_view text, std::string_view pattern) {
  Reader reader;
  if (!reader.read(text, pattern)) return std::nullopt;
  return reader.seconds();
}

std::optional<std::int64_t> readRfc850(std::string_view text) {
  const std::size_t comma = text.find(',');
  if (comma == std::string_view::npos) return std::nullopt;
  Reader reader;
  if (!reader.read(text.substr(comma), ", DD-NNN-YY hh:mm:ss GMT")) return std::nullopt;
  reader.year += reader.year < 70 ? 2000 : 1900;
  return reader.seconds();
}

void put(char*& at, std::string_view text) { at = std::copy(text.begin(), text.end(), at); }

void put(char*& at, unsigned value, int digits) {
  for (int i = digits - 1; i >= 0; --i, value /= 10) at[i] = static_cast<char>('0' + value % 10);
  at += digits;
}

}  // namespace

std::array<char, kHttpDateSize> formatHttpDate(std::int64_t unix_seconds) {
  const std::chrono::sys_seconds time{std::chrono::seconds(std::clamp(unix_seconds, kFirst, kLast))};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::array<char, kHttpDateSize> out;
  char* at = out.data();
  put(at, kDays[std::chrono::weekday(day).c_encoding()]);
  put(at, ", ");
  put(at, static_cast<unsigned>(date.day()), 2);
  put(at, " ");
  put(at, kMonths[static_cast<unsigned>(date.month()) - 1]);
  put(at, " ");
  put(at, static_cast<unsigned>(static_cast<int>(date.year())), 4);
  put(at, " ");
  put(at, static_cast<unsigned>(clock.hours().count()), 2);
  put(at, ":");
  put(at, static_cast<unsigned>(clock.minutes().count()), 2);
  put(at, ":");
  put(at, static_cast<unsigned>(clock.seconds().count()), 2);
  put(at, " GMT");
  return out;
}

std::optional<std::int64_t> parseHttpDate(std::string_view text) {
  if (text.size() == kHttpDateSize && text[3] == ',')
    return readAs(text.substr(3), ", DD NNN YYYY hh:mm:ss GMT");
  if (text.contains('-')) return readRfc850(text);
  return text.size() == 24 ? readAs(text.substr(3), " NNN DD hh:mm:ss YYYY") : std::nullopt;
}

}  // namespace revenge::http
