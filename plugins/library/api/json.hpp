// JSON as clients send it, read strictly (RFC 8259): keys once, at most 64 levels, UTF-8, numbers exact or refused. A tree of
// values, owned. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace library::api {

struct Json {
  using Array = std::vector<Json>;
  struct Object {
    std::vector<Json> members;  // in the order they were written, each with its name
  };

  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value = nullptr;
  std::string name{};  // of a member of an object

  bool isNull() const { return std::holds_alternative<std::nullptr_t>(value); }
  // Null: it is something else.
  const std::string* text() const { return std::get_if<std::string>(&value); }
  const Array* array() const { return std::get_if<Array>(&value); }
  const std::vector<Json>* object() const {
    const auto* const object = std::get_if<Object>(&value);
    return object == nullptr ? nullptr : &object->members;
  }
  std::vector<Json>* object() {
    auto* const object = std::get_if<Object>(&value);
    return object == nullptr ? nullptr : &object->members;
  }
  // Null: there is none of that name, or it is no object.
  const Json* member(std::string_view wanted) const;
};

struct SyntaxError {
  std::size_t line = 1;    // from 1
  std::size_t column = 1;  // from 1, in characters
  std::string what;
};

inline constexpr std::size_t kMaxDepth = 64;

std::expected<Json, SyntaxError> parseJson(std::string_view text);

// RFC 7396: members of the patch replace those of the target, null removes, whatever is no object replaces the whole.
Json merged(Json target, const Json& patch);

}  // namespace library::api
