// A section as the flat list that crosses the C boundary. Thread safety: plain values.
#pragma once

#include <string>
#include <vector>

#include "document/value.hpp"

namespace revenge::config {

// `value` is null, a bool, an integer, a number or a string; empty arrays and objects are leaves as well, so that the
// list and the tree say the same.
struct Leaf {
  std::string pointer;
  const document::Value* value;  // inside the tree that was flattened
};

// In document order. The leaves point into `tree`, which must outlive them.
std::vector<Leaf> flatten(const document::Value& tree);

}  // namespace revenge::config
