// Route patterns: "/stream/{id}", "/files/{rest...}". Thread safety: pure functions and plain values.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace revenge::http {

struct Segment {
  enum class Kind : std::uint8_t { kLiteral, kParameter, kRest };
  Kind kind;
  std::string_view text;  // the literal, or the parameter's name
};

struct Pattern {
  std::vector<Segment> segments;  // views into the text parsed; "/" is one empty literal

  // The error says what is wrong with the pattern, without naming it.
  static base::Result<Pattern> parse(std::string_view text);
};

// Whether the paths of a pattern lie below a prefix: all, none, or depending on the path.
enum class Relation : std::uint8_t { kBelow, kApart, kByPath };
Relation relate(std::string_view pattern, std::string_view prefix);

}  // namespace revenge::http
