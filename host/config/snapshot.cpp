#include "config/snapshot.hpp"

#include <algorithm>
#include <stdexcept>

#include <fmt/format.h>

#include "config/host_schema.hpp"

namespace revenge::config {
namespace {

using document::Value;

void overlay(Value& below, const Value& above) {
  if (below.object() == nullptr || above.object() == nullptr) {
    below = above;
    return;
  }
  below.position = above.position;
  for (const auto& [key, value, keyAt] : *above.object()) {
    if (Value* existing = below.find(key)) {
      overlay(*existing, value);
    } else {
      below.set(key, value, keyAt);
    }
  }
}

std::string placeIn(const Layer& layer, document::Position at) {
  return at.line == 0 ? layer.origin : fmt::format("{}:{}", layer.origin, at.line);
}

// What a message may say of a value that came from there.
std::string_view shownOf(const Layer& layer, std::string_view message) {
  return layer.name == kSecretLayer ? message.substr(0, message.find(", got ")) : message;
}

void leaveOut(Value& tree, std::string_view pointer) {
  const auto steps = document::pointerSteps(pointer);
  Value* here = &tree;
  for (std::size_t i = 0; steps && here != nullptr && i + 1 < steps->size(); ++i)
    here = here->find((*steps)[i]);
  if (!steps || steps->empty() || here == nullptr || here->object() == nullptr) return;
  std::erase_if(*here->object(), [&](const document::Member& member) { return member.key == steps->back(); });
}

std::string_view parentOf(std::string_view pointer) { return pointer.substr(0, pointer.rfind('/')); }

template <typename T>
const T& required(const T* value, std::string_view pointer) {
  if (value == nullptr)
    throw std::logic_error(fmt::format("configuration {}: no such key of that type", pointer));
  return *value;
}

std::string describe(const std::vector<Layer>& layers, const Value& values, std::string_view prefix,
                     const document::Violation& violation) {
  const std::string pointer = std::string(prefix) + violation.pointer;
  const std::string path = document::dottedPath(values, pointer);
  // The value itself, or for a key that is missing everywhere the nearest object that stands somewhere.
  for (std::string_view at = pointer;; at = parentOf(at)) {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
      if (layer->value.at(at) == nullptr) continue;
      const bool exact = at.size() == pointer.size() && layer->value.at(at)->position.line != 0;
      const document::Position position =
          exact && violation.position.line != 0 ? violation.position : layer->value.at(at)->position;
      return fmt::format("{}: {}{}{}", placeIn(*layer, position), path, path.empty() ? "" : ": ",
                         shownOf(*layer, violation.message));
    }
    if (at.empty()) break;
  }
  return fmt::format("{}{}{}", path, path.empty() ? "" : ": ", violation.message);
}

// Pointers, in the order of the schema.
const std::vector<std::string>& hostKeys() {
  static const std::vector<std::string> kKeys = [] {
    std::vector<std::string> keys;
    for (const document::KeyDoc& key : document::describeKeys(hostSchema())) {
      std::string pointer = "/" + key.path;
      std::ranges::replace(pointer, '.', '/');
      if (!key.section && !key.path.contains('<')) keys.push_back(std::move(pointer));
    }
    return keys;
  }();
  return kKeys;
}

}  // namespace

HostKey::HostKey(std::string_view pointer)
    : index_(static_cast<std::size_t>(std::ranges::find(hostKeys(), pointer) - hostKeys().begin())) {
  if (index_ == hostKeys().size())
    throw std::logic_error(fmt::format("configuration {}: no key of the host", pointer));
}

Value merged(const std::vector<Layer>& layers) {
  Value values{document::Object()};
  for (const Layer& layer : layers) {
    if (!layer.value.isNull()) overlay(values, layer.value);
  }
  return values;
}

Problems problemsOf(const std::vector<Layer>& layers, const Value& values, std::string_view prefix,
                    const std::vector<document::Violation>& violations) {
  Problems problems;
  for (const auto& violation : violations) problems.push_back(describe(layers, values, prefix, violation));
  return problems;
}

