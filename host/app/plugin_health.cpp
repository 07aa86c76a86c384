#include "app/plugin_health.hpp"

#include <fmt/format.h>

#include "plugin/plugins.hpp"

namespace revenge::app {

PluginHealth::PluginHealth(observe::Health& health, const plugin::Plugins& plugins)
    : plugins_(plugins), source_(health.source([this](auto& entries) { tell(entries); })) {}

void PluginHealth::tell(std::vector<observe::HealthEntry>& entries) const {
  for (const plugin::PluginView& plugin : plugins_.glance().plugins) {
    if (!plugin.wanted || plugin.state == plugin::State::kDisabled) continue;
    observe::HealthEntry entry{.component = "plugin/" + plugin.id,
                               .name = "serves",
                               .affects = observe::Affects::kDetail,
                               .met = plugin.state == plugin::State::kRunning,
                               .reason = {},
                               .since = plugin.since};
    if (!entry.met)
      entry.reason =
          fmt::format("{}{}{}", plugin::name(plugin.state), plugin.note.empty() ? "" : ": ", plugin.note);
    entries.push_back(std::move(entry));
    if (plugin.standings.empty()) continue;
    observe::HealthEntry budget{.component = "plugin/" + plugin.id,
                                .name = "keeps its budget",
                                .affects = observe::Affects::kDetail,
                                .met = false,
                                .reason = {},
                                .since = plugin.since};
    for (const plugin::BudgetStanding& standing : plugin.standings)
      budget.reason += fmt::format("{}{}: {}", budget.reason.empty() ? "" : "; ",
                                   plugin::name(standing.resource), standing.text());
    entries.push_back(std::move(budget));
  }
}

}  // namespace revenge::app
