#include "revengectl/show_plan.hpp"

#include <map>
#include <set>

#include <fmt/format.h>

#include "revengectl/show.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

constexpr int kDeepest = 64;  // levels that are shown of a tree

std::string orDash(std::string text) { return text.empty() ? "-" : std::move(text); }

std::string lines(const document::Array& texts) {
  std::string all;
  for (const Value& value : texts) {
    if (value.text() != nullptr) all += fmt::format("  {}\n", escaped(*value.text()));
  }
  return all;
}

std::vector<Cell> rowOf(const Value& change) {
  const std::string to = textOf(change, "to");
  const std::string way_back = textOf(change, "way_back");
  const std::string refusal = textOf(change, "refusal");
  const bool comes = !to.empty();
  return {{textOf(change, "plugin")},
          {textOf(change, "change")},
          {orDash(textOf(change, "from"))},
          {orDash(to)},
          {orDash(textOf(change, "mode"))},
          {orDash(textOf(change, "state"))},
          {!comes             ? "-"
           : way_back.empty() ? "open"
                              : "closed"},
          {refusal.empty() ? orDash(textOf(change, "verdict")) : "refused",
           refusal.empty() ? Tone::kPlain : Tone::kBad}};
}

std::string notesOf(const Value& change, Colours colours) {
  const std::string id = textOf(change, "plugin");
  std::string notes;
  if (const std::string why = textOf(change, "refusal"); !why.empty())
    notes += "  " + toned(fmt::format("{}: {}", id, why), Tone::kBad, colours) + "\n";
  if (const std::string why = textOf(change, "way_back"); !why.empty() && !textOf(change, "to").empty())
    notes += fmt::format("  {}: no way back: {}\n", id, why);
  if (const std::string signature = textOf(change, "signature"); !signature.empty())
    notes += fmt::format("  {}: signature: {}\n", id, signature);
  if (flagOf(change, "downgrade"))
    notes += "  " + toned(fmt::format("{}: older than what runs", id), Tone::kWarning, colours) + "\n";
  if (const std::string gone = joined(arrayOf(change, "vanishing"), ", "); !gone.empty())
    notes += "  " + toned(fmt::format("{}: goes: {}", id, gone), Tone::kWarning, colours) + "\n";
  return notes;
}

void addCause(std::string& text, const Value& cause, int depth) {
  text += fmt::format("{:{}}{}{}\n", "", depth == 0 ? 2 : 2 * depth, depth == 0 ? "" : "<- ",
                      textOf(cause, "text"));
  if (depth == kDeepest) return;
  for (const Value& behind : arrayOf(cause, "behind")) addCause(text, behind, depth + 1);
}

// What would change it, each once, in the order of the causes.
void addRemedies(std::string& text, const Value& cause, int depth) {
  const std::string remedy = textOf(cause, "remedy");
  if (const std::string line = fmt::format("  remedy: {}\n", remedy); !remedy.empty() && !text.contains(line))
    text += line;
  if (depth == kDeepest) return;
  for (const Value& behind : arrayOf(cause, "behind")) addRemedies(text, behind, depth + 1);
}

// Every plugin once in full; where it is used again its name alone.
class Tree {
 public:
  Tree(const Value& graph, Colours colours) : colours_(colours) {
    for (const Value& plugin : arrayOf(graph, "plugins")) {
      plugins_.emplace(textOf(plugin, "id"), &plugin);
      order_.push_back(textOf(plugin, "id"));
    }
    for (const Value& link : arrayOf(graph, "links")) {
      links_[textOf(link, "consumer")].push_back(&link);
      used_.insert(textOf(link, "provider"));
    }
  }

  // First those that nobody uses, then what only a circle reaches, or too many levels.
  std::string text() {
    for (const std::string& id : order_) {
      if (!used_.contains(id)) add(id, "", 0);
    }
    for (const std::string& id : order_) {
      if (!shown_.contains(id)) add(id, "", 0);
    }
    return std::move(text_);
  }

 private:
  void add(const std::string& id, const std::string& before, int depth) {
    const auto plugin = plugins_.find(id);
    text_ += fmt::format("{:{}}{}{}", "", 2 * (depth + 1), before, id);
    if (plugin != plugins_.end()) text_ += described(*plugin->second);
    const auto links = links_.find(id);
    if (links != links_.end() && depth == kDeepest) {
      text_ += "  (see below)\n";
      return;
    }
    const bool first = shown_.insert(id).second;
    text_ += links == links_.end() || first ? "\n" : "  (see above)\n";
    if (links == links_.end() || !first) return;
    for (const Value* link : links->second) add(*link, depth + 1);
  }

