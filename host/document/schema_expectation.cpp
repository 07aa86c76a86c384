#include <algorithm>

#include "document/json.hpp"
#include "document/schema_compiled.hpp"

namespace revenge::document {
namespace {

std::string shown(const Value& value) { return printable(writeJson(value)); }

std::string joined(const std::vector<std::string>& parts) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += (i == 0 ? "" : i + 1 == parts.size() ? " or " : ", ") + parts[i];
  return text;
}

// " from 0 to 65535", " of at least 1", " below 5" ...
std::string range(const Value& node) {
  const Value* least = node.find("minimum");
  const Value* most = node.find("maximum");
  if (least != nullptr && most != nullptr) return fmt::format(" from {} to {}", shown(*least), shown(*most));
  std::string text;
  const auto bound = [&](const char* key, std::string_view words) {
    if (const Value* value = node.find(key))
      text += fmt::format("{} {} {}", text.empty() ? "" : " and", words, shown(*value));
  };
  bound("minimum", "of at least");
  bound("exclusiveMinimum", "above");
  bound("maximum", "of at most");
  bound("exclusiveMaximum", "below");
  bound("multipleOf", "in steps of");
  return text;
}

std::string length(const Value& node, const char* least, const char* most, std::string_view unit) {
  const Value* from = node.find(least);
  const Value* to = node.find(most);
  if (from != nullptr && to != nullptr) return fmt::format(" of {} to {} {}", shown(*from), shown(*to), unit);
  if (from != nullptr && *from == Value(1)) return " that is not empty";
  if (from != nullptr) return fmt::format(" of at least {} {}", shown(*from), unit);
  return to != nullptr ? fmt::format(" of at most {} {}", shown(*to), unit) : "";
}

std::string ofType(const std::string& type, const Value& node) {
  if (type == "integer") return "an integer" + range(node);
  if (type == "number") return "a number" + range(node);
  if (type == "boolean") return "true or false";
  if (type == "null") return "null";
  if (type == "array") return "an array" + length(node, "minItems", "maxItems", "items");
  if (type == "object") return "an object" + length(node, "minProperties", "maxProperties", "keys");
  const Value* pattern = node.find("pattern");
  return "a string" + length(node, "minLength", "maxLength", "characters") +
         (pattern != nullptr ? " matching " + printable(*pattern->text(), 120) : "");
}

// The type that constraints without a `type` are about.
std::string impliedType(const Value& node) {
  for (const char* key : {"pattern", "minLength", "maxLength"}) {
    if (node.find(key) != nullptr) return "string";
  }
  for (const char* key : {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}) {
    if (node.find(key) != nullptr) return "number";
  }
  return node.find("properties") != nullptr ? "object" : "";
}

}  // namespace

std::string expectation(const Schema::Compiled& compiled, const Value& reference) {
  const Value* node = compiled.resolve(reference);
  if (node == nullptr) return "nothing";
  if (const auto verdict = node->boolean()) return *verdict ? "anything" : "nothing";
  std::vector<std::string> parts;
  if (const Value* constant = node->find("const")) return shown(*constant);
  if (const Value* values = node->find("enum")) {
    for (const Value& value : *values->array()) {
      if (parts.size() == 20) break;
      parts.push_back(shown(value));
    }
    return joined(parts);
  }
  const Value* type = node->find("type");
  if (type != nullptr && type->array() != nullptr) {
    for (const Value& name : *type->array()) parts.push_back(ofType(*name.text(), *node));
    return joined(parts);
  }
  const std::string name = type != nullptr ? *type->text() : impliedType(*node);
  if (!name.empty()) return ofType(name, *node);
  return "another value";
}

}  // namespace revenge::document
