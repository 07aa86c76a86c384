#include "config/picture.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "config/difference.hpp"
#include "config/host_schema.hpp"
#include "config/key_path.hpp"
#include "config/override.hpp"
#include "document/json.hpp"

namespace revenge::config {
namespace {

using document::Value;

constexpr std::string_view kPlugins = "plugins";
constexpr std::size_t kPluginSteps = 2;  // plugins, its id

std::optional<Layer> planLayer(const PluginPart& part) {
  if (part.over.empty()) return std::nullopt;
  auto parsed = document::parseJson(part.over, "plan");
  if (!parsed) return std::nullopt;
  const std::vector<std::string> steps{std::string(kPlugins), part.id};
  return Layer{"plan", fmt::format("the plan's configuration of {}", part.id),
               nested(steps, std::move(*parsed))};
}

std::string originIn(const Layer& layer, const Value& value) {
  return value.position.line == 0 ? layer.origin : fmt::format("{}:{}", layer.origin, value.position.line);
}

}  // namespace

std::string_view name(Effect effect) {
  constexpr std::string_view kNames[] = {"live", "plugin anew", "host restart", "not serving"};
  return kNames[static_cast<std::size_t>(effect)];
}

Picture::Picture(std::shared_ptr<const Snapshot> snapshot, std::vector<PluginPart> parts)
    : snapshot_(std::move(snapshot)),
      parts_(std::move(parts)),
      host_(hostSchema()),
      layers_(snapshot_->layers()),
      values_(snapshot_->values()) {
  Value* const sections = values_.find(kPlugins);
  for (const PluginPart& part : parts_) {
    std::optional<Layer> plan = planLayer(part);
    if (plan) layers_.push_back(*plan);
    if (!part.schema || sections == nullptr) continue;
    const auto left_out = snapshot_->keysOfOthers(part.id, *part.schema, part.others);
    for (const std::string& pointer : left_out)
      warnings_.push_back(keptForAnother(*snapshot_, part.id, pointer));
    auto section = snapshot_->pluginUnder(part.id, *part.schema, std::move(plan), left_out);
    if (section) {
      sections->set(part.id, std::move(*section));
    } else {
      problems_.insert(problems_.end(), section.error().begin(), section.error().end());
    }
  }
}

const PluginPart* Picture::partOf(std::span<const std::string> steps) const {
  if (steps.size() < kPluginSteps || steps[0] != kPlugins) return nullptr;
  const auto found = std::ranges::find(parts_, steps[1], &PluginPart::id);
  return found != parts_.end() ? &*found : nullptr;
}

std::optional<document::KeyDoc> Picture::docOf(std::span<const std::string> steps) const {
  if (steps.size() <= kPluginSteps || steps[0] != kPlugins) return document::describeKey(host_, steps);
  const PluginPart* const part = partOf(steps);
  if (part == nullptr || !part->schema) return std::nullopt;
  return document::describeKey(*part->schema, steps.subspan(kPluginSteps));
}

// What no schema speaks of may be a password as well as not.
bool Picture::isSecret(std::span<const std::string> steps) const {
  const auto doc = docOf(steps);
  const bool below_plugin = steps.size() > kPluginSteps && steps[0] == kPlugins;
  if (doc ? doc->secret : below_plugin) return true;
  const std::string pointer = pointerTo(steps);
  return std::ranges::any_of(layers_, [&](const Layer& layer) {
    return layer.name == kSecretLayer && layer.value.at(pointer) != nullptr &&
           layer.value.at(pointer)->object() == nullptr;
  });
}

Effect Picture::effectOf(std::span<const std::string> steps) const {
  const bool of_plugin = steps.size() >= kPluginSteps && steps[0] == kPlugins;
  if (!of_plugin) return isLive(pointerTo(steps)) ? Effect::kLive : Effect::kHostRestart;
  const PluginPart* const part = partOf(steps);
  return part != nullptr ? part->effect : Effect::kNotServing;
}

std::string Picture::originOf(std::string_view pointer) const {
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    if (const Value* const value = layer->value.at(pointer)) return originIn(*layer, *value);
  }
  return "default";
}

