#include "observe/log_format.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <type_traits>

#include <fmt/format.h>

#include "observe/log_layout.hpp"
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
  void operator()(Attribute::Group) const {}  // a group is no value
  void operator()(Attribute::OpenGroup) const {}
  void operator()(auto v) const { fmt::format_to(std::back_inserter(out), "{}", v); }
};

struct JsonValue {
  std::string& out;
  void operator()(std::string_view v) const { appendQuoted(out, v, Escapes::kJson); }
  void operator()(base::Duration v) const { fmt::format_to(std::back_inserter(out), "{}", v.count()); }
  void operator()(Attribute::Group) const {}  // a group is no value
  void operator()(Attribute::OpenGroup) const {}
  void operator()(double v) const {
    const std::string_view quote = std::isfinite(v) ? "" : "\"";  // JSON knows no NaN
    fmt::format_to(std::back_inserter(out), "{}{}{}", quote, v, quote);
  }
  void operator()(auto v) const { fmt::format_to(std::back_inserter(out), "{}", v); }
};

// Of a path, the file and the folder it is in.
std::string_view lastTwoParts(std::string_view path) {
  const std::size_t file = path.rfind('/');
  if (file == std::string_view::npos || file == 0) return path;
  const std::size_t folder = path.rfind('/', file - 1);
  return folder == std::string_view::npos ? path : path.substr(folder + 1);
}

std::string sourceOf(const LogRecord& record) {
  return fmt::format("{}:{}", lastTwoParts(record.source.file), record.source.line);
}

// As 32 digits when somebody has asked for the trace: only then there is anything to find under that id.
std::string traceOf(const LogRecord& record) {
  if (!record.trace.isSampled()) return {};
  const auto digits = formatTraceId(record.trace.trace_id_high, record.trace.trace_id_low);
  return {digits.data(), digits.size()};
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

// `path`: the keys of the groups around it, a '.' behind each.
void appendTextMembers(std::string& out, const LogLayout& layout, std::uint8_t group, std::string_view path) {
  layout.each(group, [&](std::uint8_t at, const LogLayout::Node& node) {
    std::string key(path);
    key += node.key;
    if (node.renamed) key += '_';
    if (node.attribute == nullptr) return appendTextMembers(out, layout, at, key + '.');
    out += ' ';
    appendBare(out, key);
    out += '=';
    std::visit(TextValue{out}, node.attribute->value);
  });
}

// {"key":value,...}; nothing when there is no member.
void appendJsonMembers(std::string& out, const LogLayout& layout, std::uint8_t group,
                       std::string_view before) {
  std::string_view separator = before;
  layout.each(group, [&](std::uint8_t at, const LogLayout::Node& node) {
    out += separator;
    separator = ",";
    if (node.renamed)
      appendQuoted(out, std::string(node.key) + '_', Escapes::kJson);
    else
      appendQuoted(out, node.key, Escapes::kJson);
    out += ':';
    if (node.attribute == nullptr)
      appendJsonMembers(out, layout, at, "{");
    else
      std::visit(JsonValue{out}, node.attribute->value);
  });
  if (separator == ",") out += '}';
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
  const LogLayout layout(record);
  appendTextMembers(out, layout, LogLayout::kRoot, {});
  if (layout.dropped() > 0) appendTextAttribute(out, {"attributes_dropped", layout.dropped()});
  if (!record.request.empty()) appendTextAttribute(out, {"request", record.request});
  if (!record.user.empty()) appendTextAttribute(out, {"user", record.user});
  if (const std::string trace = traceOf(record); !trace.empty())
    appendTextAttribute(out, {"trace_id", trace});
  if (!record.source.file.empty()) appendTextAttribute(out, {"source", sourceOf(record)});
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
  if (!record.user.empty()) appendJsonField(out, "user", record.user);
  if (const std::string trace = traceOf(record); !trace.empty()) appendJsonField(out, "trace_id", trace);
  if (!record.source.file.empty()) appendJsonField(out, "source", sourceOf(record));
  const LogLayout layout(record);
  appendJsonMembers(out, layout, LogLayout::kRoot, ",\"attributes\":{");
  if (layout.dropped() > 0)
    fmt::format_to(std::back_inserter(out), ",\"attributes_dropped\":{}", layout.dropped());
  out += '}';
}

void appendLine(std::string& out, LogFormat format, const LogRecord& record) {
  if (format == LogFormat::kJson)
    appendJson(out, record);
  else
    appendText(out, record);
  out += '\n';
}

}  // namespace revenge::observe
