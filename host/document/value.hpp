// A tree of JSON values as parsed from JSON or YAML: every value and key remembers where it stood in its text, so that
// an error can say file:line. Objects keep the order of the text. Thread safety: a plain value; reading is concurrent.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace revenge::document {

// One-based; line 0 means the value came from no text.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

class Value;
struct Member;
using Array = std::vector<Value>;
using Object = std::vector<Member>;

enum class Kind { kNull, kBool, kInteger, kNumber, kString, kArray, kObject };

class Value {
 public:
  Value();
  Value(std::nullptr_t);
  template <std::same_as<bool> T>
  Value(T value);
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T value);
  Value(double value);
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(Array value);
  Value(Object value);

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool isNull() const { return kind() == Kind::kNull; }

  // Empty, or null, when the value is of another kind. An integer is also a number; a number with an integral value
  // that 64 bits hold is also an integer (JSON Schema knows no difference between 1 and 1.0).
  std::optional<bool> boolean() const;
  std::optional<std::int64_t> integer() const;
  std::optional<double> number() const;
  const std::string* text() const { return std::get_if<std::string>(&data_); }
  const Array* array() const { return std::get_if<Array>(&data_); }
  Array* array() { return std::get_if<Array>(&data_); }
  const Object* object() const { return std::get_if<Object>(&data_); }
  Object* object() { return std::get_if<Object>(&data_); }

  // The member of that name, or null: also when this is no object.
  const Member* member(std::string_view key) const;
  const Value* find(std::string_view key) const;
  Value* find(std::string_view key);

  // The value at a JSON pointer (RFC 6901) such as "/plugins/stream/folders/0", or null; "" is this value.
  const Value* at(std::string_view pointer) const;

  // Replaces or appends the member. Requires: an object, or null, which becomes an object.
  Value& set(std::string_view key, Value value, Position keyAt = {});

  Position position;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> data_;
};

struct Member {
  std::string key;
  Value value;
  Position keyAt;
};

// Defined here because they need Member whole.
inline Value::Value() = default;
inline Value::Value(std::nullptr_t) {}
template <std::same_as<bool> T>
Value::Value(T value) : data_(value) {}
template <std::integral T>
  requires(!std::same_as<T, bool>)
Value::Value(T value) : data_(static_cast<std::int64_t>(value)) {}
inline Value::Value(double value) : data_(value) {}
inline Value::Value(std::string value) : data_(std::move(value)) {}
inline Value::Value(std::string_view value) : data_(std::string(value)) {}
inline Value::Value(const char* value) : data_(std::string(value)) {}
inline Value::Value(Array value) : data_(std::move(value)) {}
inline Value::Value(Object value) : data_(std::move(value)) {}

// Same JSON value: positions and the order of members do not count, 1 equals 1.0.
bool operator==(const Value& left, const Value& right);

// Equal values have equal hashes.
std::size_t hashOf(const Value& value);

// One step of a JSON pointer, escaped.
std::string pointerStep(std::string_view key);

// "/http/port" as people write it: "http.port"; array steps as "[0]". Needs the document to tell an index from a key.
std::string dottedPath(const Value& document, std::string_view pointer);

// One line that a terminal shows as it is: control characters escaped, cut at a character after maxBytes.
std::string printable(std::string_view text, std::size_t maxBytes = 60);

// The steps of a JSON pointer, unescaped; empty when the pointer is malformed.
std::optional<std::vector<std::string>> pointerSteps(std::string_view pointer);

}  // namespace revenge::document
