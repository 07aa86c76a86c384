#include "revengectl/show_command.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "document/json.hpp"

namespace revenge::ctl {

namespace {

using document::Value;
using Rows = std::vector<std::vector<Cell>>;

std::string size(double bytes) {
  constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  for (; bytes >= 1024 && unit + 1 < kUnits.size(); ++unit) bytes /= 1024;
  return unit == 0 ? fmt::format("{:.0f} B", bytes) : fmt::format("{:.1f} {}", bytes, kUnits[unit]);
}

std::string shown(std::string_view key, const Value& value) {
  if (const std::string* const text = value.text()) return text->empty() ? "-" : *text;
  if (value.isNull()) return "-";
  if (const auto flag = value.boolean()) return *flag ? "yes" : "no";
  if (const auto number = value.number()) {
    if (key.ends_with("_at")) return localTime(*number);
    if (key.ends_with("_bytes")) return size(*number);
  }
  if (const auto* const list = value.array()) {
    std::string words;
    for (const Value& item : *list) words += (words.empty() ? "" : ", ") + shown(key, item);
    return words.empty() ? "-" : words;
  }
  return document::writeJson(value);
}

std::string spoken(std::string_view key) {
  for (const std::string_view unit : {"_at", "_bytes"}) {
    if (key.ends_with(unit)) key.remove_suffix(unit.size());
  }
  std::string words(key);
  std::ranges::replace(words, '_', ' ');
  return words;
}

std::string heading(std::string_view key) {
  std::string words = spoken(key);
  std::ranges::transform(words, words.begin(), [](unsigned char c) { return std::toupper(c); });
  return words;
}

bool holdsObjects(const Value& value) {
  return value.array() != nullptr && !value.array()->empty() && value.array()->front().object() != nullptr;
}

void addPlain(const document::Object& object, const std::string& before, Rows& rows) {
  for (const document::Member& member : object) {
    const std::string name = before + spoken(member.key);
    if (holdsObjects(member.value)) continue;
    if (const auto* const inner = member.value.object()) {
      addPlain(*inner, name + " ", rows);
    } else {
      rows.push_back({{name, Tone::kFaint}, {shown(member.key, member.value)}});
    }
  }
}

Rows tableOf(const document::Array& items) {
  std::vector<std::string> keys;
  for (const Value& item : items) {
    if (item.object() == nullptr) continue;
    for (const document::Member& member : *item.object())
      if (std::ranges::find(keys, member.key) == keys.end()) keys.push_back(member.key);
  }
  Rows rows(1);
  for (const std::string& key : keys) rows.front().push_back({heading(key), Tone::kFaint});
  for (const Value& item : items) {
    auto& row = rows.emplace_back();
    for (const std::string& key : keys) {
      const Value* const found = item.object() != nullptr ? item.find(key) : nullptr;
      row.push_back({found == nullptr ? "-" : shown(key, *found)});
    }
  }
  return rows;
}

std::string argumentsOf(const Value& command) {
  const Value* const properties = command.at("/arguments/properties");
  if (properties == nullptr || properties->object() == nullptr) return {};
  std::string text;
  for (const document::Member& argument : *properties->object())
    text += fmt::format("    {}  {}\n", escaped(argument.key + "="), textOf(argument.value, "description"));
  return text;
}

}  // namespace

std::string showCommands(const Value& listed, Colours colours) {
  const document::Array& commands = arrayOf(listed, "commands");
  if (commands.empty()) return fmt::format("  {} has no commands\n", textOf(listed, "plugin"));
  std::string text;
  for (const Value& command : commands) {
    const bool steers = textOf(command, "role") == "steer";
    text +=
        fmt::format("  {}{}  {}\n", toned(textOf(command, "name"), Tone::kGood, colours),
                    steers ? "" : toned("  (looks)", Tone::kFaint, colours), textOf(command, "description"));
    text += argumentsOf(command);
  }
  return text;
}

std::string showAnswer(const Value& answer, Colours colours) {
  if (answer.object() == nullptr) return {};
  Rows plain;
  addPlain(*answer.object(), "", plain);
  std::string text = plain.empty() ? "" : table(plain, colours);
  for (const document::Member& member : *answer.object()) {
    if (!holdsObjects(member.value)) continue;
    text += fmt::format("  {}\n", toned(escaped(spoken(member.key)) + ":", Tone::kFaint, colours));
    text += table(tableOf(*member.value.array()), colours);
  }
  return text;
}

}  // namespace revenge::ctl
