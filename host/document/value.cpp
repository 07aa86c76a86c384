#include "document/value.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

namespace revenge::document {
namespace {

// The doubles from -2^63 up to, not including, 2^63 are those that convert without undefined behaviour.
constexpr double kTwoTo63 = 9223372036854775808.0;

bool sameObjects(const Object& left, const Object& right) {
  if (left.size() != right.size()) return false;
  const auto same = [](const Member& a, const Member& b) { return a.key == b.key && a.value == b.value; };
  if (std::ranges::equal(left, right, {}, &Member::key, &Member::key))
    return std::ranges::equal(left, right, same);
  const auto sorted = [](const Object& object) {
    std::vector<const Member*> members;
    for (const Member& member : object) members.push_back(&member);
    std::ranges::sort(members, {}, [](const Member* member) -> const std::string& { return member->key; });
    return members;
  };
  return std::ranges::equal(sorted(left), sorted(right),
                            [&](const Member* a, const Member* b) { return same(*a, *b); });
}

std::optional<std::size_t> arrayIndex(std::string_view step) {
  std::size_t index = 0;
  const char* begin = step.data();
  const char* end = begin + step.size();
  const auto [rest, error] = std::from_chars(begin, end, index);
  if (error != std::errc() || rest != end || (step.size() > 1 && step.front() == '0')) return std::nullopt;
  return index;
}

const Value* child(const Value& value, std::string_view step) {
  const Array* array = value.array();
  if (array == nullptr) return value.find(step);
  const auto index = arrayIndex(step);
  return index && *index < array->size() ? &(*array)[*index] : nullptr;
}

bool plainKey(std::string_view key) {
  return !key.empty() && std::ranges::all_of(key, [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c >= 0x80;
  });
}

}  // namespace

std::optional<bool> Value::boolean() const {
  const bool* value = std::get_if<bool>(&data_);
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

std::optional<std::int64_t> Value::integer() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return *value;
  const auto* value = std::get_if<double>(&data_);
  if (value == nullptr || !(*value >= -kTwoTo63 && *value < kTwoTo63) || std::trunc(*value) != *value)
    return {};
  return static_cast<std::int64_t>(*value);
}

std::optional<double> Value::number() const {
  if (const auto* value = std::get_if<std::int64_t>(&data_)) return static_cast<double>(*value);
  const auto* value = std::get_if<double>(&data_);
  return value != nullptr ? std::optional(*value) : std::nullopt;
}

const Member* Value::member(std::string_view key) const {
  const Object* members = object();
  if (members == nullptr) return nullptr;
  const auto found = std::ranges::find(*members, key, &Member::key);
  return found != members->end() ? &*found : nullptr;
}

const Value* Value::find(std::string_view key) const {
  const Member* found = member(key);
  return found != nullptr ? &found->value : nullptr;
}

Value* Value::find(std::string_view key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

const Value* Value::at(std::string_view pointer) const {
  const auto steps = pointerSteps(pointer);
  if (!steps) return nullptr;
  const Value* value = this;
  for (const std::string& step : *steps) {
    value = child(*value, step);
    if (value == nullptr) return nullptr;
  }
  return value;
}

Value& Value::set(std::string_view key, Value value, Position keyAt) {
  if (isNull()) data_ = Object();
  if (Value* existing = find(key)) return *existing = std::move(value);
  return std::get<Object>(data_).emplace_back(std::string(key), std::move(value), keyAt).value;
}

bool operator==(const Value& left, const Value& right) {
  const auto isNumeric = [](Kind kind) { return kind == Kind::kInteger || kind == Kind::kNumber; };
  if (isNumeric(left.kind()) && isNumeric(right.kind())) {
    const auto a = left.integer();
    const auto b = right.integer();
    return a || b ? a == b : left.number() == right.number();
  }
  if (left.kind() != right.kind()) return false;
  switch (left.kind()) {
    case Kind::kBool:
      return left.boolean() == right.boolean();
    case Kind::kString:
      return *left.text() == *right.text();
    case Kind::kArray:
      return *left.array() == *right.array();
    case Kind::kObject:
      return sameObjects(*left.object(), *right.object());
    default:
      return true;
  }
}

std::size_t hashOf(const Value& value) {
  constexpr std::size_t kMultiplier = 0x9E3779B97F4A7C15U;
  std::size_t hash = static_cast<std::size_t>(value.kind());
  if (const auto integer = value.integer()) return std::hash<std::int64_t>()(*integer) * kMultiplier;
  if (const auto number = value.number()) return std::hash<double>()(*number);
  if (const auto boolean = value.boolean()) return hash + (*boolean ? 1 : 0);
  if (const std::string* text = value.text()) return std::hash<std::string>()(*text);
  if (const Array* array = value.array()) {
    for (const Value& item : *array) hash = hash * kMultiplier + hashOf(item);
  }
  if (const Object* object = value.object()) {
    // A sum, because the order of members does not count.
    for (const auto& [key, member, at] : *object)
      hash += std::hash<std::string>()(key) * kMultiplier + hashOf(member);
  }
  return hash;
}

std::string pointerStep(std::string_view key) {
  std::string step = "/";
  for (const char c : key) {
    if (c == '~') {
      step += "~0";
    } else if (c == '/') {
      step += "~1";
    } else {
      step += c;
    }
  }
  return step;
}

std::optional<std::vector<std::string>> pointerSteps(std::string_view pointer) {
  std::vector<std::string> steps;
  if (!pointer.empty() && pointer.front() != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      steps.emplace_back();
    } else if (pointer[i] != '~') {
      steps.back() += pointer[i];
    } else if (i + 1 < pointer.size() && (pointer[i + 1] == '0' || pointer[i + 1] == '1')) {
      steps.back() += pointer[++i] == '0' ? '~' : '/';
    } else {
      return std::nullopt;
    }
  }
  return steps;
}

std::string dottedPath(const Value& document, std::string_view pointer) {
  std::string path;
  const Value* value = &document;
  for (const std::string& step : pointerSteps(pointer).value_or(std::vector<std::string>{})) {
    const bool index = value != nullptr && value->array() != nullptr;
    if (index) {
      path += '[' + step + ']';
    } else if (plainKey(step)) {
      path += (path.empty() ? "" : ".") + step;
    } else {
      path += (path.empty() ? "\"" : ".\"") + printable(step) + '"';
    }
    value = value != nullptr ? child(*value, step) : nullptr;
  }
  return path;
}

std::string printable(std::string_view text, std::size_t maxBytes) {
  std::string shown;
  for (const char c : text.substr(0, maxBytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F) {
      constexpr std::string_view kHex = "0123456789abcdef";
      shown += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      shown += c;
    }
  }
  if (text.size() <= maxBytes) return shown;
  while (!shown.empty() && (static_cast<unsigned char>(shown.back()) & 0xC0) == 0x80) shown.pop_back();
  if (!shown.empty() && static_cast<unsigned char>(shown.back()) >= 0xC0) shown.pop_back();
  return shown + "...";
}

}  // namespace revenge::document
