// Which flag waits for which. Thread safety: a pure function of its argument.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "flags/definition.hpp"

namespace revenge::flags {

// Why the prerequisites of a flag cannot be.
struct Tangle {
  std::string flag;
  std::uint32_t line = 0;
  std::string message;  // "cycle: a -> b -> a"
};

// Lets every prerequisite find its flag and variant, or know that there is none (the flag is then off); a flag's hash
// takes in those of the flags it waits for. Refused: cycles, with their path, and a flag whose evaluation would take
// more than 1000 others, counting each as often as it is asked. Requires: sorted by key.
std::vector<Tangle> link(std::vector<Flag>& flags);

}  // namespace revenge::flags
