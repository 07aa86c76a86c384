#include <algorithm>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include "flags/flags.hpp"
#include "plugin/plugins_impl.hpp"

namespace revenge::plugin {

namespace {

constexpr int kDeepest = 16;  // of a chain; a circle ends there as well

std::string utc(base::WallTime at) {
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC",
                     fmt::gmtime(std::chrono::system_clock::to_time_t(
                         std::chrono::time_point_cast<std::chrono::system_clock::duration>(at))));
}

std::string versioned(const PluginView& view) {
  return view.version.empty() ? view.id : fmt::format("{} {}", view.id, view.version);
}

Cause crashed(const Crash& crash) {
  Cause cause{
      fmt::format("the host crashed in it: {} (version {}, {})", crash.what, crash.version, utc(crash.at)),
      {}};
  for (const std::string& frame : crash.frames) cause.behind.push_back({frame, {}});
  return cause;
}

// The last incidents in full would be a book.
void conducts(const Conduct& conduct, std::string_view id, std::vector<Cause>& behind) {
  constexpr std::size_t kShownIncidents = 3;
  constexpr std::size_t kShownFrames = 12;
  for (const BudgetStanding& standing : conduct.standingsOf(id))
    behind.push_back({fmt::format("its budget of {}: {}", name(standing.resource), standing.text()), {}});
  const auto incidents = conduct.incidentsOf(id);
  const std::size_t from = incidents.size() - std::min(incidents.size(), kShownIncidents);
  for (std::size_t i = from; i < incidents.size(); ++i) {
    const Incident& incident = incidents[i];
    Cause cause{fmt::format("it did not return in time: {} (version {}, {})", incident.summary(),
                            incident.version, utc(incident.at)),
                {}};
    if (!incident.no_stack.empty())
      cause.behind.push_back({fmt::format("its stack is not known: {}", incident.no_stack), {}});
    for (std::size_t f = 0; f < std::min(incident.frames.size(), kShownFrames); ++f)
      cause.behind.push_back({incident.frames[f].text(), {}});
    behind.push_back(std::move(cause));
  }
}

}  // namespace

// What an instance that no longer serves is still here for.
Cause Plugins::Impl::lingers(const PluginView& plugin, const InstanceView& instance) const {
  Cause cause{fmt::format("{} {} (load {}) is {}{}{}", plugin.id, instance.version, instance.load,
                          name(instance.state), instance.note.empty() ? "" : ": ", instance.note),
              {}};
  for (const std::string& holder : instance.holders)
    cause.behind.push_back({fmt::format("held by {}", holder), {}});
  if (instance.holders.empty() && instance.inside > 0)
    cause.behind.push_back({fmt::format("{} calls or leases are inside", instance.inside), {}});
  for (const std::string& consumer : roster.pinnedBy(instance.load))
    cause.behind.push_back({fmt::format("{}, replaced together with it, still calls it", consumer), {}});
  return cause;
}

Cause Plugins::Impl::causeOf(std::string_view id, int depth) const {
  const auto view = roster.show(id);
  if (!view) return {std::string(view.error().message), {}};
  // What a flag has to do with it stands behind, as it is now.
  const std::string note = view->state == State::kDisabled && !view->gate_closed.empty() ? "" : view->note;
  Cause cause{
      fmt::format("{} is {}{}{}", versioned(*view), name(view->state), note.empty() ? "" : ": ", note), {}};
  if (!view->wanted)
    cause.behind.push_back({"the operator switched it off", {}, fmt::format("revengectl enable {}", id)});
  if (const auto closed = roster.rooms.flags.closed(view->gate))
    cause.behind.push_back({closed->why, {}, closed->remedy});
  for (const Crash& crash : roster.rooms.crashes.crashesOf(id)) cause.behind.push_back(crashed(crash));
  if (roster.rooms.conduct != nullptr) conducts(*roster.rooms.conduct, id, cause.behind);
  if (view->state == State::kQuarantined) {
    Cause& last = cause.behind.empty() ? cause : cause.behind.back();
    last.remedy = fmt::format("revengectl release {}, or another build of it", id);
  }
  if (depth == 0) return cause;
  for (const Roster::Lack& lack : roster.lacks(id)) {
    Cause missing{lack.why, {}};
    for (const std::string& candidate : lack.candidates)
      missing.behind.push_back(causeOf(candidate, depth - 1));
    cause.behind.push_back(std::move(missing));
  }
  for (const InstanceView& instance : view->instances) {
    if (!isServing(instance.state)) cause.behind.push_back(lingers(*view, instance));
  }
  return cause;
}

base::Result<Cause> Plugins::why(std::string_view id) const {
  if (const auto known = impl_->roster.show(id); !known) return std::unexpected(known.error());
  return impl_->causeOf(id, kDeepest);
}

GraphView Plugins::graph() const {
  GraphView view;
  auto listing = impl_->roster.list();
  view.generation = listing.generation;
  view.plugins = std::move(listing.plugins);
  view.links = impl_->roster.links();
  return view;
}

}  // namespace revenge::plugin
