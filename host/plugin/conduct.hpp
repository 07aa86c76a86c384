// What the plugin room needs to know of how its plugins behave: callbacks that did not return in time, and budgets. Implemented by
// whoever watches them. Thread safety: any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "observe/stack_frame.hpp"
#include "plugin/budget.hpp"

namespace revenge::plugin {

// A callback did not return in time.
struct Incident {
  base::WallTime at = {};
  std::string plugin{};
  std::string version{};
  std::string where{};  // "I/O thread io-0", "worker"
  std::string doing{};  // what it was entered for ("/films/{id}", "timer or job"); empty: not known
  base::Duration lasting{};
  bool replaced = false;                      // another thread does that one's work
  std::vector<observe::StackFrame> frames{};  // innermost first, with the functions that are known
  std::string no_stack{};                     // why there are none

  // One line for people: "'/spin' has held I/O thread io-0 for 1.0 s, in spin() greedy.so+0x1139".
  std::string summary() const;
};

class Conduct {
 public:
  virtual ~Conduct() = default;

  virtual std::vector<Incident> incidentsOf(
      std::string_view plugin) const = 0;  // the last ones, oldest first
  virtual std::vector<BudgetStanding> standingsOf(std::string_view plugin) const = 0;  // those beyond fine
  virtual Rung rungOf(std::string_view plugin) const = 0;
  // The operator lets it start anew: what was held against it is forgotten.
  virtual void forgive(std::string_view plugin) = 0;
};

}  // namespace revenge::plugin
