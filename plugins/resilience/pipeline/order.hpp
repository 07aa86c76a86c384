// What a declared pipeline will do that its author may not want: orders that hide failures, hold what others wait for, or
// multiply calls. Thread safety: a pure function.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pipeline/declared.hpp"

namespace revenge::resilience {

enum class Gravity : std::uint8_t {
  kRefused,  // such a pipeline is not built
  kWarning,
};

struct OrderFinding {
  Gravity gravity = Gravity::kWarning;
  std::string key;  // within the pipeline: "2: breaker", "0: retry.max_attempts", or empty for the whole
  std::string why;
};

// `repeat`: whether the calls through it are safe to repeat, as far as is known.
std::vector<OrderFinding> checkOrder(std::span<const DeclaredLayer> layers, Repeat repeat = Repeat::kSafe);

}  // namespace revenge::resilience
