// What the plugin room needs to know of crashes, and tells about steps that may cause one. Implemented by whoever keeps the journal.
// Thread safety: any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "observe/code_map.hpp"
#include "observe/crash_steps.hpp"
#include "plugin/crash_history.hpp"

namespace revenge::plugin {

// A plugin as it served when all was well.
struct GoodPlugin {
  std::string id{};
  std::string version{};
  std::string sha256{};
  std::filesystem::path folder{};
};

class CrashGuard {
 public:
  virtual ~CrashGuard() = default;

  // Why this library is not to be loaded by this host.
  virtual std::optional<Quarantine> quarantined(std::string_view plugin, std::string_view sha256) const = 0;
  // From now on it is; kept over restarts, for this build of the host, unless that fails.
  virtual base::Result<> quarantine(Quarantine made) = 0;
  // False: it was not quarantined.
  virtual base::Result<bool> release(std::string_view plugin) = 0;
  virtual std::vector<Crash> crashesOf(std::string_view plugin) const = 0;  // oldest first
  // Until its end the plugin is to blame when the process ends.
  virtual observe::CrashSteps::Step begin(const observe::PluginBuild& plugin, std::string_view what) = 0;
};

}  // namespace revenge::plugin
