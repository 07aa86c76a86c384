// How the host ended before, and what follows for the next start. Pure data and logic: no clock, no disk.
//
// A plugin that the host crashed in `limit` times within `window` is quarantined: by the hash of its library and the build of the host,
// so that either of them changed is tried again. Ends that nobody is to blame for are counted by themselves: `limit` of them within the
// window, and the plugins that were last known to be good are started instead of those that are wanted; as many again there, and
// none are (safe mode). An end that was asked for begins the count anew.
//
// Source of the ladder: LibreELEC (5 crashes in 15 minutes, safe mode) and OTP's intensity and period; that verdicts go with
// hash and build: jellyfin-plugin-preventsleep#9.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace revenge::plugin {

// What a start brings up.
enum class StartMode : std::uint8_t { kWanted, kLastGood, kSafe };
std::string_view name(StartMode mode);

// One end of the host that nobody asked for.
struct Crash {
  base::WallTime at = {};
  std::string host_build{};
  StartMode mode = StartMode::kWanted;  // of the start that ended so
  std::string plugin{};                 // the culprit; empty: unknown
  std::string version{};
  std::string sha256{};
  std::string what{};                 // one line for people
  std::vector<std::string> frames{};  // of the stack, innermost first

  bool operator==(const Crash&) const = default;
};

struct Quarantine {
  std::string plugin{};
  std::string version{};
  std::string sha256{};
  std::string host_build{};
  base::WallTime since = {};
  std::size_t crashes = 0;  // 0: its conduct led there, in a host that went on
  std::string what{};       // the last crash, or what it did

  // What is said of a plugin that is kept from starting by it.
  std::string note() const;
  bool operator==(const Quarantine&) const = default;
};

struct CrashLimits {
  std::size_t limit = 3;
  base::Duration window = std::chrono::minutes(10);
};

class CrashHistory {
 public:
  CrashHistory() = default;
  CrashHistory(std::vector<Crash> crashes, std::vector<Quarantine> quarantines)
      : crashes_(std::move(crashes)), quarantines_(std::move(quarantines)) {}

  static constexpr std::size_t kKept = 100;  // crashes, the oldest go

  // The host ended so; the quarantine that follows, if one does.
  std::optional<Quarantine> add(Crash crash, const CrashLimits& limits);
  // It is kept from starting for another reason.
  void quarantine(Quarantine made);
  // The host ended as it was asked to.
  void endedWell() { forgetUnknown(); }

  StartMode next(base::WallTime now, const CrashLimits& limits) const;

  // Why this build of the plugin is not started; null: it may be.
  const Quarantine* quarantined(std::string_view plugin, std::string_view sha256,
                                std::string_view host_build) const;
  // Lifts it, and forgets what led there; false: it was not quarantined.
  bool release(std::string_view plugin);

  const std::vector<Crash>& crashes() const { return crashes_; }  // oldest first
  const std::vector<Quarantine>& quarantines() const { return quarantines_; }
  std::vector<Crash> of(std::string_view plugin) const;

 private:
  void forgetUnknown();

  std::vector<Crash> crashes_;
  std::vector<Quarantine> quarantines_;
};

}  // namespace revenge::plugin
