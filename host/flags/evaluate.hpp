// What one flag says for one user. Order: disabled, kill switch, schedule, prerequisites, rules, percentage, default.
// Reasons are those of OpenFeature. Thread safety: pure functions of immutable definitions; nothing allocates. Pointers in
// an Outcome live as long as the definitions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "flags/definition.hpp"

namespace revenge::flags {

// The numbers of <revenge/abi/flags.h>. This host never caches, so that kCached, kUnknown and kStale do not occur.
enum class Reason : std::uint8_t {
  kStatic = 1,      // the flag has neither rules nor a percentage
  kDefault,         // nothing applied, or a prerequisite or the schedule turned it off
  kTargetingMatch,  // a rule
  kSplit,           // a percentage or weights
  kCached,
  kDisabled,  // out of force, or killed
  kUnknown,
  kStale,
  kError
};
enum class Fault : std::uint8_t { kNone = 0, kFlagNotFound, kTypeMismatch, kTargetingKeyMissing, kGeneral };
std::string_view name(Reason reason);
std::string_view name(Fault fault);

struct Outcome {
  const Variant* variant = nullptr;  // null: the caller's own default
  Reason reason = Reason::kError;
  Fault fault = Fault::kFlagNotFound;
  std::int32_t rule = -1;                      // index of the one that decided
  const Prerequisite* prerequisite = nullptr;  // the first that failed
};

// Where the context stands on the line of the flag's percentage, else of its split, in thousandths of a percent; nothing:
// the flag has neither, or the context no key for it.
std::optional<std::uint32_t> placeOf(const Flag& flag, const Context& context);

// Null: there is no such flag.
Outcome evaluate(const Definitions& definitions, const Flag* flag, const Context& context,
                 const base::Clock& clock);

// The same for a caller who wants that type: another type, or a number that would lose something, is a fault.
Outcome evaluateAs(Type wanted, const Definitions& definitions, const Flag* flag, const Context& context,
                   const base::Clock& clock);

// Whether anybody, of whom anything may be true, would get `true` now. Of no flag, a disabled one, or one of another
// type: yes, as whoever asks with true for default does.
bool couldServe(const Definitions& definitions, const Flag* flag, base::WallTime now);

// Whether the variant that a prerequisite asks for could be given to anybody now.
bool couldMeet(const Definitions& definitions, const Prerequisite& prerequisite, base::WallTime now);

// Whether two users could get different answers now, or one user by the key they are known by.
bool asksWho(const Definitions& definitions, const Flag& flag, base::WallTime now);

// The keys of those that a schedule, their own or that of a flag they wait for, turned between two moments; in order.
std::vector<std::string> turned(const Definitions& definitions, base::WallTime after, base::WallTime until);

// The next moment after `now` at which a schedule begins or ends.
std::optional<base::WallTime> nextChange(const Definitions& definitions, base::WallTime now);

}  // namespace revenge::flags