Snapshot::Snapshot(std::vector<Layer> layers, const document::Schema& host, const PluginSchemas& plugins)
    : layers_(std::move(layers)), written_(merged(layers_)), effective_(host.withDefaults(written_)) {
  for (const std::string& pointer : hostKeys()) {
    const Value* const value = effective_.at(pointer);
    const bool on = value != nullptr && value->boolean().value_or(false);
    scalars_.push_back({value == nullptr ? 0 : value->integer().value_or(on ? 1 : 0),
                        value == nullptr ? 0 : value->number().value_or(0)});
  }
  Value* sections = effective_.find("plugins");
  if (sections == nullptr) return;
  for (const auto& [id, schema] : plugins) sections->set(id, schema.withDefaults(section(id)));
}

const Value& Snapshot::get(std::string_view pointer) const {
  return required(effective_.at(pointer), pointer);
}

std::int64_t Snapshot::integer(std::string_view pointer) const {
  const auto value = get(pointer).integer();
  return required(value ? &*value : nullptr, pointer);
}

double Snapshot::number(std::string_view pointer) const {
  const auto value = get(pointer).number();
  return required(value ? &*value : nullptr, pointer);
}

bool Snapshot::boolean(std::string_view pointer) const {
  const auto value = get(pointer).boolean();
  return required(value ? &*value : nullptr, pointer);
}

const std::string& Snapshot::text(std::string_view pointer) const {
  return required(get(pointer).text(), pointer);
}

std::vector<std::string> Snapshot::texts(std::string_view pointer) const {
  std::vector<std::string> texts;
  for (const Value& item : required(get(pointer).array(), pointer))
    texts.push_back(required(item.text(), pointer));
  return texts;
}

Value Snapshot::section(std::string_view id) const {
  const Value* value = written_.at("/plugins" + document::pointerStep(id));
  return value != nullptr ? *value : Value(document::Object());
}

Value Snapshot::plugin(std::string_view id) const {
  const Value* value = effective_.at("/plugins" + document::pointerStep(id));
  return value != nullptr ? *value : Value(document::Object());
}

std::vector<std::string> Snapshot::keysOfOthers(std::string_view id, const document::Schema& schema,
                                                std::span<const document::Schema> others) const {
  std::vector<std::string> keys;
  if (others.empty()) return keys;
  for (const document::Violation& found : schema.validate(section(id))) {
    const auto steps = document::pointerSteps(found.pointer);
    if (!found.unknown_key || !steps) continue;
    const bool known = std::ranges::any_of(others, [&](const document::Schema& other) {
      return document::describeKey(other, *steps).has_value();
    });
    if (known) keys.push_back(found.pointer);
  }
  return keys;
}

std::expected<Value, Problems> Snapshot::pluginUnder(std::string_view id, const document::Schema& schema,
                                                     std::optional<Layer> over,
                                                     std::span<const std::string> left_out) const {
  const std::string prefix = "/plugins" + document::pointerStep(id);
  std::vector<Layer> layers = layers_;
  Value written = section(id);
  if (over) {
    if (const Value* above = over->value.at(prefix)) overlay(written, *above);
    layers.push_back(std::move(*over));
  }
  for (const std::string& pointer : left_out) leaveOut(written, pointer);
  Value filled = schema.withDefaults(written);
  Problems problems = problemsOf(layers, effective_, prefix, schema.validate(filled));
  if (!problems.empty()) return std::unexpected(std::move(problems));
  return filled;
}

std::string keptForAnother(const Snapshot& snapshot, std::string_view id, std::string_view pointer) {
  const std::string whole = fmt::format("/plugins{}{}", document::pointerStep(id), pointer);
  return fmt::format("{}: {}: only another version of {} knows it; kept", snapshot.origin(whole),
                     document::dottedPath(snapshot.values(), whole), id);
}

std::string Snapshot::origin(std::string_view pointer) const {
  if (effective_.at(pointer) == nullptr) return "not set";
  for (auto layer = layers_.rbegin(); layer != layers_.rend(); ++layer) {
    if (const Value* value = layer->value.at(pointer)) return placeIn(*layer, value->position);
  }
  return "default";
}

}  // namespace revenge::config
