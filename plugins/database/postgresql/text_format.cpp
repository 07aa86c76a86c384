#include "postgresql/text_format.hpp"

#include <charconv>
#include <chrono>
#include <cmath>

#include <fmt/format.h>

namespace database::postgresql {

namespace {

int hexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// A number of digits at the front, which is removed.
std::optional<int> takeNumber(std::string_view& text, std::size_t most) {
  int number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + std::min(most, text.size()), number);
  if (parsed.ec != std::errc() || number < 0) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  return number;
}

bool takeChar(std::string_view& text, char wanted) {
  if (text.empty() || text[0] != wanted) return false;
  text.remove_prefix(1);
  return true;
}

}  // namespace

std::optional<std::int64_t> parseTime(std::string_view text) {
  using namespace std::chrono;
  const auto y = takeNumber(text, 6);
  if (!y || !takeChar(text, '-')) return std::nullopt;
  const auto mon = takeNumber(text, 2);
  if (!mon || !takeChar(text, '-')) return std::nullopt;
  const auto d = takeNumber(text, 2);
  if (!d || !takeChar(text, ' ')) return std::nullopt;
  const auto h = takeNumber(text, 2);
  if (!h || !takeChar(text, ':')) return std::nullopt;
  const auto min = takeNumber(text, 2);
  if (!min || !takeChar(text, ':')) return std::nullopt;
  const auto s = takeNumber(text, 2);
  if (!s) return std::nullopt;
  std::int64_t fraction = 0;
  if (takeChar(text, '.')) {
    std::int64_t unit = 100'000;
    while (!text.empty() && text[0] >= '0' && text[0] <= '9') {
      fraction += (text[0] - '0') * unit;
      unit /= 10;
      text.remove_prefix(1);
    }
  }
  std::int64_t offset_s = 0;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    const int sign = text[0] == '-' ? -1 : 1;
    text.remove_prefix(1);
    std::int64_t unit = 3600;
    do {
      const auto part = takeNumber(text, 2);
      if (!part) return std::nullopt;
      offset_s += std::int64_t{sign} * *part * unit;
      unit /= 60;
    } while (takeChar(text, ':'));
  }
  if (!text.empty()) return std::nullopt;
  const year_month_day date{year(*y), month(static_cast<unsigned>(*mon)), day(static_cast<unsigned>(*d))};
  if (!date.ok()) return std::nullopt;
  const auto days = sys_days(date).time_since_epoch();
  const auto whole = days + hours(*h) + minutes(*min) + seconds(*s) - seconds(offset_s);
  return duration_cast<microseconds>(whole).count() + fraction;
}

std::string writeTime(std::int64_t microseconds) {
  using namespace std::chrono;
  const sys_time<std::chrono::microseconds> time{std::chrono::microseconds(microseconds)};
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(time - day);
  // Years of five digits and before 1 have forms of their own, which nobody's media need.
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

std::optional<std::string> parseBytes(std::string_view text) {
  if (!text.starts_with("\\x") || text.size() % 2 != 0) return std::nullopt;
  text.remove_prefix(2);
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hexDigit(text[i]);
    const int low = hexDigit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string writeValue(const revenge_sql_value& value) {
  switch (value.kind) {
    case REVENGE_SQL_INTEGER:
      return std::to_string(value.integer);
    case REVENGE_SQL_BOOLEAN:
      return value.integer != 0 ? "t" : "f";
    case REVENGE_SQL_TIME:
      return writeTime(value.integer);
    case REVENGE_SQL_REAL:
      if (std::isnan(value.real)) return "NaN";
      if (std::isinf(value.real)) return value.real > 0 ? "Infinity" : "-Infinity";
      return fmt::format("{}", value.real);
    default:
      return value.bytes.data == nullptr ? std::string() : std::string(value.bytes.data, value.bytes.size);
  }
}

void readValue(unsigned type, std::string_view text, BlockWriter& to) {
  switch (type) {
    case kBool:
      return to.boolean(text == "t");
    case kInt2:
    case kInt4:
    case kInt8:
    case kOid: {
      std::int64_t number = 0;
      std::from_chars(text.data(), text.data() + text.size(), number);
      return to.integer(number);
    }
    case kFloat4:
    case kFloat8: {
      double number = 0;
      if (text == "NaN")
        number = std::nan("");
      else if (text.ends_with("Infinity"))
        number = text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
      else
        std::from_chars(text.data(), text.data() + text.size(), number);
      return to.real(number);
    }
    case kBytea:
      if (const auto bytes = parseBytes(text)) return to.blob(*bytes);
      return to.text(text);
    case kTimestamp:
    case kTimestamptz:
      if (const auto time = parseTime(text)) return to.time(*time);
      return to.text(text);
    default:
      return to.text(text);
  }
}

}  // namespace database::postgresql
