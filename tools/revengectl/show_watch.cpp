#include "revengectl/show_watch.hpp"

#include <fmt/format.h>

#include "document/json.hpp"
#include "revengectl/show.hpp"

namespace revenge::ctl {

namespace {

using document::Value;

Tone toneOfOutcome(std::string_view outcome) {
  if (outcome == "done") return Tone::kGood;
  return outcome == "failed" ? Tone::kBad : Tone::kWarning;
}

Tone toneOfLevel(std::string_view level) {
  if (level == "error" || level == "breach") return Tone::kBad;
  return level == "warn" ? Tone::kWarning : Tone::kFaint;
}

const Value& objectOf(const Value& value, std::string_view key) {
  static const Value kNone;
  const Value* const found = value.find(key);
  return found != nullptr ? *found : kNone;
}

}  // namespace

std::string showMissed(const Value& line, std::string_view what, Colours colours) {
  const auto missed = integerOf(line, "missed");
  if (missed <= 0) return {};
  return toned(fmt::format("  ... {} {} were too many", missed, what), Tone::kFaint, colours) + "\n";
}

std::string showTail(const Value& line, Colours colours) {
  if (std::string missed = showMissed(line, textOf(line, "of"), colours); !missed.empty()) return missed;
  if (const Value* const event = line.find("event"); event != nullptr) return showEvent(*event, colours);
  const Value& log = objectOf(line, "log");
  const std::string level = textOf(log, "level");
  const std::string plugin = textOf(log, "plugin");
  std::string text = fmt::format("  {}  {}  {:<16}  {}", textOf(log, "time"),
                                 toned(fmt::format("{:<5}", level), toneOfLevel(level), colours),
                                 plugin.empty() ? textOf(log, "component") : plugin, textOf(log, "message"));
  for (const char* const key : {"request", "user", "trace_id"}) {
    if (const std::string value = textOf(log, key); !value.empty()) text += fmt::format(" {}={}", key, value);
  }
  if (const document::Object* const attributes = objectOf(log, "attributes").object();
      attributes != nullptr) {
    for (const document::Member& member : *attributes)
      text += fmt::format(" {}={}", escaped(member.key), escaped(document::writeJson(member.value)));
  }
  return text + "\n";
}

std::string showRecord(const Value& record, Colours colours) {
  if (std::string missed = showMissed(record, "records", colours); !missed.empty()) return missed;
  const std::string number = fmt::format("{:>6}", integerOf(record, "number"));
  const std::string outcome = textOf(record, "outcome");
  std::string text = fmt::format("  {}  {}  {}  {}: {}", toned(number, Tone::kFaint, colours),
                                 localTime(numberOf(record, "time")),
                                 toned(fmt::format("{:<7}", outcome), toneOfOutcome(outcome), colours),
                                 textOf(objectOf(record, "who"), "name"), textOf(record, "what"));
  const std::string before = textOf(record, "before");
  const std::string after = textOf(record, "after");
  if (!before.empty() || !after.empty())
    text += fmt::format("   {} -> {}", before.empty() ? "-" : before, after.empty() ? "-" : after);
  if (const std::string reason = textOf(record, "reason"); !reason.empty())
    text += fmt::format("   {}", reason);
  return text + "\n";
}

}  // namespace revenge::ctl
