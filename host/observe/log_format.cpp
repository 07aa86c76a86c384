#include "observe/log_format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <type_traits>

#include <fmt/format.h>

#include "observe/utf8.hpp"

namespace revenge::observe {

namespace {

constexpr std::string_view kPluginPrefix = "plugin/";

void appendTime(std::string& out, base::WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<std::chrono::microseconds>(time - day));
  fmt::format_to(std::back_inserter(out), "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                 static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                 clock.seconds().count(), clock.subseconds().count());
}

// The one letter after a backslash that both formats share, or 0.
char shortEscape(char32_t point) {
  switch (point) {
    case U'\n':
      return 'n';
    case U'\r':
      return 'r';
    case U'\t':
      return 't';
    case U'"':
      return '"';
    case U'\\':
      return '\\';
    default:
      return 0;
  }
}

enum class Escapes : std::uint8_t { kText, kJson };

void appendCharacter(std::string& out, std::string_view bytes, const Utf8Step& step, Escapes escapes) {
  const auto to = std::back_inserter(out);
  if (!step.valid) {
    if (escapes == Escapes::kJson)
      out += "\xEF\xBF\xBD";
    else
      fmt::format_to(to, "\\x{:02x}", static_cast<unsigned>(step.point));
  } else if (const char letter = shortEscape(step.point)) {
    out += '\\';
    out += letter;
  } else if (isUnprintable(step.point)) {
    fmt::format_to(to, "\\u{:04x}", static_cast<unsigned>(step.point));
  } else {
    out += bytes;
  }
}

void appendQuoted(std::string& out, std::string_view text, Escapes escapes) {
  const std::string_view kept = cutAt(text, kMaxLogValueBytes);
  out += '"';
  for (std::string_view rest = kept; !rest.empty();) {
    const Utf8Step step = firstCharacter(rest);
    appendCharacter(out, rest.substr(0, step.length), step, escapes);
    rest.remove_prefix(step.length);
  }
  if (kept.size() < text.size()) out += "...";
  out += '"';
}

enum class Spaces : std::uint8_t { kQuoted, kBare };

// Whether a reader could take the bare text for something else than it is.
bool needsQuotes(std::string_view text, Spaces spaces) {
  if (text.empty() || text.size() > kMaxLogValueBytes || text.front() == ' ' || text.back() == ' ')
    return true;
  return std::ranges::any_of(text, [&](char c) {
    return static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F || c == '"' ||
           c == '=' || c == '\\' || (c == ' ' && spaces == Spaces::kQuoted);
  });
}

void appendBare(std::string& out, std::string_view text, Spaces spaces = Spaces::kQuoted) {
  if (needsQuotes(text, spaces))
    appendQuoted(out, text, Escapes::kText);
  else
    out += text;
}

void appendDuration(std::string& out, base::Duration duration) {
  static constexpr std::array<std::pair<std::int64_t, std::string_view>, 3> kUnits{
      {{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}}};
  const auto count = duration.count();
  for (const auto& [size, unit] : kUnits) {
    if (count < size && count > -size) continue;
    fmt::format_to(std::back_inserter(out), "{:.7g}{}",
                   static_cast<double>(count) / static_cast<double>(size), unit);
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}ns", count);
}

struct TextValue {
  std::string& out;
  void operator()(std::string_view v) const { appendBare(out, v); }
  void operator()(base::Duration v) const { appendDuration(out, v); }
  void operator()(auto v) const { fmt::format_to(std::back_inserter(out), "{}", v); }
};

struct JsonValue {
  std::string& out;
  void operator()(std::string_view v) const { appendQuoted(out, v, Escapes::kJson); }
  void operator()(base::Duration v) const { fmt::format_to(std::back_inserter(out), "{}", v.count()); }
  void operator()(double v) const {
    const std::string_view quote = std::isfinite(v) ? "" : "\"";  // JSON knows no NaN
    fmt::format_to(std::back_inserter(out), "{}{}{}", quote, v, quote);
  }
  void operator()(auto v) const { fmt::format_to(std::back_inserter(out), "{}", v); }
};

// Calls `put` for each attribute that a later one does not hide; returns how many were beyond the limit.
template <typename Put>
std::size_t eachAttribute(const LogRecord& record, Put put) {
  const std::size_t bound = std::min(record.bound.size(), kMaxLogAttributes);
  const std::size_t own = std::min(record.attributes.size(), kMaxLogAttributes - bound);
  const auto at = [&](std::size_t i) -> const Attribute& {
    return i < bound ? record.bound[i] : record.attributes[i - bound];
  };
  for (std::size_t i = 0; i < bound + own; ++i) {
    bool hidden = false;
    for (std::size_t j = i + 1; j < bound + own && !hidden; ++j) hidden = at(j).key == at(i).key;
    if (!hidden) put(at(i));
  }
  return record.bound.size() + record.attributes.size() - bound - own;
}

std::string_view upperName(Level level) {
  static constexpr std::array<std::string_view, 7> kNames{"TRACE", "DEBUG", "INFO",  "WARN",
                                                          "ERROR", "OFF",   "BREACH"};
  return kNames[static_cast<std::size_t>(level)];
}

void appendTextAttribute(std::string& out, const Attribute& attribute) {
  out += ' ';
  appendBare(out, attribute.key);
  out += '=';
  std::visit(TextValue{out}, attribute.value);
}

void appendJsonField(std::string& out, std::string_view name, std::string_view value) {
  out += ",\"";
  out += name;
  out += "\":";
  appendQuoted(out, value, Escapes::kJson);
}

}  // namespace

void appendText(std::string& out, const LogRecord& record) {
  appendTime(out, record.time);
  fmt::format_to(std::back_inserter(out), " {:<6} ", upperName(record.level));
  const std::size_t column = out.size();
  appendBare(out, record.component);
  out.resize(std::max(out.size(), column + 14), ' ');
  out += ' ';
  appendBare(out, record.message, Spaces::kBare);
  const std::size_t dropped =
      eachAttribute(record, [&](const Attribute& attribute) { appendTextAttribute(out, attribute); });
  if (dropped > 0) appendTextAttribute(out, {"attributes_dropped", dropped});
  if (!record.request.empty()) appendTextAttribute(out, {"request", record.request});
  if (!record.trace.empty()) appendTextAttribute(out, {"trace_id", record.trace});
}

void appendJson(std::string& out, const LogRecord& record) {
  out += R"({"time":")";
  appendTime(out, record.time);
  out += '"';
  appendJsonField(out, "level", name(record.level));
  if (record.component.starts_with(kPluginPrefix)) {
    appendJsonField(out, "plugin", record.component.substr(kPluginPrefix.size()));
  } else {
    appendJsonField(out, "component", record.component);
  }
  appendJsonField(out, "message", record.message);
  if (!record.request.empty()) appendJsonField(out, "request", record.request);
  if (!record.trace.empty()) appendJsonField(out, "trace_id", record.trace);
  std::string_view before = ",\"attributes\":{";
  const std::size_t dropped = eachAttribute(record, [&](const Attribute& attribute) {
    out += before;
    before = ",";
    appendQuoted(out, attribute.key, Escapes::kJson);
    out += ':';
    std::visit(JsonValue{out}, attribute.value);
  });
  if (before == ",") out += '}';
  if (dropped > 0) fmt::format_to(std::back_inserter(out), ",\"attributes_dropped\":{}", dropped);
  out += '}';
}

}  // namespace revenge::observe
