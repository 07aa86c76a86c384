// What a targeting rule asks of one attribute, compiled. Thread safety: immutable; holds() is concurrent and allocates
// nothing. Owned by the Definitions it was read into.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "flags/bucketing.hpp"
#include "flags/context.hpp"
#include "flags/version.hpp"

namespace revenge::flags {

// As in the file, where it owns its text.
using Literal = std::variant<std::string, double, bool>;

struct IsOneOf {
  std::vector<Literal> values;  // equals: one of them
};
struct HasPrefix {
  std::string text;
};
struct HasSuffix {
  std::string text;
};
struct InRange {  // a bound that is absent bounds nothing
  std::optional<double> least, most, above, below;
};
// Flag key and salt are in `seed`; the attribute must be a text.
struct InShare {
  Murmur3 seed;
  std::uint32_t share = 0;
};
struct InSegment {
  std::size_t index = 0;  // of Definitions::segments
};

struct Segment;

struct Condition {
  std::string attribute;  // empty for a segment
  std::variant<IsOneOf, HasPrefix, HasSuffix, VersionTest, InRange, InShare, InSegment> asks;
  bool negated = false;

  // Yes, no, or nothing: the attribute is missing, or of a type the operator does not take.
  using Answer = std::optional<bool>;
  Answer answer(const Context& context, std::span<const Segment> segments) const;
  // Nothing never matches, negated or not: "not in" must not open to those of whom nothing is known.
  bool holds(const Context& context, std::span<const Segment> segments) const {
    return answer(context, segments).value_or(false);
  }
};

// Conditions under a name. Not nested.
struct Segment {
  std::string name;
  bool needs_all = false;  // else any of them
  std::vector<Condition> conditions;
};

}  // namespace revenge::flags
