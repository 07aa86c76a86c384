// Boots: whether the host's last run ended as it was asked to, whose fault it was when not, and what this run may start therefore.
// Keeps the files of <state>/crashes: `boot` (there while a host runs), `record` and `steps` (what it writes as it dies),
// `history.json`, `last-good.json`, and the last records under `records`. Owned by app; the handler of fatal signals is installed
// while it lives.
// Thread safety: any thread after open().
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "observe/crash_handler.hpp"
#include "observe/crash_record.hpp"
#include "observe/crash_steps.hpp"
#include "plugin/crash_guard.hpp"
#include "plugin/crash_history.hpp"

namespace revenge::app {

struct BootOptions {
  std::filesystem::path folder;  // <state>/crashes
  plugin::CrashLimits limits;
  bool safe = false;  // asked for: no plugin
};

class Boots final : public plugin::CrashGuard {
 public:
  // Takes in what the last run left, and begins this one. A file that is damaged is put aside with a line in notes(): nothing that
  // tells of crashes keeps a host from starting. Nor does a folder that cannot be written: then nothing will be known of this run.
  static std::unique_ptr<Boots> open(BootOptions options, const base::Clock& clock);
  ~Boots() override;
  // This run ends as it was asked to; from here on it may do so in any way.
  void end();

  plugin::StartMode mode() const { return mode_; }
  // What happened before, and what was made of it: lines for the log, gravest first.
  const std::vector<std::string>& notes() const { return notes_; }
  // The plugins of kLastGood by id, and where each was; empty in kSafe.
  const std::map<std::string, plugin::GoodPlugin, std::less<>>& start() const { return good_; }
  // These serve, and have for a while.
  base::Result<> keepGood(const std::vector<plugin::GoodPlugin>& serving);

  std::optional<plugin::Quarantine> quarantined(std::string_view plugin,
                                                std::string_view sha256) const override;
  base::Result<> quarantine(plugin::Quarantine made) override;
  base::Result<bool> release(std::string_view plugin) override;
  std::vector<plugin::Crash> crashesOf(std::string_view plugin) const override;
  std::vector<plugin::Crash> crashes() const;
  observe::CrashSteps::Step begin(const observe::PluginBuild& plugin, std::string_view what) override;

 private:
  Boots(BootOptions options, const base::Clock& clock, std::string host_build);

  void takeIn();
  std::optional<plugin::Crash> lastEnd();
  void read();
  void readGood();
  base::Result<> write(const plugin::CrashHistory& history) const;
  void putAside(const std::filesystem::path& file, std::string_view why);
  void begin();
  void cannotKeep(const base::Error& why);

  // Held while this host runs: a marker that nobody holds is of one that is gone.
  class Lock {
   public:
    explicit Lock(const std::filesystem::path& file);
    Lock(const Lock&) = delete;
    Lock& operator=(const Lock&) = delete;
    ~Lock();
    bool isOurs() const { return ours_; }
    bool isOfAnother() const { return descriptor_ >= 0 && !ours_; }

   private:
    int descriptor_;
    bool ours_;
  };

  const BootOptions options_;
  const base::Clock& clock_;
  const std::string host_build_;
  const Lock lock_;
  std::vector<std::string> notes_;
  plugin::StartMode mode_ = plugin::StartMode::kWanted;
  std::map<std::string, plugin::GoodPlugin, std::less<>> good_;
  mutable std::mutex mutex_;
  plugin::CrashHistory history_;  // guarded by mutex_
  std::optional<observe::CrashSteps> steps_;
  std::optional<observe::CrashHandler> handler_;
  bool ended_ = false;  // guarded by mutex_
};

}  // namespace revenge::app
