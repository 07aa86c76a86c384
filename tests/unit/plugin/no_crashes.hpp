// A host that never crashed.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "plugin/crash_guard.hpp"

namespace revenge::plugin {

class NoCrashes final : public CrashGuard {
 public:
  std::optional<Quarantine> quarantined(std::string_view, std::string_view) const override { return {}; }
  base::Result<> quarantine(Quarantine) override { return {}; }
  base::Result<bool> release(std::string_view) override { return false; }
  std::vector<Crash> crashesOf(std::string_view) const override { return {}; }
  observe::CrashSteps::Step begin(const observe::PluginBuild&, std::string_view) override { return {}; }
};

}  // namespace revenge::plugin
