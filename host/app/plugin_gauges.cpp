#include "app/plugin_gauges.hpp"

#include "plugin/plugins.hpp"

namespace revenge::app {

PluginGauges::PluginGauges(observe::Metrics& metrics, const plugin::Plugins& plugins)
    : plugins_(plugins),
      scope_(metrics.hostScope()),
      reading_(metrics.beforeReading([this] { refresh(); })) {}

void PluginGauges::refresh() {
  const plugin::Listing listing = plugins_.glance();
  const std::lock_guard lock(mutex_);
  for (const plugin::PluginView& plugin : listing.plugins) {
    double inside = 0;
    std::map<std::string_view, double> kept;
    for (const plugin::InstanceView& instance : plugin.instances) {
      inside += static_cast<double>(instance.inside);
      for (const auto& [kind, count] : instance.registrations) kept[kind] += static_cast<double>(count);
    }
    set({.name = "revenge_inside_calls",
         .help = "Calls and leases inside the instances of a plugin.",
         .about = plugin.id},
        inside);
    if (const auto threads = kept.extract("threads"); !threads.empty())
      set({.name = "revenge_threads", .help = "Threads that a plugin has asked for.", .about = plugin.id},
          threads.mapped());
    kept.erase("jobs done");
    for (const auto& [kind, count] : kept)
      set({.name = "revenge_registrations",
           .help = "What the host keeps for a plugin, by kind.",
           .labels = {{"kind", kind}},
           .about = plugin.id},
          count);
  }
}

// One that has left meanwhile has no figures: kGone.
void PluginGauges::set(const observe::MetricSpec& spec, double value) {
  if (const auto gauge = scope_.gauge(spec)) gauge->set(value);
}

}  // namespace revenge::app
