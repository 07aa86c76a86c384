// For whom a flag is evaluated: a key that buckets, and attributes that rules look at. Thread safety: plain values;
// all views are borrowed for the call.
#pragma once

#include <span>
#include <string_view>
#include <variant>

namespace revenge::flags {

// A value has one type and is compared with its own type only: 1 is not "1".
using AttributeValue = std::variant<std::string_view, double, bool>;

struct Attribute {
  std::string_view name;
  AttributeValue value;
};

struct Context {
  std::string_view key;  // of the user; empty: there is none
  std::span<const Attribute> attributes = {};

  // The first of that name; "key" is the user's key. Null: missing.
  const AttributeValue* find(std::string_view name, AttributeValue& key_place) const {
    if (name == "key") {
      key_place = key;
      return key.empty() ? nullptr : &key_place;
    }
    for (const Attribute& attribute : attributes) {
      if (attribute.name == name) return &attribute.value;
    }
    return nullptr;
  }
};

}  // namespace revenge::flags
