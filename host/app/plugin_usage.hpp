// What each plugin uses: levels looked at each second, totals read from the metrics at the end of a window, and both told to the book
// then. Owned by app. Thread safety: confined to the watchdog's thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "admin/top.hpp"
#include "app/conduct_book.hpp"
#include "base/clock.hpp"
#include "observe/log.hpp"
#include "observe/metrics.hpp"
#include "plugin/plugins.hpp"

namespace revenge::app {

class PluginUsage {
 public:
  struct Rooms {
    const base::Clock& clock;
    const observe::Log& log;
    const observe::Metrics& metrics;
    const plugin::Plugins& plugins;
    ConductBook& book;
    std::size_t queue;  // places where jobs wait, of all plugins together
  };
  explicit PluginUsage(Rooms rooms);

  void second();

 private:
  struct Levels {
    double callbacks = 0;
    double threads = 0;
    double descriptors = 0;
    double registrations = 0;
    double queue = 0;
    std::uint64_t refused = 0;  // the last look's
  };
  using LevelsOf = std::map<std::string, Levels, std::less<>>;
  struct Totals {
    base::Instant at;
    admin::Totals requests;
    std::map<std::string, std::uint64_t, std::less<>> log_lines;
    std::map<std::string, std::uint64_t, std::less<>> refused;
  };

  void look();
  Totals read() const;
  void endWindow();
  plugin::Amounts usedBy(const std::string& plugin, const Levels& levels, const Totals& now) const;

  const Rooms rooms_;
  LevelsOf sums_;
  unsigned looks_ = 0;
  Totals before_;
};

}  // namespace revenge::app
