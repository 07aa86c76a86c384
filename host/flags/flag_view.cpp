#include "flags/flag_view.hpp"

#include <array>
#include <chrono>
#include <ctime>

#include <fmt/format.h>

#include "flags/bucketing.hpp"

namespace revenge::flags {
namespace {

double percent(std::uint32_t share) { return share * 100.0 / kEverybody; }

std::string saysOf(const Flag& flag, base::WallTime now) {
  if (!flag.enabled) return "disabled";
  if (flag.killed) return "killed";
  if (flag.schedule && !flag.schedule->includes(now)) return "off schedule";
  std::string says;
  const auto add = [&](const std::string& what) { says += (says.empty() ? "" : ", ") + what; };
  if (!flag.rules.empty())
    add(fmt::format("{} rule{}", flag.rules.size(), flag.rules.size() == 1 ? "" : "s"));
  if (flag.share) add(fmt::format("{} %", percent(*flag.share)));
  if (flag.split) add("split");
  if (!flag.share && !flag.split) add(flag.standard ? flag.variants[*flag.standard].name : "asker's default");
  return says;
}

}  // namespace

FlagView view(const Flag& flag, base::WallTime now) {
  FlagView view;
  view.key = flag.key;
  view.says = saysOf(flag, now);
  view.type = flag.type;
  view.owner = flag.owner;
  view.remove_when = flag.remove_when;
  view.is_overdue = flag.remove_after && now >= *flag.remove_after;
  view.line = flag.line;
  for (const Variant& variant : flag.variants) view.variants.push_back(variant.name);
  if (flag.standard) view.standard = flag.variants[*flag.standard].name;
  if (flag.share) view.percentage = percent(*flag.share);
  for (const Prerequisite& each : flag.prerequisites)
    view.prerequisites.push_back(fmt::format("{}: {}", each.flag, each.variant));
  view.rules = flag.rules.size();
  return view;
}

std::string timeOfDay(base::WallTime moment, base::WallTime now) {
  const std::time_t second = std::chrono::system_clock::to_time_t(
      std::chrono::time_point_cast<std::chrono::system_clock::duration>(moment));
  std::tm local{};
  ::localtime_r(&second, &local);
  const bool recent = now - moment < std::chrono::hours(24);
  std::array<char, 32> text{};
  const std::size_t length =
      std::strftime(text.data(), text.size(), recent ? "%H:%M:%S" : "%Y-%m-%d %H:%M:%S", &local);
  return {text.data(), length};
}

}  // namespace revenge::flags