Value Picture::shown(const Value& value, std::vector<std::string>& steps, bool& secret) const {
  const auto below = [&](std::string step, const Value& child) {
    steps.push_back(std::move(step));
    Value made = shown(child, steps, secret);
    steps.pop_back();
    return made;
  };
  if (value.object() != nullptr && !value.object()->empty()) {
    Value made{document::Object()};
    for (const document::Member& member : *value.object())
      made.set(member.key, below(member.key, member.value));
    return made;
  }
  if (isSecret(steps)) {
    secret = true;
    return nullptr;
  }
  if (value.array() == nullptr) return value;
  document::Array items;
  for (std::size_t i = 0; i < value.array()->size(); ++i)
    items.push_back(below(std::to_string(i), (*value.array())[i]));
  return items;
}

Value Picture::shownAt(std::string_view pointer, const Value& value, bool& secret) const {
  auto steps = document::pointerSteps(pointer).value_or(std::vector<std::string>());
  return shown(value, steps, secret);
}

void Picture::gather(const Value& value, std::vector<std::string>& steps, std::vector<Entry>& entries) const {
  if (value.object() != nullptr && !value.object()->empty()) {
    for (const document::Member& member : *value.object()) {
      steps.push_back(member.key);
      gather(member.value, steps, entries);
      steps.pop_back();
    }
    return;
  }
  Entry entry;
  entry.key = keyOf(steps);
  entry.value = shown(value, steps, entry.secret);
  entry.origin = originOf(pointerTo(steps));
  entries.push_back(std::move(entry));
}

std::vector<Entry> Picture::entries(std::string_view pointer) const {
  std::vector<Entry> entries;
  auto steps = document::pointerSteps(pointer).value_or(std::vector<std::string>());
  if (const Value* const value = values_.at(pointer)) gather(*value, steps, entries);
  return entries;
}

bool Picture::knows(std::span<const std::string> steps) const {
  return docOf(steps).has_value() || values_.at(pointerTo(steps)) != nullptr;
}

std::string Picture::unknown(std::span<const std::string> steps) const {
  const PluginPart* const part = steps.size() > kPluginSteps ? partOf(steps) : nullptr;
  const bool of_plugin = part != nullptr && part->schema.has_value();
  const auto own = of_plugin ? steps.subspan(kPluginSteps) : steps;
  for (const document::Violation& found :
       (of_plugin ? *part->schema : host_).validate(nested(own, Value()))) {
    if (found.message.starts_with("unknown key")) return fmt::format("{}: {}", keyOf(steps), found.message);
  }
  return fmt::format("{}: unknown key", keyOf(steps));
}

Explained Picture::explain(std::span<const std::string> steps) const {
  const std::string pointer = pointerTo(steps);
  Explained told;
  told.key = keyOf(steps);
  told.type = "of a plugin that is not installed: any value is kept, unchecked and not shown";
  told.effect = effectOf(steps);
  if (const auto doc = docOf(steps)) {
    told.type = doc->type;
    told.description = doc->description;
    told.section = doc->section;
    if (doc->fallback != nullptr)
      told.layers.push_back({"default", "default", shownAt(pointer, *doc->fallback, told.secret)});
  }
  for (const Layer& layer : layers_) {
    const Value* const value = layer.value.at(pointer);
    if (value != nullptr)
      told.layers.push_back({layer.name, originIn(layer, *value), shownAt(pointer, *value, told.secret)});
  }
  const Value* const value = values_.at(pointer);
  if (value != nullptr) {
    told.section = told.section || (value->object() != nullptr && !value->object()->empty());
    told.value = shownAt(pointer, *value, told.secret);
  }
  return told;
}

std::vector<Difference> differences(const Picture& before, const Picture& after) {
  std::vector<Difference> found;
  for (const std::string& pointer : changedPointers(before.values(), after.values())) {
    const auto steps = document::pointerSteps(pointer).value_or(std::vector<std::string>());
    Difference difference;
    difference.key = keyOf(steps);
    if (const Value* const value = before.values().at(pointer))
      difference.before = before.shownAt(pointer, *value, difference.secret);
    if (const Value* const value = after.values().at(pointer))
      difference.after = after.shownAt(pointer, *value, difference.secret);
    if (difference.secret) {
      if (difference.before) difference.before = Value();
      if (difference.after) difference.after = Value();
    }
    difference.origin = difference.after ? after.originOf(pointer) : "";
    difference.effect = after.effectOf(steps);
    found.push_back(std::move(difference));
  }
  return found;
}

}  // namespace revenge::config
