// Calls into a plugin that nobody waits for: timers, jobs, events, watches, threads. What one of them throws reaches nobody
// else, so it is told here: once a minute and instance, with how many there were meanwhile. Thread safety: any thread.
#pragma once

#include <string_view>

#include "plugin/host_record.hpp"
#include "plugin/trampoline.hpp"

namespace revenge::ext {

// Requires: `doing` outlives the call, and the instance is entered or its thread one of the host's.
void tellThrown(const revenge_host& host, std::string_view doing, std::string_view why);

template <typename Call>
void callOneWay(const revenge_host& host, const char* doing, Call&& call) {
  revenge_error why{sizeof(revenge_error), 0, {}};
  const revenge_status status = plugin::guarded(doing, why, [&] {
    call();
    return revenge_status{REVENGE_OK};
  });
  if (status != REVENGE_OK) tellThrown(host, doing, {why.message, why.length});
}

}  // namespace revenge::ext
