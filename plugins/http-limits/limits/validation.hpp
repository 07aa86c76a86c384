// Whether a configuration makes sense, told by its keys. Thread safety: a pure function.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "limits/settings.hpp"

namespace revenge::http_limits {

struct Finding {
  enum class Kind : std::uint8_t { kError, kWarning };
  Kind kind = Kind::kError;
  std::string key;  // as in the configuration: "rules[2].deadline_s"
  std::string message;
};

// All that is to be said, errors or not. Never repeats an API key.
std::vector<Finding> findingsOf(const Settings& settings);

}  // namespace revenge::http_limits
