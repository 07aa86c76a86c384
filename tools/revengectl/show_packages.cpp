#include "revengectl/show_packages.hpp"

#include <fmt/format.h>

#include "revengectl/show.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

std::string outcomeText(const Value& installed, Colours colours) {
  const std::string outcome = textOf(installed, "outcome");
  const std::string ran = textOf(installed, "ran");
  const bool would = flagOf(installed, "dry_run");
  if (outcome == "runs") return "  runs already\n";
  if (outcome == "kept") {
    return ran.empty()
               ? fmt::format("  not running; revengectl enable {} starts it\n", textOf(installed, "id"))
               : fmt::format("  {} goes on running\n", ran);
  }
  if (would) return outcome == "swapped" ? fmt::format("  would replace {}\n", ran) : "  would be started\n";
  const Value* const report = installed.find("report");
  if (report == nullptr || report->object() == nullptr) return "";
  return "  " + showReport(*report, colours) + showDraining(*report, colours);
}

std::string roleOf(const Value& package) {
  if (flagOf(package, "serves")) return "runs";
  if (flagOf(package, "chosen")) return "starts next";
  return flagOf(package, "way_back") ? "rollback returns to it" : "";
}

}  // namespace

std::string showInstalled(const Value& installed, Colours colours) {
  const bool would = flagOf(installed, "dry_run");
  std::string text =
      fmt::format("  {} {} {}: {}\n  signature: {}\n", textOf(installed, "id"), textOf(installed, "version"),
                  would                       ? "can be installed"
                  : flagOf(installed, "anew") ? "installed"
                                              : "is installed already",
                  textOf(installed, "folder"), textOf(installed, "signature"));
  text += outcomeText(installed, colours);
  for (const Value& warning : arrayOf(installed, "warnings")) {
    if (warning.text() != nullptr) text += fmt::format("  note: {}\n", escaped(*warning.text()));
  }
  if (const std::string removed = joined(arrayOf(installed, "removed"), ", "); !removed.empty())
    text += fmt::format("  removed: {}\n", removed);
  return text;
}

std::string showPackages(const Value& packages, Colours colours) {
  std::vector<std::vector<Cell>> rows(1);
  for (const char* heading : {"PLUGIN", "VERSION", "", "FOLDER"})
    rows.front().push_back({heading, Tone::kFaint});
  for (const Value& package : arrayOf(packages, "packages")) {
    rows.push_back({{textOf(package, "id")},
                    {textOf(package, "version")},
                    {roleOf(package)},
                    {textOf(package, "folder")}});
  }
  if (rows.size() == 1) return "  nothing is installed\n";
  return table(rows, colours);
}

}  // namespace revenge::ctl
