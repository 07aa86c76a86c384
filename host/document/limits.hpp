// What a parser accepts before it refuses a text. Thread safety: a plain value.
#pragma once

#include <cstddef>

namespace revenge::document {

struct Limits {
  std::size_t maxBytes =
      std::size_t{1024} * 1024;     // raise for answers of big services; a hand-written file never needs it
  std::size_t maxDepth = 100;       // nested arrays and objects
  std::size_t maxValues = 200'000;  // after aliases are expanded: what "a billion laughs" would exceed
};

}  // namespace revenge::document
