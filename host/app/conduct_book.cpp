#include "app/conduct_book.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/ranges.h>

namespace revenge::app {

namespace {

using plugin::Resource;
using plugin::Rung;
using runtime::Lanes;

constexpr std::size_t kKeptIncidents = 16;  // of one plugin
constexpr std::size_t kToldFrames = 8;      // in a line of the log

std::string stackOf(const plugin::Incident& incident) {
  std::vector<std::string> frames;
  for (const observe::StackFrame& frame : incident.frames) {
    if (frames.size() < kToldFrames) frames.push_back(frame.text());
  }
  return frames.empty() ? incident.no_stack : fmt::format("{}", fmt::join(frames, " < "));
}

}  // namespace

ConductBook::ConductBook(Rooms rooms)
    : rooms_(rooms), logger_(rooms.log.logger("watchdog")), scope_(rooms.metrics.hostScope()) {}

void ConductBook::connect(Effects effects) { effects_ = std::move(effects); }

void ConductBook::configure(ConductSettings settings) {
  const std::lock_guard lock(mutex_);
  settings_ = std::move(settings);
}

ConductSettings ConductBook::settings() const {
  const std::lock_guard lock(mutex_);
  return settings_;
}

void ConductBook::happened(plugin::Incident incident) {
  tell(incident);
  if (incident.plugin.empty()) return;
  const std::string id = incident.plugin;
  Moves moves;
  Rung before{};
  {
    const std::lock_guard lock(mutex_);
    Page& page = pages_[id];
    before = page.ledger.rung();
    page.stalls.push_back(rooms_.clock.now());
    page.incidents.push_back(std::move(incident));
    if (page.incidents.size() > kKeptIncidents) page.incidents.pop_front();
    countStalls(page, moves);
  }
  follow(id, before, moves);
}

void ConductBook::windowEnded(const std::string& plugin, const plugin::Amounts& used) {
  Moves moves;
  Rung before{};
  {
    const std::lock_guard lock(mutex_);
    Page& page = pages_[plugin];
    before = page.ledger.rung();
    moves = page.ledger.windowEnded(used, settings_.allowedTo(plugin), settings_.policy);
  }
  follow(plugin, before, moves);
}

void ConductBook::growOlder() {
  struct Change {
    std::string plugin;
    Rung before;
    Moves moves;
  };
  std::vector<Change> changes;
  {
    const std::lock_guard lock(mutex_);
    for (auto& [id, page] : pages_) {
      Change change{id, page.ledger.rung(), {}};
      countStalls(page, change.moves);
      if (!change.moves.empty()) changes.push_back(std::move(change));
    }
  }
  for (const Change& change : changes) follow(change.plugin, change.before, change.moves);
}

void ConductBook::countStalls(Page& page, Moves& moves) const {
  const base::Instant since = rooms_.clock.now() - settings_.stall_window;
  while (!page.stalls.empty() && page.stalls.front() <= since) page.stalls.pop_front();
  moves = page.ledger.stallsNow(page.stalls.size(), settings_.policy);
}

// Who is quarantined begins with a clean page when it is started again: why it was is kept with the quarantine.
void ConductBook::follow(const std::string& plugin, Rung before, const Moves& moves) {
  if (moves.empty()) return;
  for (const auto& move : moves) tell(plugin, move);
  plugin::BudgetStanding worst;
  {
    const std::lock_guard lock(mutex_);
    Page& page = pages_[plugin];
    worst = page.ledger.worst();
    if (worst.rung == Rung::kQuarantine) {
      page.ledger.forget();
      page.stalls.clear();
    }
  }
  const bool was_held = before >= Rung::kThrottle;
  if (worst.rung == Rung::kQuarantine) {
    if (effects_.quarantine)
      effects_.quarantine(plugin, fmt::format("its budget of {}: {}", name(worst.resource), worst.text()));
    if (was_held) hold(plugin, Lanes::Hold::kShare);
    return;
  }
  const bool is_held = worst.rung == Rung::kThrottle;
  if (is_held != was_held) hold(plugin, is_held ? Lanes::Hold::kOne : Lanes::Hold::kShare);
}

void ConductBook::hold(const std::string& plugin, Lanes::Hold hold) {
  const bool one = hold == Lanes::Hold::kOne;
  rooms_.log.setPluginRate(plugin, one ? std::optional(settings().throttled) : std::nullopt);
  if (effects_.restrain) effects_.restrain(plugin, hold);
}

void ConductBook::tell(const plugin::Incident& incident) {
  const std::string stack = stackOf(incident);
  logger_.error("a callback did not return in time", {{"plugin", incident.plugin},
                                                      {"version", incident.version},
                                                      {"doing", incident.doing},
                                                      {"where", incident.where},
                                                      {"lasting", incident.lasting},
                                                      {"replaced", incident.replaced},
                                                      {"stack", stack}});
  if (incident.plugin.empty()) return;
  observe::Event told;
  told.kind = "plugin.overran";
  told.plugin = incident.plugin;
  told.text = fmt::format("{} {}: {}", incident.plugin, incident.version, incident.summary());
  told.attributes = {{"version", incident.version},
                     {"doing", incident.doing},
                     {"where", incident.where},
                     {"lasting_ms", std::to_string(incident.lasting / std::chrono::milliseconds(1))},
                     {"stack", stack}};
  rooms_.events.publish(std::move(told));
  const std::lock_guard lock(metrics_mutex_);
  const auto counter = scope_.counter({.name = "revenge_stalls_total",
                                       .help = "Callbacks of a plugin that did not return in time.",
                                       .about = incident.plugin});
  if (counter) counter->add();
}

void ConductBook::tell(const std::string& plugin, const plugin::Ledger::Move& move) {
  const std::string_view resource = name(move.to.resource);
  const std::string text = move.to.text();
  const std::string setting = plugin::settingOf(move.to.resource, plugin);
  const bool worse = move.to.rung > move.from;
  logger_.log(worse ? observe::Level::kWarn : observe::Level::kInfo,
              worse ? "beyond its budget" : "back within its budget",
              std::to_array<observe::Attribute>({{"plugin", plugin},
                                                 {"resource", resource},
                                                 {"from", name(move.from)},
                                                 {"to", text},
                                                 {"setting", setting}}));
  observe::Event told;
  told.kind = "plugin.budget";
  told.plugin = plugin;
  told.text = fmt::format("{}: budget of {}: {} -> {}", plugin, resource, name(move.from), text);
  told.attributes = {{"resource", std::string(resource)},
                     {"from", std::string(name(move.from))},
                     {"to", std::string(name(move.to.rung))},
                     {"used", fmt::format("{:g}", move.to.used)},
                     {"allowed", fmt::format("{:g}", move.to.allowed)}};
  rooms_.events.publish(std::move(told));
  const std::lock_guard lock(metrics_mutex_);
  const auto gauge = scope_.gauge(
      {.name = "revenge_budget_rung",
       .help = "Where a plugin is on the ladder of a budget: 0 fine, 1 warn, 2 throttle, 3 quarantine.",
       .labels = {{"resource", resource}},
       .about = plugin});
  if (gauge) gauge->set(static_cast<double>(move.to.rung));
}

std::vector<plugin::Incident> ConductBook::incidentsOf(std::string_view plugin) const {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(plugin);
  if (found == pages_.end()) return {};
  return {found->second.incidents.begin(), found->second.incidents.end()};
}

std::vector<plugin::BudgetStanding> ConductBook::standingsOf(std::string_view plugin) const {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(plugin);
  return found == pages_.end() ? std::vector<plugin::BudgetStanding>() : found->second.ledger.beyondFine();
}

Rung ConductBook::rungOf(std::string_view plugin) const {
  const std::lock_guard lock(mutex_);
  const auto found = pages_.find(plugin);
  return found == pages_.end() ? Rung::kFine : found->second.ledger.rung();
}

void ConductBook::forgive(std::string_view plugin) {
  Rung before{};
  {
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(plugin);
    if (found == pages_.end()) return;
    before = found->second.ledger.rung();
    found->second.ledger.forget();
    found->second.stalls.clear();
  }
  if (before >= Rung::kThrottle) hold(std::string(plugin), Lanes::Hold::kShare);
}

}  // namespace revenge::app
