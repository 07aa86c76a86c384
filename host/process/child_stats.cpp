#include "process/child_stats.hpp"

#include <utility>

namespace revenge::process {
namespace {

constexpr std::array<std::string_view, 6> kEnds{"exited",    "signalled",    "timed_out",
                                                "cancelled", "output_limit", "lost"};
constexpr double kSeconds[] = {0.01, 0.1, 0.5, 1, 5, 10, 30, 60, 300, 1800, 3600};

// The names are constants that the rules accept; should one be taken, the series counts nothing.
template <typename Series>
Series orNothing(base::Result<Series> series) {
  return series ? *std::move(series) : Series();
}

}  // namespace

ChildStats::ChildStats(observe::Metrics& metrics, std::string_view owner) : scope_(metrics.hostScope()) {
  started_ = orNothing(scope_.counter({.name = "revenge_children_started_total",
                                       .help = "Child processes that were started for plugins.",
                                       .labels = {{"plugin", owner}}}));
  failed_ = orNothing(scope_.counter(
      {.name = "revenge_children_not_started_total",
       .help = "Child processes that never ran: no such program, no place in time, cancelled before.",
       .labels = {{"plugin", owner}}}));
  running_ = orNothing(scope_.gauge({.name = "revenge_children_running",
                                     .help = "Child processes of plugins that run.",
                                     .labels = {{"plugin", owner}}}));
  waiting_ =
      orNothing(scope_.gauge({.name = "revenge_children_waiting",
                              .help = "Child processes that wait for others to end (process.max_running).",
                              .labels = {{"plugin", owner}}}));
  seconds_ = orNothing(scope_.histogram({.name = "revenge_children_seconds",
                                         .help = "How long child processes of plugins ran.",
                                         .labels = {{"plugin", owner}}},
                                        kSeconds));
  for (std::size_t i = 0; i < kEnds.size(); ++i) {
    ended_.at(i) = orNothing(scope_.counter({.name = "revenge_children_ended_total",
                                             .help = "Child processes of plugins that ended, by how.",
                                             .labels = {{"plugin", owner}, {"how", kEnds.at(i)}}}));
  }
}

void ChildStats::runs() const {
  started_.add();
  running_.add(1);
}

void ChildStats::ended(How how, base::Duration wall) const {
  running_.add(-1);
  ended_.at(std::to_underlying(how)).add();
  seconds_.observe(std::chrono::duration<double>(wall).count());
}

void ChildStats::lost() const {
  running_.add(-1);
  ended_.back().add();
}

std::string_view nameOf(How how) { return kEnds.at(std::to_underlying(how)); }

}  // namespace revenge::process
