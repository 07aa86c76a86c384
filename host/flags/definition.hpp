// Flags as the file defines them, checked and compiled. Thread safety: immutable once read; the owner (a snapshot of
// Flags, or a test) keeps what the pointers in an Outcome lead to.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "flags/condition.hpp"
#include "observe/metrics.hpp"

namespace revenge::flags {

enum class Type : std::uint8_t { kBoolean = 1, kString, kInteger, kNumber, kObject };
std::string_view name(Type type);

// Integers beyond +-(2^53 - 1) are not the same number everywhere.
inline constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

struct Variant {
  std::string name;  // at most kMaxName bytes, as are keys of flags
  bool boolean = false;
  double number = 0;          // of integer and number flags
  std::string text = {};      // string; object: its JSON
  observe::Counter served{};  // times this variant was served; counts nothing until the snapshot is published
};
inline constexpr std::size_t kMaxName = 127;

// Parts of a line of `total` steps, in the order of the file: with a constant total only what moved changes.
struct Split {
  struct Part {
    std::uint32_t end;  // first step beyond it
    std::size_t variant;
  };
  Murmur3 seed;
  std::string by;           // attribute; empty: the user's key
  std::uint32_t total = 0;  // 0: nobody gets anything from it
  std::vector<Part> parts;
};

struct Rule {
  std::vector<Condition> conditions;  // all must hold
  std::optional<std::size_t> serves;  // a variant
  std::optional<Split> split;         // neither: null, the default variant
};

struct Prerequisite {
  std::string flag;
  std::string variant;
  std::optional<std::size_t> index;          // of Definitions::flags; nothing: there is no such flag
  std::optional<std::size_t> variant_index;  // of that flag; nothing: it has no such variant
};

struct Schedule {  // [from, until)
  std::optional<base::WallTime> from, until;
  bool includes(base::WallTime now) const { return (!from || now >= *from) && (!until || now < *until); }
};

struct Flag {
  std::string key;
  Type type = Type::kBoolean;
  std::string owner;                           // whom to ask
  std::string remove_when;                     // when the flag has done its work
  std::optional<base::WallTime> remove_after;  // where that begins with a day or a moment
  std::uint32_t line = 0;                      // where it stands
  bool enabled = true;
  bool killed = false;
  bool needs_key = false;  // no user key is an error, not the default
  std::vector<Variant> variants;
  std::optional<std::size_t> standard;  // what the file calls default
  std::optional<std::size_t> off;
  std::optional<Schedule> schedule;
  std::vector<Prerequisite> prerequisites;
  std::vector<Rule> rules;
  std::optional<std::uint32_t> share;  // percentage
  Murmur3 share_seed;
  std::string by;
  std::optional<Split> split;
  observe::Counter fallbacks{};  // times the caller's own default was served
  // Enabled, not killed, and nothing that depends on user or time: the answer is the default variant.
  bool is_constant = false;
  std::size_t definition_hash = 0;  // of its text as a value: equal definitions have equal hashes
};

struct Definitions {
  std::string file;         // where they stand, as messages name it
  std::vector<Flag> flags;  // by key
  std::vector<Segment> segments;

  const Flag* find(std::string_view key) const;
};

}  // namespace revenge::flags
