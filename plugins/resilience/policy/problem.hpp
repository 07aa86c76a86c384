// Problem: what is wrong with a setting, by its key. Settings are checked once, before a policy is built from them or given
// them live; a policy itself trusts them.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "moment.hpp"

namespace revenge::resilience {

struct Problem {
  std::string key;         // within the policy: "open_wait"
  std::string why;         // "must be above 0, is -5"
  std::string other = {};  // the key that `why` ends with, where it is of two
};

// Each answers nullopt when the value lies in [least, most].
std::optional<Problem> outside(std::string_view key, std::int64_t value, std::int64_t least,
                               std::int64_t most);
std::optional<Problem> outside(std::string_view key, Duration value, Duration least, Duration most);
// NaN lies outside of everything.
std::optional<Problem> outside(std::string_view key, double value, double least, double most);

}  // namespace revenge::resilience
