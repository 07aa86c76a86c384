#include "revengectl/show.hpp"

#include <fmt/format.h>

#include "revengectl/show_top.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

constexpr double kWorthTelling = 0.5;  // ms

bool serves(std::string_view state) {
  return state == "running" || state == "degraded" || state == "waiting";
}

// The words of an answer are escaped by textOf, and a second time by table: what was escaped has nothing left to escape.
std::vector<Cell> rowOf(std::string name, const Value& of, std::string inside, std::string note) {
  const std::string state = textOf(of, "state");
  const std::string version = textOf(of, "version");
  const Value* const gate = of.find("gate");
  return {{std::move(name)},
          {version.empty() ? "-" : version},
          {state, toneOf(state)},
          {gate != nullptr ? fmt::format("{} ({})", textOf(*gate, "flag"), textOf(*gate, "says")) : ""},
          {std::move(inside)},
          {std::move(note)}};
}

std::string noteOf(const Value& instance) {
  const std::string holders = joined(arrayOf(instance, "holders"), "; ");
  std::string note = textOf(instance, "note");
  if (holders.empty()) return note;
  return note.empty() ? fmt::format("held by {}", holders) : fmt::format("{}; held by {}", note, holders);
}

// Loads that no longer serve, below their plugin.
void addEarlier(std::vector<std::vector<Cell>>& rows, const Value& plugin) {
  for (const Value& instance : arrayOf(plugin, "instances")) {
    if (serves(textOf(instance, "state"))) continue;
    rows.push_back(rowOf(fmt::format("  load {}", integerOf(instance, "load")), instance,
                         fmt::format("{}", integerOf(instance, "inside")), noteOf(instance)));
  }
}

std::string insideOf(const Value& plugin) {
  for (const Value& instance : arrayOf(plugin, "instances")) {
    if (serves(textOf(instance, "state"))) return fmt::format("{}", integerOf(instance, "inside"));
  }
  return "-";
}

std::string line(std::string_view key, std::string_view value) {
  return value.empty() ? "" : fmt::format("  {:<12}  {}\n", key, value);
}

}  // namespace

std::string showListing(const Value& listing, const Value& top, Colours colours) {
  std::vector<std::vector<Cell>> rows(1);
  for (const char* heading : {"PLUGIN", "VERSION", "STATE", "GATE", "INSIDE", "NOTE"})
    rows.front().push_back({heading, Tone::kFaint});
  for (const Value& plugin : arrayOf(listing, "plugins")) {
    rows.push_back(rowOf(textOf(plugin, "id"), plugin, insideOf(plugin), textOf(plugin, "note")));
    addEarlier(rows, plugin);
  }
  constexpr std::ptrdiff_t kBeforeInside = 4;
  for (auto& row : rows) {
    const bool heading = &row == &rows.front();
    const auto traffic = trafficOf(top, row.front().text);
    for (std::size_t i = kTraffic.size(); i-- > 0;)
      row.insert(row.begin() + kBeforeInside, heading ? Cell{kTraffic[i], Tone::kFaint} : traffic[i]);
  }
  if (rows.size() == 1) return "  no plugins\n";
  return table(rows, colours);
}

