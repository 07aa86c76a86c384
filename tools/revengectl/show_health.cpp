#include "revengectl/show_health.hpp"

#include <fmt/format.h>

namespace revenge::ctl {

namespace {

using document::Value;

Tone toneOfStatus(std::string_view status) {
  return status == "pass" ? Tone::kGood : status == "warn" ? Tone::kWarning : Tone::kBad;
}

std::vector<Cell> rowOf(std::string_view name, const Value& entry) {
  const std::string status = textOf(entry, "status");
  const bool checked = entry.find("age_s") != nullptr;
  return {{std::string(name)},
          {status, toneOfStatus(status)},
          {textOf(entry, "affects")},
          {checked ? fmt::format("{:.0f} s", numberOf(entry, "age_s")) : "-"},
          {textOf(entry, "output")}};
}

}  // namespace

std::string showHealth(const Value& health, Colours colours) {
  std::string text;
  for (const char* probe : {"live", "startup", "ready"}) {
    const std::string status = textOf(health, probe);
    text += fmt::format("  {} {} ", probe, toned(status, toneOfStatus(status), colours));
  }
  text += "\n";
  std::vector<std::vector<Cell>> rows(1);
  for (const char* heading : {"CHECK", "STATUS", "AFFECTS", "AGE", "NOTE"})
    rows.front().push_back({heading, Tone::kFaint});
  const Value* const checks = health.find("checks");
  if (checks == nullptr || checks->object() == nullptr) return text;
  for (const document::Member& check : *checks->object()) {
    if (check.value.array() == nullptr) continue;
    for (const Value& entry : *check.value.array()) rows.push_back(rowOf(check.key, entry));
  }
  return rows.size() == 1 ? text : text + table(rows, colours);
}

}  // namespace revenge::ctl
