// State: what the next version needs to go on where this one stopped: states, counts and levels of the policies by their
// names, and the permits that callers hold. Thread safety: values and functions on them; calls must be held off meanwhile.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wiring/inherited.hpp"
#include "wiring/policies.hpp"
#include "wiring/runs.hpp"

namespace revenge::resilience {

struct State {
  template <class Image>
  using Named = std::vector<std::pair<std::string, Image>>;

  Named<BreakerImage> breakers;
  Named<RateImage> rates;
  Named<KeyedImage> keyed_rates;
  Named<BulkheadImage> bulkheads;
  Named<AdaptiveImage> adaptives;
  std::vector<HeldRun> runs;
};

State stateOf(const Policies& policies, Runs& runs, const Inherited& inherited, Moment now);
// To policies that no call has met. One that is not known any more, or is of another kind by now, is left out.
void restore(const State& state, const Policies& policies, Inherited& inherited, Moment now);

std::string bytesOf(const State& state);
// Empty: these are no bytes of bytesOf().
std::optional<State> stateOf(std::string_view bytes);

}  // namespace revenge::resilience
