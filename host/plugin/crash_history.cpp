#include "plugin/crash_history.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace revenge::plugin {

std::string_view name(StartMode mode) {
  constexpr std::array<std::string_view, 3> kNames{"wanted", "last good", "safe"};
  return kNames[static_cast<std::size_t>(mode)];
}

std::string Quarantine::note() const {
  const std::string why =
      crashes > 0 ? fmt::format("the host crashed in it {} times, last so: {}", crashes, what) : what;
  return fmt::format("{}; `revengectl release {}` lets it start again, and so does another build of it", why,
                     plugin);
}

void CrashHistory::quarantine(Quarantine made) {
  std::erase_if(quarantines_, [&](const Quarantine& each) { return each.plugin == made.plugin; });
  quarantines_.push_back(std::move(made));
}

std::optional<Quarantine> CrashHistory::add(Crash crash, const CrashLimits& limits) {
  crashes_.push_back(std::move(crash));
  if (crashes_.size() > kKept) crashes_.erase(crashes_.begin());
  const Crash& last = crashes_.back();
  if (last.plugin.empty()) return std::nullopt;
  const auto alike = std::ranges::count_if(crashes_, [&](const Crash& each) {
    return each.plugin == last.plugin && each.sha256 == last.sha256 && each.host_build == last.host_build &&
           last.at - each.at <= limits.window;
  });
  if (static_cast<std::size_t>(alike) < limits.limit) return std::nullopt;
  std::erase_if(quarantines_, [&](const Quarantine& each) { return each.plugin == last.plugin; });
  quarantines_.push_back({.plugin = last.plugin,
                          .version = last.version,
                          .sha256 = last.sha256,
                          .host_build = last.host_build,
                          .since = last.at,
                          .crashes = static_cast<std::size_t>(alike),
                          .what = last.what});
  return quarantines_.back();
}

StartMode CrashHistory::next(base::WallTime now, const CrashLimits& limits) const {
  const auto unknown = [&](StartMode mode) {
    return static_cast<std::size_t>(std::ranges::count_if(crashes_, [&](const Crash& each) {
      return each.plugin.empty() && each.mode == mode && now - each.at <= limits.window;
    }));
  };
  // What went wrong without any plugin will not go better with some.
  if (unknown(StartMode::kLastGood) >= limits.limit || unknown(StartMode::kSafe) > 0) return StartMode::kSafe;
  return unknown(StartMode::kWanted) >= limits.limit ? StartMode::kLastGood : StartMode::kWanted;
}

const Quarantine* CrashHistory::quarantined(std::string_view plugin, std::string_view sha256,
                                            std::string_view host_build) const {
  const auto found = std::ranges::find_if(quarantines_, [&](const Quarantine& each) {
    return each.plugin == plugin && each.sha256 == sha256 && each.host_build == host_build;
  });
  return found == quarantines_.end() ? nullptr : &*found;
}

bool CrashHistory::release(std::string_view plugin) {
  const bool was =
      std::erase_if(quarantines_, [&](const Quarantine& each) { return each.plugin == plugin; }) > 0;
  if (was) std::erase_if(crashes_, [&](const Crash& each) { return each.plugin == plugin; });
  return was;
}

std::vector<Crash> CrashHistory::of(std::string_view plugin) const {
  std::vector<Crash> found;
  std::ranges::copy_if(crashes_, std::back_inserter(found),
                       [&](const Crash& each) { return each.plugin == plugin; });
  return found;
}

void CrashHistory::forgetUnknown() {
  std::erase_if(crashes_, [](const Crash& each) { return each.plugin.empty(); });
}

}  // namespace revenge::plugin
