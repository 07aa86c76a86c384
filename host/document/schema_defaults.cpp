#include <algorithm>

#include "document/schema_compiled.hpp"

namespace revenge::document {
namespace {

constexpr std::size_t kMaxSteps = 200'000;
constexpr std::size_t kMaxDepth = 100;
constexpr std::size_t kLookupsPerStep = 64;  // members compared while a key is looked for

class Filler {
 public:
  explicit Filler(const Schema::Compiled& compiled) : compiled_(compiled) {}

  void fill(const Value& reference, Value& value, std::size_t depth) {
    if (++steps_ > kMaxSteps || depth > kMaxDepth) return;
    const Value* node = compiled_.resolve(reference);
    if (node == nullptr || node->object() == nullptr) return;
    if (const Value* all = node->find("allOf")) {
      for (const Value& schema : *all->array()) fill(schema, value, depth + 1);
    }
    if (value.object() != nullptr) {
      known(*node, value, depth);
      others(*node, value, depth);
    }
    const Value* items = node->find("items");
    if (value.array() == nullptr || items == nullptr || items->array() != nullptr) return;
    for (Value& item : *value.array()) fill(*items, item, depth + 1);
  }

 private:
  void known(const Value& node, Value& value, std::size_t depth) {
    const Value* properties = node.find("properties");
    if (properties == nullptr) return;
    for (const auto& [key, reference, at] : *properties->object()) {
      steps_ += value.object()->size() / kLookupsPerStep;
      if (steps_ > kMaxSteps) return;
      if (Value* present = value.find(key)) {
        fill(reference, *present, depth + 1);
      } else {
        absent(key, reference, value, depth);
      }
    }
  }

  void absent(const std::string& key, const Value& reference, Value& value, std::size_t depth) {
    const Value* schema = compiled_.resolve(reference);
    // A schema that contains itself has no end of absent members.
    if (schema == nullptr || std::ranges::find(open_, schema) != open_.end()) return;
    const Value* fallback = schema->find("default");
    if (fallback == nullptr && schema->find("properties") == nullptr) return;
    Value child = fallback != nullptr ? *fallback : Value(Object());
    withoutPositions(child);
    open_.push_back(schema);
    fill(*schema, child, depth + 1);
    open_.pop_back();
    if (fallback != nullptr || !child.object()->empty()) value.set(key, std::move(child));
  }

  void others(const Value& node, Value& value, std::size_t depth) {
    const Value* properties = node.find("properties");
    const Value* schema = node.find("additionalProperties");
    if (schema == nullptr || schema->object() == nullptr) return;
    for (auto& [key, member, at] : *value.object()) {
      if (properties == nullptr || properties->find(key) == nullptr) fill(*schema, member, depth + 1);
    }
  }

  // A default stands nowhere in the text the value came from.
  static void withoutPositions(Value& value) {
    value.position = {};
    if (Array* array = value.array()) std::ranges::for_each(*array, withoutPositions);
    if (Object* object = value.object()) {
      for (auto& [key, member, at] : *object) {
        at = {};
        withoutPositions(member);
      }
    }
  }

  const Schema::Compiled& compiled_;
  std::vector<const Value*> open_;
  std::size_t steps_ = 0;
};

}  // namespace

Value Schema::withDefaults(const Value& value) const {
  Value filled = value;
  Filler(*compiled_).fill(compiled_->document, filled, 0);
  return filled;
}

}  // namespace revenge::document
