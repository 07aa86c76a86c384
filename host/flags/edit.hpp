// A change of one flag as the operator asks for it, made in the text of the file: what does not say it stays as it is
// written, comments and layout too. Thread safety: pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "flags/flag_view.hpp"

namespace revenge::flags {

enum class Run : std::uint8_t { kReal, kDry };  // kDry: says what would come of it

struct Edit {
  enum class Kind : std::uint8_t {
    kSet,      // `variant` to everybody whom no rule gives another; takes back a kill
    kRollOut,  // on, or its split, to `percentage` of the users
    kKill      // its off variant to everybody
  };
  Kind kind = Kind::kSet;
  std::string key;
  std::string variant = {};
  double percentage = 0;  // in steps of 0.001
};

struct Asked {
  std::string by;                                // who changes it
  std::optional<std::uint64_t> decided_on = {};  // kStale when another generation of the flags runs
  Run run = Run::kReal;
};

struct Edited {
  FlagView before;
  FlagView after;
  std::uint64_t generation = 0;  // of the flags; of a dry run: as it is
  std::string file;
  std::vector<std::string> warnings;  // what still decides before it, a line each
  Run run = Run::kReal;
};

// The text with the change in it; a flag that is not there is defined. `name` is what messages begin with. kInvalid and
// kRefused: it cannot be said of this flag, and why. Whether the new text is a file of flags is for readDefinitions().
base::Result<std::string> edited(std::string_view text, std::string_view name, const Definitions& now,
                                 const Edit& edit);

// What of the flag decides before that which `edit` has changed, or holds it off.
std::vector<std::string> hindrances(const Flag& after, const Edit& edit);

}  // namespace revenge::flags
