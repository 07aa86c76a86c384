#include "revengectl/show_flags.hpp"

#include <cmath>
#include <numeric>

#include <fmt/format.h>

namespace revenge::ctl {

namespace {

using document::Value;

std::string line(std::string_view key, std::string_view value) {
  return value.empty() ? "" : fmt::format("  {:<13}  {}\n", key, value);
}

std::string changedBy(const Value& flag) {
  const Value* const changed = flag.find("changed");
  if (changed == nullptr || changed->object() == nullptr) return "";
  return fmt::format("{} {}", textOf(*changed, "by"), localTime(numberOf(*changed, "at")));
}

std::string saysOf(const Value& flag) { return flagOf(flag, "defined") ? textOf(flag, "says") : "undefined"; }

// A share of all as people count: 10 is "about 1 in 10".
std::string about(double percentage) {
  if (percentage <= 0) return "nobody";
  if (percentage >= 100) return "everybody";
  constexpr std::int64_t kAll = 100'000;
  constexpr std::int64_t kSmall = 100;
  const auto share = static_cast<std::int64_t>(std::lround(percentage * 1000));
  const std::int64_t common = std::gcd(share, kAll);
  const std::int64_t all = kAll / common;
  if (share / common == 1 || all <= kSmall) return fmt::format("about {} in {}", share / common, all);
  return fmt::format("about {:.0f} in 1000", percentage * 10);
}

std::string percent(const Value& flag) {
  const Value* const share = flag.find("percentage");
  if (share != nullptr && share->number()) return fmt::format("{} %", *share->number());
  if (!flagOf(flag, "defined")) return "undefined";
  const std::string standard = textOf(flag, "default");
  return standard == "on" ? "100 %" : standard == "off" ? "0 %" : saysOf(flag);
}

}  // namespace

std::string showFlags(const Value& flags, Colours colours) {
  std::vector<std::vector<Cell>> rows(1);
  for (const char* heading : {"FLAG", "SAYS", "TYPE", "OWNER", "REMOVE WHEN", "CHANGED"})
    rows.front().push_back({heading, Tone::kFaint});
  for (const Value& flag : arrayOf(flags, "flags")) {
    const bool overdue = flagOf(flag, "overdue");
    rows.push_back({{textOf(flag, "key")},
                    {textOf(flag, "says")},
                    {textOf(flag, "type")},
                    {textOf(flag, "owner")},
                    {textOf(flag, "remove_when") + (overdue ? " (overdue)" : ""),
                     overdue ? Tone::kWarning : Tone::kPlain},
                    {changedBy(flag)}});
  }
  const std::string end =
      fmt::format("  {}   --generation {}\n", textOf(flags, "file"), integerOf(flags, "generation"));
  return (rows.size() == 1 ? "  no flags\n" : table(rows, colours)) + toned(end, Tone::kFaint, colours);
}

std::string showFlag(const Value& flag, Colours colours) {
  std::string text =
      fmt::format("  {}  {}\n", textOf(flag, "key"), toned(saysOf(flag), Tone::kGood, colours));
  text += line("type", textOf(flag, "type"));
  text += line("variants", joined(arrayOf(flag, "variants"), ", "));
  text += line("default", textOf(flag, "default"));
  if (const Value* const share = flag.find("percentage"); share != nullptr && share->number())
    text += line("percentage", fmt::format("{} % (sticky per user)", *share->number()));
  if (const auto rules = integerOf(flag, "rules"); rules > 0) text += line("rules", fmt::format("{}", rules));
  text += line("needs", joined(arrayOf(flag, "prerequisites"), ", "));
  text += line("owner", textOf(flag, "owner"));
  text += line("remove when", textOf(flag, "remove_when") + (flagOf(flag, "overdue") ? " (overdue)" : ""));
  text += line("stands", fmt::format("{}:{}", textOf(flag, "file"), integerOf(flag, "line")));
  text += line("changed by", changedBy(flag));
  text += line("generation", fmt::format("{}", integerOf(flag, "generation")));
  return text;
}

std::string showExplanation(const Value& told, Colours) {
  const std::string variant = textOf(told, "variant");
  std::string text =
      fmt::format("  {}: {}\n", textOf(told, "key"),
                  variant.empty() ? "the default of whoever asks" : fmt::format("'{}'", variant));
  if (textOf(told, "type") != "boolean") text += line("value", textOf(told, "value"));
  const std::string fault = textOf(told, "fault");
  text += line("reason", textOf(told, "reason") + (fault.empty() ? "" : ": " + fault));
  const Value* const rule = told.find("rule");
  if (rule != nullptr && rule->integer()) text += line("rule", fmt::format("{}", *rule->integer()));
  text += line("held by", textOf(told, "prerequisite"));
  if (const Value* const bucket = told.find("bucket"); bucket != nullptr && bucket->number())
    text += line("bucket", fmt::format("{:.3f} %: in from there on", *bucket->number()));
  return text;
}

std::string showEdited(const Value& edited, Colours colours) {
  const Value* const before = edited.find("before");
  const Value* const after = edited.find("after");
  if (before == nullptr || after == nullptr) return "";
  const Value* const share = after->find("percentage");
  const bool rolls = share != nullptr && share->number() && textOf(*after, "says") != "killed";
  std::string text =
      fmt::format("  {}: {} -> {}", textOf(*after, "key"), rolls ? percent(*before) : saysOf(*before),
                  rolls ? percent(*after) : saysOf(*after));
  if (rolls) {
    const bool simple = textOf(*after, "type") == "boolean";
    text += fmt::format(" (sticky per user); serving {} to {}", simple ? "variant 'on'" : "its split",
                        about(*share->number()));
  } else if (textOf(*after, "says") == "killed") {
    text += "; everybody gets its off variant";
  }
  text += "\n";
  for (const Value& warning : arrayOf(edited, "warnings")) {
    if (warning.text() != nullptr)
      text += toned(fmt::format("  note: {}", escaped(*warning.text())), Tone::kWarning, colours) + "\n";
  }
  if (flagOf(edited, "dry_run"))
    text += fmt::format("  nothing was changed: --generation {}\n", integerOf(edited, "generation"));
  return text;
}

}  // namespace revenge::ctl
