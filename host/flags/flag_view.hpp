// One flag as people and the control plane see it. Thread safety: plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "flags/definition.hpp"

namespace revenge::flags {

// Who gave a flag its present meaning, and when.
struct Author {
  std::string who;
  base::WallTime at = {};
};

struct FlagView {
  std::string key;
  std::string says;  // in a word: "on", "10 %", "2 rules, 10 %", "killed"; empty: not defined
  Type type = Type::kBoolean;
  std::string owner;
  std::string remove_when;
  bool is_overdue = false;  // the day that remove_when begins with has come
  std::uint32_t line = 0;
  std::vector<std::string> variants;
  std::string standard;                    // variant; empty: the default of whoever asks
  std::optional<double> percentage;        // of users
  std::vector<std::string> prerequisites;  // "flag: variant"
  std::size_t rules = 0;
  std::optional<Author> author;  // since the host started

  bool isDefined() const { return !says.empty(); }
};

// Without an author.
FlagView view(const Flag& flag, base::WallTime now);

// "12:01:05" within a day of `now`, else with its date; local time.
std::string timeOfDay(base::WallTime moment, base::WallTime now);

}  // namespace revenge::flags
