// How the plugins behave: their incidents and what they have come to on the ladder of budgets, told to log, events and metrics, and
// made to have its effects. In memory alone: what outlives the process is a quarantine. app owns it. Thread safety: any thread.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/conduct_settings.hpp"
#include "observe/events.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "plugin/conduct.hpp"
#include "runtime/lanes.hpp"

namespace revenge::app {

class ConductBook final : public plugin::Conduct {
 public:
  struct Rooms {
    const base::Clock& clock;
    observe::Log& log;
    observe::Metrics& metrics;
    observe::EventStream& events;
  };
  explicit ConductBook(Rooms rooms);

  // What follows for a plugin. Called without a lock held, on the thread of whoever tells the book.
  struct Effects {
    std::function<void(const std::string& plugin, runtime::Lanes::Hold hold)> restrain;
    std::function<void(const std::string& plugin, const std::string& why)> quarantine;
  };
  void connect(Effects effects);  // once, before anything is told
  void configure(ConductSettings settings);
  ConductSettings settings() const;

  void happened(plugin::Incident incident);
  void windowEnded(const std::string& plugin, const plugin::Amounts& used);
  void growOlder();  // stalls leave their window

  std::vector<plugin::Incident> incidentsOf(std::string_view plugin) const override;
  std::vector<plugin::BudgetStanding> standingsOf(std::string_view plugin) const override;
  plugin::Rung rungOf(std::string_view plugin) const override;
  void forgive(std::string_view plugin) override;

 private:
  struct Page {
    plugin::Ledger ledger;
    std::deque<plugin::Incident> incidents;  // the last ones
    std::deque<base::Instant> stalls;        // within the window
  };
  using Moves = std::vector<plugin::Ledger::Move>;
  void countStalls(Page& page, Moves& moves) const;  // REQUIRES mutex_
  void follow(const std::string& plugin, plugin::Rung before, const Moves& moves);
  void tell(const plugin::Incident& incident);
  void tell(const std::string& plugin, const plugin::Ledger::Move& move);
  void hold(const std::string& plugin, runtime::Lanes::Hold hold);

  Rooms rooms_;
  observe::Logger logger_;
  Effects effects_;
  mutable std::mutex mutex_;
  ConductSettings settings_;                        // guarded by mutex_
  std::map<std::string, Page, std::less<>> pages_;  // by plugin; guarded by mutex_
  std::mutex metrics_mutex_;
  observe::MetricScope scope_;  // guarded by metrics_mutex_
};

}  // namespace revenge::app
