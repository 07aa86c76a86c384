// What the configuration says of the watchdog and of budgets. Thread safety: plain values.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "config/snapshot.hpp"
#include "observe/log.hpp"
#include "plugin/budget.hpp"

namespace revenge::app {

struct ConductSettings {
  plugin::Policy policy;
  base::Duration window = std::chrono::seconds(10);         // of budgets
  base::Duration stall_window = std::chrono::seconds(600);  // in which stalls count together
  base::Duration io_after = std::chrono::seconds(1);
  base::Duration worker_after = std::chrono::seconds(30);
  observe::LogRate throttled;  // of the log of a plugin that is throttled
  plugin::Amounts allowed{};
  std::map<std::string, plugin::Amounts, std::less<>>
      allowed_to;  // by plugin; what it does not say is as for all

  const plugin::Amounts& allowedTo(std::string_view plugin) const;
};

ConductSettings conductSettings(const config::Snapshot& values);

}  // namespace revenge::app
