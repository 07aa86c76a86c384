#include "app/plugin_usage.hpp"

#include <algorithm>
#include <chrono>

namespace revenge::app {

namespace {

using plugin::Resource;

constexpr double kPipesOfAChild = 3;
// Fewer answers say nothing about the share of errors among them.
constexpr double kFewestAnswers = 20;
constexpr std::string_view kComponent = "plugin/";

// A figure that began anew since then counts from 0.
double since(double before, double now) { return now >= before ? now - before : now; }

template <typename Map>
auto valueAt(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? typename Map::mapped_type() : found->second;
}

}  // namespace

PluginUsage::PluginUsage(Rooms rooms) : rooms_(rooms), before_(read()) {}

void PluginUsage::second() {
  look();
  rooms_.book.growOlder();
  if (rooms_.clock.now() - before_.at >= rooms_.book.settings().window) endWindow();
}

void PluginUsage::look() {
  ++looks_;
  for (const plugin::PluginView& view : rooms_.plugins.glance().plugins) {
    if (view.instances.empty()) continue;
    Levels& sums = sums_[view.id];
    sums.refused = 0;
    for (const plugin::InstanceView& instance : view.instances) {
      sums.callbacks += static_cast<double>(instance.jobs.running);
      sums.queue += static_cast<double>(instance.jobs.waiting) / static_cast<double>(rooms_.queue);
      sums.refused += instance.jobs.refused;
      for (const auto& [kind, count] : instance.registrations) {
        const auto number = static_cast<double>(count);
        if (kind == "jobs done") continue;
        if (kind == "threads") {
          sums.threads += number;
        } else if (kind == "children") {
          sums.descriptors += number * kPipesOfAChild;
        } else if (kind == "requests out") {
          sums.descriptors += number;
        } else {
          sums.registrations += number;
        }
      }
    }
  }
}

PluginUsage::Totals PluginUsage::read() const {
  Totals totals{rooms_.clock.now(), admin::totalsOf(rooms_.metrics.view()), {}, {}};
  for (const observe::LogComponentInfo& component : rooms_.log.components()) {
    if (component.name.starts_with(kComponent))
      totals.log_lines.emplace(component.name.substr(kComponent.size()), component.asked);
  }
  for (const auto& [id, sums] : sums_) totals.refused.emplace(id, sums.refused);
  return totals;
}

void PluginUsage::endWindow() {
  Totals now = read();
  for (const auto& [id, sums] : sums_) rooms_.book.windowEnded(id, usedBy(id, sums, now));
  before_ = std::move(now);
  sums_.clear();
  looks_ = 0;
}

plugin::Amounts PluginUsage::usedBy(const std::string& plugin, const Levels& levels,
                                    const Totals& now) const {
  const double seconds = std::max(0.001, std::chrono::duration<double>(now.at - before_.at).count());
  const admin::PluginTotals earlier = valueAt(before_.requests, plugin);
  const admin::PluginTotals later = valueAt(now.requests, plugin);
  const auto lines = since(static_cast<double>(valueAt(before_.log_lines, plugin)),
                           static_cast<double>(valueAt(now.log_lines, plugin)));
  // What the host refused for it is none of its errors.
  const auto refused = since(static_cast<double>(valueAt(before_.refused, plugin)),
                             static_cast<double>(valueAt(now.refused, plugin)));
  const double requests = since(earlier.requests, later.requests);
  const double answers = std::max(0.0, requests - refused);
  const double errors = std::max(0.0, since(earlier.errors, later.errors) - refused);
  plugin::Amounts used{};
  of(used, Resource::kCpu) = since(earlier.cpu_s, later.cpu_s) / seconds;
  of(used, Resource::kCallbacks) = levels.callbacks / looks_;
  of(used, Resource::kRequests) = requests / seconds;
  of(used, Resource::kErrors) = answers >= kFewestAnswers ? errors / answers : 0;
  of(used, Resource::kBytes) = since(earlier.sent_bytes, later.sent_bytes) / seconds;
  of(used, Resource::kThreads) = levels.threads / looks_;
  of(used, Resource::kDescriptors) = levels.descriptors / looks_;
  of(used, Resource::kLogLines) = lines / seconds;
  of(used, Resource::kRegistrations) = levels.registrations / looks_;
  of(used, Resource::kQueue) = levels.queue / looks_;
  return used;
}

}  // namespace revenge::app
