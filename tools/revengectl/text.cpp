#include "revengectl/text.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>

#include <fmt/format.h>

namespace revenge::ctl {

namespace {

using document::Value;

struct Character {
  char32_t point = 0;
  std::size_t size = 0;  // 0: no UTF-8
};

Character firstOf(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return {lead, 1};
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
  char32_t point = lead & (0x7FU >> size);
  for (const char c : text.substr(1, size - 1)) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0U) != 0x80) return {};
    point = point << 6U | (byte & 0x3FU);
  }
  constexpr char32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool surrogate = point >= 0xD800 && point <= 0xDFFF;
  if (point < kSmallest[size] || point > 0x10FFFF || surrogate) return {};
  return {point, size};
}

bool misleads(char32_t point) {
  const bool control = point < 0x20 || (point >= 0x7F && point < 0xA0);
  const bool separator = point == 0x2028 || point == 0x2029;
  const bool bidirectional = point == 0x061C || point == 0x200E || point == 0x200F ||
                             (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
  return control || separator || bidirectional;
}

// Of escaped text: characters, which is columns for what plugins are called.
std::size_t widthOf(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

std::tm localFields(double unix_seconds) {
  constexpr double kFurthest = 253402300799.0;  // the year 9999
  const double bounded = std::isfinite(unix_seconds) ? std::clamp(unix_seconds, 0.0, kFurthest) : 0.0;
  const auto seconds = static_cast<std::time_t>(bounded);
  std::tm fields{};
  (void)::localtime_r(&seconds, &fields);
  return fields;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string shown;
  while (!text.empty()) {
    const Character character = firstOf(text);
    if (character.size == 0) {
      shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else if (character.point == '\n') {
      shown += "\\n";
    } else if (misleads(character.point)) {
      shown += character.point < 0x80 ? fmt::format("\\x{:02x}", static_cast<unsigned>(character.point))
                                      : fmt::format("\\u{{{:x}}}", static_cast<unsigned>(character.point));
    } else {
      shown += text.substr(0, character.size);
    }
    text.remove_prefix(std::max<std::size_t>(character.size, 1));
  }
  return shown;
}

Colours coloursFor(Output output, const char* no_color, const char* term) {
  const bool unwanted = no_color != nullptr && *no_color != '\0';
  const bool dumb = term == nullptr || *term == '\0' || std::string_view(term) == "dumb";
  return output == Output::kOther || unwanted || dumb ? Colours::kOff : Colours::kOn;
}

std::string toned(std::string_view text, Tone tone, Colours colours) {
  if (colours == Colours::kOff || tone == Tone::kPlain || text.empty()) return std::string(text);
  const int code = tone == Tone::kGood ? 32 : tone == Tone::kWarning ? 33 : tone == Tone::kBad ? 31 : 2;
  return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

Tone toneOf(std::string_view state) {
  if (state == "running") return Tone::kGood;
  if (state == "disabled" || state == "retired") return Tone::kFaint;
  if (state == "failed" || state == "refused" || state == "stuck" || state == "quarantined")
    return Tone::kBad;
  return Tone::kWarning;
}

std::string table(const std::vector<std::vector<Cell>>& rows, Colours colours) {
  std::vector<std::vector<std::string>> shown;
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    auto& cells = shown.emplace_back();
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      cells.push_back(escaped(row[i].text));
      widths[i] = std::max(widths[i], widthOf(cells[i]));
    }
  }
  std::string text;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    std::string line = " ";
    std::size_t padding = 1;
    for (std::size_t i = 0; i < shown[r].size(); ++i) {
      if (shown[r][i].empty()) {
        padding += widths[i] + 2;
        continue;
      }
      line.append(padding, ' ');
      line += toned(shown[r][i], rows[r][i].tone, colours);
      padding = widths[i] - widthOf(shown[r][i]) + 2;
    }
    text += line + "\n";
  }
  return text;
}

std::string textOf(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr && found->text() != nullptr ? escaped(*found->text()) : "";
}

std::string rawText(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr && found->text() != nullptr ? *found->text() : "";
}

std::int64_t integerOf(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr ? found->integer().value_or(0) : 0;
}

double numberOf(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr ? found->number().value_or(0) : 0;
}

bool flagOf(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  return found != nullptr && found->boolean().value_or(false);
}

const document::Array& arrayOf(const Value& object, std::string_view key) {
  static const document::Array kNone;
  const Value* const found = object.find(key);
  return found != nullptr && found->array() != nullptr ? *found->array() : kNone;
}

std::string joined(const document::Array& texts, std::string_view separator) {
  std::string all;
  for (const Value& value : texts) {
    if (value.text() == nullptr) continue;
    if (!all.empty()) all += separator;
    all += escaped(*value.text());
  }
  return all;
}

std::string duration(double ms) {
  constexpr double kSecond = 1000;
  return ms < kSecond ? fmt::format("{:.0f} ms", ms) : fmt::format("{:.2f} s", ms / kSecond);
}

std::string localTime(double unix_seconds) {
  const std::tm at = localFields(unix_seconds);
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", at.tm_year + 1900, at.tm_mon + 1, at.tm_mday,
                     at.tm_hour, at.tm_min, at.tm_sec);
}

std::string localTimeOfDay(double unix_seconds) {
  const std::tm at = localFields(unix_seconds);
  double whole = 0;
  const double part = std::isfinite(unix_seconds) ? std::modf(std::max(unix_seconds, 0.0), &whole) : 0;
  return fmt::format("{:02}:{:02}:{:02}.{:03}", at.tm_hour, at.tm_min, at.tm_sec,
                     static_cast<int>(part * 1000));
}

}  // namespace revenge::ctl
