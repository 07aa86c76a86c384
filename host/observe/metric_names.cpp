#include "observe/metric_names.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <ranges>
#include <vector>

#include "observe/metric_text.hpp"
#include "observe/utf8.hpp"

namespace revenge::observe {

namespace {

using base::Errc;
using base::fail;

bool isLower(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Letters beyond a-z are Prometheus' but not its conventions'.
bool isName(std::string_view text) {
  return !text.empty() && text.size() <= 128 && isLower(text.front()) &&
         std::ranges::all_of(text, [](char c) { return isLower(c) || isDigit(c); });
}

constexpr std::string_view kNameRule =
    "a name is snake_case: lower-case letters, digits and '_', and begins with a letter";

constexpr std::array<std::string_view, 9> kBaseUnits{"seconds", "bytes",   "ratio",  "meters", "celsius",
                                                     "volts",   "amperes", "joules", "grams"};

struct Instead {
  std::string_view word;
  std::string_view unit;
};
constexpr std::array kAbbreviations = std::to_array<Instead>({
    {"s", "seconds"},
    {"ms", "seconds"},
    {"us", "seconds"},
    {"ns", "seconds"},
    {"sec", "seconds"},
    {"m", "seconds"},
    {"h", "seconds"},
    {"d", "seconds"},
    {"b", "bytes"},
    {"kb", "bytes"},
    {"mb", "bytes"},
    {"gb", "bytes"},
    {"tb", "bytes"},
    {"pb", "bytes"},
});
constexpr std::array kOtherUnits = std::to_array<Instead>({
    {"milliseconds", "seconds"}, {"microseconds", "seconds"}, {"nanoseconds", "seconds"},
    {"minutes", "seconds"},      {"hours", "seconds"},        {"days", "seconds"},
    {"weeks", "seconds"},        {"kilobytes", "bytes"},      {"megabytes", "bytes"},
    {"gigabytes", "bytes"},      {"terabytes", "bytes"},      {"kibibytes", "bytes"},
    {"mebibytes", "bytes"},      {"gibibytes", "bytes"},      {"bits", "bytes"},
    {"percent", "ratio"},        {"fahrenheit", "celsius"},   {"kelvin", "celsius"},
    {"millimeters", "meters"},   {"kilometers", "meters"},    {"kilograms", "grams"},
});
constexpr std::array<std::string_view, 4> kTypeWords{"counter", "gauge", "histogram", "summary"};
// What a format appends itself, or keeps for types of its own.
constexpr std::array<std::string_view, 7> kTakenEndings{"_bucket", "_sum",  "_count", "_created",
                                                        "_gcount", "_gsum", "_info"};

const Instead* instead(std::span<const Instead> words, std::string_view word) {
  const auto found = std::ranges::find(words, word, &Instead::word);
  return found == words.end() ? nullptr : &*found;
}

std::optional<std::string> wordFault(std::string_view word) {
  if (const Instead* other = instead(kAbbreviations, word))
    return fmt::format("abbreviates a unit ('{}'); use '{}'", word, other->unit);
  if (const Instead* other = instead(kOtherUnits, word))
    return fmt::format("'{}' is no base unit; use '{}'", word, other->unit);
  if (std::ranges::count(kTypeWords, word) > 0) return fmt::format("names a type ('{}'); leave it out", word);
  return std::nullopt;
}

void append(LabelSet& out, std::string_view name, std::string_view value) {
  out.pairs.push_back({std::string(name), validText(value)});
  if (!out.text.empty()) out.text += ',';
  out.text.append(name).append("=\"");
  appendEscaped(out.text, out.pairs.back().value, Escape::kQuoted);
  out.text += '"';
}

}  // namespace

base::Result<std::string> familyName(std::string_view plugin, std::string_view name, MetricKind kind) {
  if (!isName(name)) return fail(Errc::kInvalid, "metric '{}': {}", name, kNameRule);
  for (const std::string_view taken : kTakenEndings) {
    if (name.ends_with(taken)) {
      return fail(Errc::kInvalid, "metric '{}': '{}' is what the format appends; choose another ending", name,
                  taken);
    }
  }
  if ((kind == MetricKind::kCounter) != name.ends_with("_total"))
    return fail(Errc::kInvalid, "metric '{}': counters, and only they, end in '_total'", name);
  for (const auto word : std::views::split(name, '_')) {
    if (const auto fault = wordFault(std::string_view(word.begin(), word.end())))
      return fail(Errc::kInvalid, "metric '{}': {}", name, *fault);
  }
  if (!plugin.empty()) {
    std::string id(plugin);
    std::ranges::replace_if(id, [](char c) { return !isLower(c) && !isDigit(c); }, '_');
    return fmt::format("revenge_plugin_{}_{}", id, name);
  }
  if (!name.starts_with("revenge_") && !name.starts_with("process_"))
    return fail(Errc::kInvalid, "metric '{}': names of the host begin with 'revenge_' or 'process_'", name);
  if (name.starts_with("revenge_plugin_"))
    return fail(Errc::kInvalid, "metric '{}': 'revenge_plugin_' is for what plugins register", name);
  return std::string(name);
}

base::Result<LabelSet> labelSet(std::string_view plugin, std::span<const Label> labels) {
  static constexpr std::array<std::string_view, 3> kReserved{"le", "quantile", "overflow"};
  std::vector<Label> sorted(labels.begin(), labels.end());
  std::ranges::sort(sorted, {}, &Label::name);
  LabelSet out;
  if (!plugin.empty()) append(out, "plugin", plugin);
  std::string_view before;
  for (const Label& label : sorted) {
    if (!isName(label.name) || label.name.starts_with("__"))
      return fail(Errc::kInvalid, "label '{}': {}", label.name, kNameRule);
    if (std::ranges::count(kReserved, label.name) > 0 || (label.name == "plugin" && !plugin.empty()))
      return fail(Errc::kInvalid, "label '{}': is reserved; choose another name", label.name);
    if (label.name == before) return fail(Errc::kInvalid, "label '{}': given twice", label.name);
    before = label.name;
    append(out, label.name, label.value);
  }
  return out;
}

LabelSet overflowLabels(std::string_view plugin) {
  LabelSet out;
  if (!plugin.empty()) append(out, "plugin", plugin);
  append(out, "overflow", "true");
  return out;
}

std::string_view unitOf(std::string_view family) {
  if (family.ends_with("_total")) family.remove_suffix(std::string_view("_total").size());
  const auto unit = std::ranges::find_if(kBaseUnits, [&](std::string_view one) {
    return family.size() > one.size() && family.ends_with(one) &&
           family[family.size() - one.size() - 1] == '_';
  });
  return unit == kBaseUnits.end() ? std::string_view() : *unit;
}

std::string validText(std::string_view text) {
  std::string valid;
  appendValidUtf8(valid, text);
  return valid;
}

}  // namespace revenge::observe
