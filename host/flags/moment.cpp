#include "flags/moment.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>

#include <fmt/format.h>

namespace revenge::flags {
namespace {

namespace ch = std::chrono;

// Reads from the front of a text; once something did not fit, nothing does.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : left_(text) {}

  int digits(std::size_t count) {
    int number = 0;
    const std::string_view part = left_.substr(0, count);
    const bool fits =
        part.size() == count && std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    if (fits) std::from_chars(part.data(), part.data() + part.size(), number);
    return step(fits, count) ? number : 0;
  }
  bool take(std::string_view any_of) { return step(!left_.empty() && any_of.contains(left_.front()), 1); }
  bool is(char c) const { return ok_ && left_.starts_with(c); }
  std::size_t digitsAhead() const { return std::min(left_.find_first_not_of("0123456789"), left_.size()); }
  bool atEnd() const { return ok_ && left_.empty(); }

 private:
  bool step(bool fits, std::size_t count) {
    ok_ = ok_ && fits;
    if (ok_) left_.remove_prefix(count);
    return ok_;
  }

  std::string_view left_;
  bool ok_ = true;
};

ch::nanoseconds fraction(Cursor& at) {
  if (!at.is('.')) return {};
  at.take(".");
  const std::size_t count = std::clamp<std::size_t>(at.digitsAhead(), 1, 9);
  std::int64_t value = at.digits(count);
  for (std::size_t i = count; i < 9; ++i) value *= 10;
  return ch::nanoseconds(value);
}

}  // namespace

std::optional<base::WallTime> parseMoment(std::string_view text) {
  Cursor at(text);
  const int year = at.digits(4);
  at.take("-");
  const int month = at.digits(2);
  at.take("-");
  const int day = at.digits(2);
  at.take("Tt");
  const int hour = at.digits(2);
  at.take(":");
  const int minute = at.digits(2);
  at.take(":");
  const int second = at.digits(2);
  const ch::nanoseconds part = fraction(at);
  ch::minutes offset{0};
  if (at.is('+') || at.is('-')) {
    const bool isAhead = at.is('+');
    at.take("+-");
    const int hours = at.digits(2);
    at.take(":");
    const int minutes = at.digits(2);
    if (hours > 23 || minutes > 59) return std::nullopt;
    offset = ch::hours(hours) + ch::minutes(minutes);
    if (!isAhead) offset = -offset;
  } else {
    at.take("Zz");
  }
  const ch::year_month_day date{ch::year(year), ch::month(static_cast<unsigned>(month)),
                                ch::day(static_cast<unsigned>(day))};
  // Nanoseconds of 64 bits reach from 1677 to 2262.
  if (!at.atEnd() || !date.ok() || year < 1678 || year > 2261 || hour > 23 || minute > 59 || second > 60)
    return std::nullopt;
  return base::WallTime(ch::sys_days(date).time_since_epoch() + ch::hours(hour) + ch::minutes(minute) +
                        ch::seconds(std::min(second, 59)) + part - offset);
}

std::string showMoment(base::WallTime moment) {
  const auto second = ch::floor<ch::seconds>(ch::sys_time<ch::nanoseconds>(moment.time_since_epoch()));
  const auto day = ch::floor<ch::days>(second);
  const ch::year_month_day date(day);
  const ch::hh_mm_ss time(second - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace revenge::flags