  void add(const Value& link, int depth) {
    const std::string before =
        fmt::format("{}{}: ", textOf(link, "interface"), flagOf(link, "optional") ? " (optional)" : "");
    const std::string provider = textOf(link, "provider");
    if (!provider.empty()) return add(provider, before, depth);
    const Tone tone = flagOf(link, "optional") ? Tone::kFaint : Tone::kBad;
    text_ += fmt::format("{:{}}{}{}\n", "", 2 * (depth + 1), before,
                         toned("nobody: " + textOf(link, "why"), tone, colours_));
  }

  std::string described(const Value& plugin) const {
    const std::string version = textOf(plugin, "version");
    const std::string state = textOf(plugin, "state");
    return fmt::format("{}{}{}{}", version.empty() ? "" : " ", version, state.empty() ? "" : "  ",
                       toned(state, toneOf(state), colours_));
  }

  const Colours colours_;
  std::vector<std::string> order_;
  std::map<std::string, const Value*> plugins_;
  std::map<std::string, std::vector<const Value*>> links_;  // by consumer
  std::set<std::string> used_;
  std::set<std::string> shown_;
  std::string text_;
};

// Requires: `text` is escaped already; what is left to misread in quotes are these two.
std::string quoted(std::string_view text) {
  std::string all = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') all += '\\';
    all += c;
  }
  return all + '"';
}

std::string dotLink(const Value& link) {
  const std::string consumer = quoted(textOf(link, "consumer"));
  const std::string interface = textOf(link, "interface");
  const std::string provider = textOf(link, "provider");
  const std::string_view style = flagOf(link, "optional") ? ", style=dashed" : "";
  if (!provider.empty())
    return fmt::format("  {} -> {} [label={}{}];\n", consumer, quoted(provider), quoted(interface), style);
  const std::string nobody = quoted("nobody offers " + interface);
  return fmt::format("  {} [shape=plaintext];\n  {} -> {} [color=red{}];\n", nobody, consumer, nobody, style);
}

}  // namespace

std::string showOutlook(const Value& outlook, Colours colours) {
  std::vector<std::vector<Cell>> rows(1);
  for (const char* heading : {"PLUGIN", "CHANGE", "FROM", "TO", "MODE", "STATE", "WAY BACK", "VERDICT"})
    rows.front().push_back({heading, Tone::kFaint});
  std::string notes;
  for (const Value& change : arrayOf(outlook, "changes")) {
    rows.push_back(rowOf(change));
    notes += notesOf(change, colours);
  }
  const std::string end =
      flagOf(outlook, "feasible")
          ? toned(fmt::format("can be applied: --generation {}", integerOf(outlook, "generation")),
                  Tone::kGood, colours)
          : toned("cannot be applied", Tone::kBad, colours);
  return fmt::format("{}{}{}  {}\n", table(rows, colours), notes, lines(arrayOf(outlook, "waiting")), end);
}

std::string showApplied(const Value& applied, Colours colours) {
  std::string text;
  for (const Value& report : arrayOf(applied, "reports"))
    text += fmt::format("  {}: {}", textOf(report, "id"),
                        showReport(report, colours) + showDraining(report, colours));
  return fmt::format("{}  generation {}\n", text, integerOf(applied, "generation"));
}

std::string showCause(const Value& cause, Colours) {
  std::string text;
  addCause(text, cause, 0);
  std::string remedies;
  addRemedies(remedies, cause, 0);
  return text + remedies;
}

std::string showGraph(const Value& graph, Colours colours) {
  const std::string text = Tree(graph, colours).text();
  return text.empty() ? "  no plugins\n" : text;
}

std::string showDot(const Value& graph, Colours) {
  std::string text = "digraph revenge {\n  rankdir=LR;\n  node [shape=box];\n";
  for (const Value& plugin : arrayOf(graph, "plugins")) {
    const std::string id = textOf(plugin, "id");
    const std::string label = quoted(fmt::format("{} {}", id, textOf(plugin, "version")));
    text += fmt::format("  {} [label={}, xlabel={}];\n", quoted(id), label, quoted(textOf(plugin, "state")));
  }
  for (const Value& link : arrayOf(graph, "links")) text += dotLink(link);
  return text + "}\n";
}

}  // namespace revenge::ctl
