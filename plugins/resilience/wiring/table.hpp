// Table: revenge.resilience/1 over the pipelines and the runs. Thread safety: any thread; lives as long as the plugin.
#pragma once

#include <revenge/plugin.hpp>
#include <revenge/resilience.hpp>

#include "wiring/callers.hpp"
#include "wiring/inherited.hpp"
#include "wiring/permit.hpp"
#include "wiring/policies.hpp"
#include "wiring/runs.hpp"

namespace revenge::resilience {

class Table {
 public:
  // All outlive it.
  Table(Host& host, const Policies& policies, Runs& runs, Callers& callers, Inherited& inherited)
      : host_(host),
        clock_(host.clock()),
        policies_(policies),
        runs_(runs),
        callers_(callers),
        inherited_(inherited) {}

  static const revenge_resilience& functions();

 private:
  friend struct TableFunctions;

  // Writes what a run says to where its caller reads it.
  struct Tell {
    Phase phase;
    revenge_resilience_permit& permit;
    revenge_error* error;
    revenge_status operator()(const Reply& reply) const noexcept { return tell(reply, phase, permit, error); }
  };
  revenge_status await(Run& run, const revenge_call& call, revenge_handle done, const Tell& tell) noexcept;

  Moment now() const noexcept { return Moment(clock_.now().time_since_epoch()); }

  Host& host_;
  const Clock clock_;
  const Policies& policies_;
  Runs& runs_;
  Callers& callers_;
  Inherited& inherited_;
};

}  // namespace revenge::resilience