std::string showPlugin(const Value& plugin, Colours colours) {
  const std::string state = textOf(plugin, "state");
  std::string text = fmt::format("  {} {}  {}\n", textOf(plugin, "id"), textOf(plugin, "version"),
                                 toned(state, toneOf(state), colours));
  text += line("description", textOf(plugin, "description"));
  text += line("note", textOf(plugin, "note"));
  for (const Value& budget : arrayOf(plugin, "budgets"))
    text += line("budget", fmt::format("{} of {}: {:g} used, {:g} allowed", textOf(budget, "rung"),
                                       textOf(budget, "resource"), numberOf(budget, "used"),
                                       numberOf(budget, "allowed")));
  text += line("wanted", flagOf(plugin, "wanted") ? "yes" : "no");
  if (const Value* const gate = plugin.find("gate"); gate != nullptr) {
    const std::string closed = textOf(*gate, "closed");
    text += line("gate", fmt::format("{} ({}){}{}", textOf(*gate, "flag"), textOf(*gate, "says"),
                                     closed.empty() ? "" : ": ", closed));
  }
  text += line("since", localTime(numberOf(plugin, "since")));
  if (const auto restarts = integerOf(plugin, "restarts"); restarts > 0)
    text += line("restarts", fmt::format("{}", restarts));
  text += line("folder", textOf(plugin, "folder"));
  text += line("sha256", textOf(plugin, "sha256"));
  text += line("signature", textOf(plugin, "signature"));
  const std::string back = textOf(plugin, "rollback");
  text += line("rollback to", back.empty() ? "-" : back);
  if (arrayOf(plugin, "instances").empty()) return text;

  std::vector<std::vector<Cell>> rows{{{"LOAD", Tone::kFaint},
                                       {"VERSION", Tone::kFaint},
                                       {"STATE", Tone::kFaint},
                                       {"INSIDE", Tone::kFaint},
                                       {"SINCE", Tone::kFaint},
                                       {"NOTE", Tone::kFaint}}};
  for (const Value& instance : arrayOf(plugin, "instances")) {
    auto row = rowOf(fmt::format("{}", integerOf(instance, "load")), instance,
                     fmt::format("{}", integerOf(instance, "inside")), noteOf(instance));
    row.erase(row.begin() + 3);  // the gate is the plugin's
    row.insert(row.end() - 1, {localTime(numberOf(instance, "since"))});
    rows.push_back(std::move(row));
  }
  return text + "\n" + table(rows, colours);
}

std::string showStatus(const Value& status, Colours colours) {
  const bool live = flagOf(status, "live");
  const bool ready = flagOf(status, "ready");
  const bool degraded = flagOf(status, "degraded");
  const std::string_view health = !live ? "not live" : !ready ? "not ready" : degraded ? "degraded" : "ready";
  const Tone tone = !live || !ready ? Tone::kBad : degraded ? Tone::kWarning : Tone::kGood;
  return fmt::format("  revenge {}   {}   pid {}   {}\n", textOf(status, "version"),
                     toned(health, tone, colours), integerOf(status, "pid"),
                     joined(arrayOf(status, "urls"), "   "));
}

std::string showEvent(const Value& event, Colours colours) {
  if (const auto missed = integerOf(event, "missed"); missed > 0)
    return toned(fmt::format("  ... {} events fell out of the host's memory", missed), Tone::kFaint,
                 colours) +
           "\n";
  const std::string number = fmt::format("{:>6}", integerOf(event, "sequence"));
  return fmt::format("  {}  {}  {:<16}  {}\n", toned(number, Tone::kFaint, colours),
                     localTimeOfDay(numberOf(event, "time")), textOf(event, "kind"), textOf(event, "text"));
}

std::string showStep(const Value& step) {
  const double took = numberOf(step, "took_ms");
  const std::string name = textOf(step, "step");
  return took < kWorthTelling ? fmt::format("{} · ", name) : fmt::format("{} {} · ", name, duration(took));
}

std::string showReport(const Value& report, Colours colours) {
  const std::string from = textOf(report, "from");
  const std::string to = textOf(report, "to");
  const double ms = numberOf(report, "took_ms");
  const double held = numberOf(report, "held_ms");
  std::string after = ms < kWorthTelling ? "" : fmt::format(" after {}", duration(ms));
  if (held >= kWorthTelling) after += fmt::format(", callers waited {}", duration(held));
  std::string text;
  if (!to.empty()) {
    text = toned(fmt::format("serving {}", to), Tone::kGood, colours) + after + "\n";
  } else if (!from.empty()) {
    text = fmt::format("no longer serving {}{}\n", from, after);
  } else {
    text = "was not serving\n";
  }
  for (const Value& warning : arrayOf(report, "warnings")) {
    if (warning.text() != nullptr) text += fmt::format("  note: {}\n", escaped(*warning.text()));
  }
  return text;
}

std::string showDraining(const Value& report, Colours colours) {
  const std::string held = joined(arrayOf(report, "draining"), "; ");
  if (held.empty()) return "";
  return toned(fmt::format("  draining {}: {}", textOf(report, "from"), held), Tone::kWarning, colours) +
         "\n";
}

}  // namespace revenge::ctl
