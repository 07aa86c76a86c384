#include "flags/closed.hpp"

#include <fmt/format.h>

#include "flags/evaluate.hpp"
#include "flags/moment.hpp"

namespace revenge::flags {
namespace {

Closed offSchedule(const Flag& flag, base::WallTime now) {
  const bool begins = flag.schedule->from && now < *flag.schedule->from;
  return {begins ? fmt::format("flag '{}' begins at {}", flag.key, showMoment(*flag.schedule->from))
                 : fmt::format("flag '{}' ended at {}", flag.key, showMoment(*flag.schedule->until)),
          fmt::format("change flags.{}.schedule", flag.key)};
}

}  // namespace

std::optional<Closed> closed(const Definitions& definitions, const Flag* flag, base::WallTime now) {
  if (flag == nullptr || couldServe(definitions, flag, now)) return std::nullopt;
  if (flag->schedule && !flag->killed && !flag->schedule->includes(now)) return offSchedule(*flag, now);
  for (const Prerequisite& prerequisite : flag->prerequisites) {
    if (flag->killed || couldMeet(definitions, prerequisite, now)) continue;
    return Closed{
        fmt::format("flag '{}' needs '{}' of flag '{}'", flag->key, prerequisite.variant, prerequisite.flag),
        fmt::format("revengectl flags set {} {}", prerequisite.flag, prerequisite.variant)};
  }
  return Closed{fmt::format("flag '{}' is {}", flag->key, flag->killed ? "killed" : "off"),
                fmt::format("revengectl flags set {} on", flag->key)};
}

}  // namespace revenge::flags
