#include "revengectl/show_config.hpp"

#include <fmt/format.h>

#include "document/json.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

constexpr std::string_view kHidden = "(secret)";

// A list that holds a secret is shown as one.
std::string valueOf(const Value& object, std::string_view key) {
  const Value* const found = object.find(key);
  if (found == nullptr) return "(not set)";
  return flagOf(object, "secret") ? std::string(kHidden) : escaped(document::writeJson(*found));
}

std::string effectOf(const Value& object) {
  const std::string effect = textOf(object, "effect");
  if (effect == "live") return "at once";
  if (effect == "plugin anew") return "at once, by a new instance of the plugin";
  if (effect == "host restart") return "at the next start of the host";
  return "when its plugin runs";
}

std::string lines(const document::Array& texts, std::string_view before, Tone tone, Colours colours) {
  std::string all;
  for (const Value& value : texts) {
    if (value.text() != nullptr)
      all += fmt::format("  {}\n", toned(fmt::format("{}{}", before, escaped(*value.text())), tone, colours));
  }
  return all;
}

}  // namespace

std::string showValues(const Value& answer, Colours colours) {
  std::vector<std::vector<Cell>> rows;
  for (const Value& each : arrayOf(answer, "values"))
    rows.push_back({{textOf(each, "key")}, {valueOf(each, "value")}, {textOf(each, "origin"), Tone::kFaint}});
  return rows.empty() ? "  nothing is set there\n" : table(rows, colours);
}

std::string showExplained(const Value& explained, Colours colours) {
  std::string text = fmt::format("  {} = {}\n", textOf(explained, "key"), valueOf(explained, "value"));
  if (const std::string description = textOf(explained, "description"); !description.empty())
    text += fmt::format("  {}\n", description);
  text += fmt::format("  expected: {}\n  a change takes effect {}\n", textOf(explained, "type"),
                      effectOf(explained));
  if (const std::string waits = textOf(explained, "waits"); !waits.empty())
    text += fmt::format(
        "  {}\n", toned(fmt::format("until then the host runs with {}", waits), Tone::kWarning, colours));
  std::vector<std::vector<Cell>> rows;
  for (const Value& each : arrayOf(explained, "layers")) {
    const Value* const value = each.find("value");
    const std::string shown = flagOf(explained, "secret") ? std::string(kHidden)
                              : value != nullptr          ? document::writeJson(*value)
                                                          : "";
    const bool wins = flagOf(each, "wins");
    rows.push_back({{textOf(each, "layer")},
                    {shown, wins ? Tone::kGood : Tone::kPlain},
                    {textOf(each, "origin"), Tone::kFaint},
                    {wins ? "wins" : "", Tone::kGood}});
  }
  if (flagOf(explained, "section") && !rows.empty()) text += "  layers, each adding to those above it:\n";
  return fmt::format("{}{}  environment and command line are read once, when the host starts\n", text,
                     table(rows, colours));
}

std::string showDifferences(const Value& answer, Colours colours) {
  std::vector<std::vector<Cell>> rows;
  for (const Value& each : arrayOf(answer, "differences")) {
    const bool secret = flagOf(each, "secret");
    const std::string change =
        secret ? "changed" : fmt::format("{} -> {}", valueOf(each, "before"), valueOf(each, "after"));
    rows.push_back(
        {{textOf(each, "key")}, {change}, {effectOf(each)}, {textOf(each, "origin"), Tone::kFaint}});
  }
  return rows.empty() ? "  no difference\n" : table(rows, colours);
}

std::string showHistory(const Value& history, Colours colours) {
  std::vector<std::vector<Cell>> rows(1);
  for (const char* heading : {"NUMBER", "IN FORCE SINCE", "BY", "CHANGED"})
    rows.front().push_back({heading, Tone::kFaint});
  const std::int64_t now = integerOf(history, "number");
  for (const Value& each : arrayOf(history, "kept")) {
    const bool runs = integerOf(each, "number") == now;
    rows.push_back({{fmt::format("{}{}", integerOf(each, "number"), runs ? " *" : ""),
                     runs ? Tone::kGood : Tone::kPlain},
                    {localTime(numberOf(each, "at"))},
                    {textOf(each, "by")},
                    {joined(arrayOf(each, "changed"), ", ")}});
  }
  std::string text = table(rows, colours);
  if (const Value* const refused = history.find("refused");
      refused != nullptr && refused->object() != nullptr) {
    text += fmt::format("  refused {} ({}):\n{}", localTime(numberOf(*refused, "at")), textOf(*refused, "by"),
                        lines(arrayOf(*refused, "reasons"), "", Tone::kBad, colours));
  }
  if (const std::string trouble = textOf(history, "trouble"); !trouble.empty())
    text += fmt::format("  {}\n", toned(trouble, Tone::kWarning, colours));
  return text;
}

std::string showOutcome(const Value& outcome, Colours colours) {
  std::string text;
  const bool dry = flagOf(outcome, "dry_run");
  if (outcome.find("differences") != nullptr) text += showDifferences(outcome, colours);
  if (const std::string files = joined(arrayOf(outcome, "files"), ", "); !files.empty())
    text += fmt::format("  written: {}\n", files);
  if (const std::string live = joined(arrayOf(outcome, "configured"), ", "); !live.empty())
    text += fmt::format("  taken live by {}\n", live);
  if (const std::string anew = joined(arrayOf(outcome, "reloaded"), ", "); !anew.empty())
    text += fmt::format("  started anew: {}\n", anew);
  if (const std::string waits = joined(arrayOf(outcome, "restart"), ", "); !waits.empty())
    text += fmt::format("  at the next start of the host: {}\n", waits);
  text += lines(arrayOf(outcome, "warnings"), "warning: ", Tone::kWarning, colours);
  return text + (dry ? fmt::format("  nothing was done; it can be: --generation {}\n",
                                   integerOf(outcome, "generation"))
                     : fmt::format("  configuration {}, generation {}\n", integerOf(outcome, "number"),
                                   integerOf(outcome, "generation")));
}

}  // namespace revenge::ctl
