#include "app/conduct_settings.hpp"

#include <chrono>

#include "document/value.hpp"

namespace revenge::app {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

void lay(const document::Value& over, plugin::Amounts& amounts) {
  if (over.object() == nullptr) return;
  for (const document::Member& member : *over.object()) {
    const auto resource = plugin::resourceNamed(member.key);
    if (resource && member.value.number()) of(amounts, *resource) = *member.value.number();
  }
}

plugin::Steps stepsOf(const config::Snapshot& values, std::string_view section) {
  const auto step = [&](std::string_view key) {
    return static_cast<unsigned>(values.integer(fmt::format("/{}/{}_after", section, key)));
  };
  return {.warn = step("warn"), .throttle = step("throttle"), .quarantine = step("quarantine")};
}

}  // namespace

const plugin::Amounts& ConductSettings::allowedTo(std::string_view plugin) const {
  const auto found = allowed_to.find(plugin);
  return found == allowed_to.end() ? allowed : found->second;
}

ConductSettings conductSettings(const config::Snapshot& values) {
  ConductSettings settings;
  settings.policy.windows = stepsOf(values, "budgets");
  settings.policy.stalls = stepsOf(values, "watchdog");
  settings.policy.highest =
      plugin::rungNamed(values.text("/budgets/highest")).value_or(plugin::Rung::kThrottle);
  settings.window = seconds(values.integer("/budgets/window_s"));
  settings.stall_window = seconds(values.integer("/watchdog/window_s"));
  settings.io_after = milliseconds(values.integer("/watchdog/io_after_ms"));
  settings.worker_after = milliseconds(values.integer("/watchdog/worker_after_ms"));
  const auto lines = static_cast<std::uint32_t>(values.integer("/budgets/throttled_log_lines"));
  settings.throttled = {.lines_per_second = lines, .burst = lines};
  if (const document::Value* const all = values.values().at("/budgets/default"); all != nullptr)
    lay(*all, settings.allowed);
  const document::Value* const each = values.values().at("/budgets/plugins");
  if (each == nullptr || each->object() == nullptr) return settings;
  for (const document::Member& member : *each->object()) {
    plugin::Amounts own = settings.allowed;
    lay(member.value, own);
    settings.allowed_to.emplace(member.key, own);
  }
  return settings;
}

}  // namespace revenge::app
