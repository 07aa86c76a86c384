#include "revenge-check/report.hpp"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "document/json.hpp"
#include "observe/utf8.hpp"

namespace revenge::check {
namespace {

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

std::string_view name(State state) {
  switch (state) {
    case State::kClean:
      return "clean";
    case State::kFound:
      return "found";
    case State::kNotRun:
      return "not run";
  }
  return "clean";
}

// Attribute or text of XML 1.0, which has no place for control characters, escaped or not.
std::string xml(std::string_view text) {
  std::string valid;
  observe::appendValidUtf8(valid, text);
  std::string escaped;
  for (const char c : valid) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\n':
        escaped += "&#10;";
        break;
      case '\t':
        escaped += "&#9;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 ? '?' : c;
    }
  }
  return escaped;
}

document::Value texts(const std::vector<std::string>& lines) {
  return document::Array(lines.begin(), lines.end());
}

std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

std::string inTable(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped += c == '|' ? "\\|" : std::string(1, c);
  return escaped;
}

}  // namespace

std::size_t Summary::count(State state) const {
  return static_cast<std::size_t>(std::ranges::count(outcomes, state, &Outcome::state));
}

std::string forPeople(const Summary& summary, Colours colours) {
  const bool coloured = colours == Colours::kYes;
  const std::string_view red = coloured ? "\x1b[31m" : "";
  const std::string_view yellow = coloured ? "\x1b[33m" : "";
  const std::string_view green = coloured ? "\x1b[32m" : "";
  const std::string_view plain = coloured ? "\x1b[0m" : "";
  std::string text;
  for (const auto& outcome : summary.outcomes) {
    if (outcome.state != State::kFound) continue;
    for (const auto& finding : outcome.findings)
      text += fmt::format("{}{}{}: {}\n", red, outcome.row->id, plain, finding);
    text += fmt::format("  remedy: {}\n", outcome.row->remedy);
    for (std::size_t from = 0; from < outcome.output.size();) {
      const auto end = std::min(outcome.output.find('\n', from), outcome.output.size());
      text += fmt::format("  | {}\n", document::printable(outcome.output.substr(from, end - from), 200));
      from = end + 1;
    }
  }
  for (const auto& outcome : summary.outcomes)
    if (outcome.state == State::kNotRun)
      text += fmt::format("{}{}{} not run: {}\n", yellow, outcome.row->id, plain, outcome.why);
  for (const auto& outcome : summary.outcomes)
    for (const auto& note : outcome.notes) text += fmt::format("{}: {}\n", outcome.row->id, note);
  for (const auto& companion : summary.with) text += fmt::format("beside it lived {}\n", companion);
  text += fmt::format("{}{} {}{}: {} of {} rows clean, {} with findings, {} not run; {:.1f} s, seed {}\n",
                      summary.clean() ? green : red, summary.id, summary.version, plain,
                      summary.count(State::kClean), summary.outcomes.size(), summary.count(State::kFound),
                      summary.count(State::kNotRun), seconds(summary.took), summary.seed);
  return text;
}

std::string asJson(const Summary& summary) {
  document::Array outcomes;
  for (const auto& outcome : summary.outcomes) {
    document::Value each;
    each.set("id", outcome.row->id);
    each.set("state", name(outcome.state));
    each.set("description", outcome.row->description);
    each.set("findings", texts(outcome.findings));
    if (outcome.state == State::kFound) each.set("remedy", outcome.row->remedy);
    if (!outcome.why.empty()) each.set("why", outcome.why);
    if (!outcome.output.empty()) each.set("output", outcome.output);
    each.set("notes", texts(outcome.notes));
    each.set("seconds", seconds(outcome.took));
    outcomes.push_back(std::move(each));
  }
  document::Value value;
  value.set("folder", summary.folder);
  value.set("id", summary.id);
  value.set("version", summary.version);
  value.set("with", texts(summary.with));
  value.set("clean", summary.clean());
  value.set("seed", std::to_string(summary.seed));
  value.set("seconds", seconds(summary.took));
  value.set("rows", std::move(outcomes));
  return document::writeJson(value, document::Layout::kPretty) + "\n";
}

std::string asJunit(const Summary& summary) {
  const auto counts = fmt::format(R"(tests="{}" failures="{}" errors="0" skipped="{}" time="{:.3f}")",
                                  summary.outcomes.size(), summary.count(State::kFound),
                                  summary.count(State::kNotRun), seconds(summary.took));
  std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  text += fmt::format("<testsuites {}>\n  <testsuite name=\"revenge-check {}\" {}>\n", counts,
                      xml(summary.id), counts);
  text += fmt::format("    <properties><property name=\"seed\" value=\"{}\"/></properties>\n", summary.seed);
  for (const auto& outcome : summary.outcomes) {
    text += fmt::format(R"(    <testcase classname="{}" name="{}" time="{:.3f}">)", xml(summary.id),
                        outcome.row->id, seconds(outcome.took));
    if (outcome.state == State::kFound) {
      text += fmt::format(R"(<failure message="{}">{}remedy: {}</failure>)", xml(outcome.findings.front()),
                          xml(joined(outcome.findings)), xml(outcome.row->remedy));
    } else if (outcome.state == State::kNotRun) {
      text += fmt::format(R"(<skipped message="{}"/>)", xml(outcome.why));
    }
    const auto said = joined(outcome.notes) + outcome.output;
    if (!said.empty()) text += fmt::format("<system-out>{}</system-out>", xml(said));
    text += "</testcase>\n";
  }
  return text + "  </testsuite>\n</testsuites>\n";
}

std::string rowTable() {
  std::string text = "| row | clean when | otherwise |\n|---|---|---|\n";
  for (const auto& row : rows())
    text += fmt::format("| `{}` | {} | {} |\n", row.id, inTable(row.description), inTable(row.remedy));
  return text;
}

}  // namespace revenge::check
