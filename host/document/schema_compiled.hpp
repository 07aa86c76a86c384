// What Schema::load made sure of, for the three sources of Schema; nobody else includes this.
// Thread safety: immutable after load.
#pragma once

#include <map>
#include <memory>
#include <unordered_map>

#include <re2/re2.h>

#include "document/schema.hpp"

namespace revenge::document {

struct Schema::Compiled {
  Value document;  // every node checked: keywords are known and of their type
  std::map<std::string, std::unique_ptr<re2::RE2>, std::less<>> patterns;
  std::unordered_map<std::string, const Value*> references;  // "#/definitions/path" -> its node in `document`

  // The node itself, or what its $ref leads to; null after 32 references, as in a circle.
  const Value* resolve(const Value& node) const;
};

// Schema::validate from any node of the schema.
std::vector<Violation> validateNode(const Schema::Compiled& compiled, const Value& node, const Value& value);

// "an integer from 0 to 65535": what a node accepts, as far as a few words can say.
std::string expectation(const Schema::Compiled& compiled, const Value& node);

}  // namespace revenge::document
