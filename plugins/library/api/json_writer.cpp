#include "api/json_writer.hpp"

#include <algorithm>
#include <chrono>

#include "naming/text.hpp"

namespace library::api {

namespace {

void appendDigits(std::string& out, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  out.append(width > digits.size() ? width - digits.size() : 0, '0');
  out += digits;
}

}  // namespace

void JsonWriter::name(std::string_view key) {
  if (!first_) out_ += ',';
  first_ = false;
  if (key.empty()) return;
  quoted(key);
  out_ += ':';
}

void JsonWriter::quoted(std::string_view utf8) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  out_ += '"';
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (byte < 0x20) {
      out_ += "\\u00";
      out_ += kDigits[byte >> 4U];
      out_ += kDigits[byte & 0xFU];
    } else {
      out_ += c;
    }
  }
  out_ += '"';
}

void JsonWriter::text(std::string_view key, std::string_view value) {
  name(key);
  if (naming::isUtf8(value)) return quoted(value);
  quoted(naming::displayForm(value));
}

void JsonWriter::number(std::string_view key, std::int64_t value) {
  name(key);
  out_ += std::to_string(value);
}

void JsonWriter::boolean(std::string_view key, bool value) {
  name(key);
  out_ += value ? "true" : "false";
}

void JsonWriter::moment(std::string_view key, std::int64_t unix_us) {
  name(key);
  quoted(momentText(unix_us));
}

void JsonWriter::raw(std::string_view key, std::string_view json) {
  name(key);
  out_ += json;
}

std::string momentText(std::int64_t unix_us) {
  using namespace std::chrono;
  constexpr sys_days kFirst = year(0) / 1 / 1;
  constexpr sys_days kPast = year(10000) / 1 / 1;
  const sys_time<microseconds> asked{microseconds(unix_us)};
  const auto at =
      std::clamp(asked, sys_time<microseconds>(kFirst), sys_time<microseconds>(kPast) - microseconds(1));
  const auto day = floor<days>(at);
  const year_month_day date(day);
  const hh_mm_ss<milliseconds> time(floor<milliseconds>(at - day));
  std::string out;
  appendDigits(out, int(date.year()), 4);
  out += '-';
  appendDigits(out, unsigned(date.month()), 2);
  out += '-';
  appendDigits(out, unsigned(date.day()), 2);
  out += 'T';
  appendDigits(out, time.hours().count(), 2);
  out += ':';
  appendDigits(out, time.minutes().count(), 2);
  out += ':';
  appendDigits(out, time.seconds().count(), 2);
  out += '.';
  appendDigits(out, time.subseconds().count(), 3);
  return out += 'Z';
}

}  // namespace library::api
