// What a plugin may use, and what follows when it uses more: a ladder of rungs, up by windows in succession beyond the budget, down
// again by as many within it. Stalls (callbacks that did not return in time) are one more resource, counted within a longer time.
// Pure data and logic: no clock, no disk. Thread safety: values; a Ledger has one owner.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace revenge::plugin {

enum class Resource : std::uint8_t {
  kCpu,            // cores
  kCallbacks,      // callbacks of it that are under way at once, on workers
  kRequests,       // a second
  kErrors,         // share of its answers that are 5xx
  kBytes,          // of answers, a second
  kThreads,        // that it asked for
  kDescriptors,    // that the host holds for it
  kLogLines,       // a second
  kRegistrations,  // routes, timers, series and so on
  kQueue,          // share of the places where jobs wait for workers
  kStalls,         // within the watchdog's window
};
inline constexpr std::size_t kResources = 11;
std::string_view name(Resource resource);  // as in the configuration: "log_lines"
// "3.2 cores", "1200 log lines a second".
std::string amount(Resource resource, double value);
// Where in the configuration an operator says otherwise for that plugin.
std::string settingOf(Resource resource, std::string_view plugin);
std::optional<Resource> resourceNamed(std::string_view name);

enum class Rung : std::uint8_t { kFine, kWarn, kThrottle, kQuarantine };
std::string_view name(Rung rung);
std::optional<Rung> rungNamed(std::string_view name);

using Amounts = std::array<double, kResources>;  // by Resource
inline double& of(Amounts& amounts, Resource resource) { return amounts[static_cast<std::size_t>(resource)]; }
inline double of(const Amounts& amounts, Resource resource) {
  return amounts[static_cast<std::size_t>(resource)];
}

// How many it takes to reach each rung: windows in succession, or stalls. 0: it is never reached.
struct Steps {
  unsigned warn = 1;
  unsigned throttle = 3;
  unsigned quarantine = 0;
};

struct Policy {
  Steps windows{.warn = 1, .throttle = 3, .quarantine = 6};
  Rung highest = Rung::kThrottle;  // that windows lead to; stalls have steps of their own
  Steps stalls{.warn = 1, .throttle = 3, .quarantine = 10};
};

// What a plugin has come to with one resource.
struct BudgetStanding {
  Resource resource = Resource::kCpu;
  Rung rung = Rung::kFine;
  double used = 0;     // when it was last looked at
  double allowed = 0;  // of kStalls: those that lead to this rung; 0: no limit

  // "throttle: 3.2 cores, 1.5 cores are allowed"
  std::string text() const;
};

class Ledger {
 public:
  struct Move {
    Rung from;
    BudgetStanding to;
  };

  // A window has ended, in which it used so much. `allowed`: 0 is no limit. What kStalls says is not looked at.
  std::vector<Move> windowEnded(const Amounts& used, const Amounts& allowed, const Policy& policy);
  // So many stalls lie within the watchdog's window now; after each of them, and now and then, since they grow old.
  std::vector<Move> stallsNow(std::size_t count, const Policy& policy);

  Rung rung() const { return worst().rung; }
  BudgetStanding worst() const;  // the highest rung; of several the resource that comes first
  std::vector<BudgetStanding> beyondFine() const;  // those with a rung, in the order of Resource
  BudgetStanding standing(Resource resource) const;
  void forget() { *this = Ledger(); }

 private:
  struct Entry {
    Rung rung = Rung::kFine;
    unsigned over = 0;    // windows in succession
    unsigned within = 0;  // likewise
    double used = 0;
    double allowed = 0;
  };
  std::optional<Move> moveTo(Resource resource, Rung rung);

  std::array<Entry, kResources> entries_{};
};

}  // namespace revenge::plugin
