#include "observe/metric_names.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "observe/utf8.hpp"

namespace revenge::observe {

namespace {

using base::Errc;
using base::fail;

bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isName(std::string_view text) {
  return !text.empty() && text.size() <= 128 && isLetter(text.front()) &&
         std::ranges::all_of(text, [](char c) { return isLetter(c) || isDigit(c); });
}

std::string escaped(std::string_view text, std::string_view special) {
  std::string valid;
  appendValidUtf8(valid, text);
  std::string out;
  for (const char c : valid) {
    if (c == '\n') {
      out += "\\n";
      continue;
    }
    if (special.contains(c)) out += '\\';
    out += c;
  }
  return out;
}

void appendLabel(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty()) out += ',';
  out.append(name).append("=\"").append(escaped(value, "\\\"")).append("\"");
}

}  // namespace

base::Result<std::string> familyName(std::string_view plugin, std::string_view name, MetricKind kind) {
  if (!isName(name)) {
    return fail(Errc::kInvalid,
                "metric '{}': a name consists of letters, digits and '_' and begins with a letter", name);
  }
  for (const std::string_view taken : {"_bucket", "_sum", "_count"}) {
    if (name.ends_with(taken)) {
      return fail(Errc::kInvalid, "metric '{}': '{}' is what histograms append; choose another ending", name,
                  taken);
    }
  }
  if ((kind == MetricKind::kCounter) != name.ends_with("_total")) {
    return fail(Errc::kInvalid, "metric '{}': counters, and only they, end in '_total'", name);
  }
  if (plugin.empty()) {
    if (!name.starts_with("revenge_") && !name.starts_with("process_")) {
      return fail(Errc::kInvalid, "metric '{}': names of the host begin with 'revenge_' or 'process_'", name);
    }
    return std::string(name);
  }
  std::string id(plugin);
  std::ranges::replace_if(id, [](char c) { return !isLetter(c) && !isDigit(c); }, '_');
  return fmt::format("plugin_{}_{}", id, name);
}

base::Result<std::string> labelText(std::string_view plugin, std::span<const Label> labels) {
  static constexpr std::array<std::string_view, 3> kReserved{"le", "quantile", "overflow"};
  std::vector<Label> sorted(labels.begin(), labels.end());
  std::ranges::sort(sorted, {}, &Label::name);
  std::string out;
  if (!plugin.empty()) appendLabel(out, "plugin", plugin);
  std::string_view before;
  for (const Label& label : sorted) {
    if (!isName(label.name) || label.name.starts_with("__")) {
      return fail(Errc::kInvalid,
                  "label '{}': a name consists of letters, digits and '_' and begins with a letter",
                  label.name);
    }
    if (std::ranges::count(kReserved, label.name) > 0 || (label.name == "plugin" && !plugin.empty())) {
      return fail(Errc::kInvalid, "label '{}': the host sets it itself; choose another name", label.name);
    }
    if (label.name == before) return fail(Errc::kInvalid, "label '{}': given twice", label.name);
    before = label.name;
    appendLabel(out, label.name, label.value);
  }
  return out;
}

std::string overflowLabelText(std::string_view plugin) {
  std::string out;
  appendLabel(out, "plugin", plugin);
  appendLabel(out, "overflow", "true");
  return out;
}

std::string escapedHelp(std::string_view help) { return escaped(help, "\\"); }

}  // namespace revenge::observe
