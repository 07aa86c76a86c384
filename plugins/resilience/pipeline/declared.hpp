// A pipeline as configuration declares it: the layers' names in their order, and what each is set to. Thread safety: values.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "pipeline/coalescer.hpp"
#include "pipeline/pipeline.hpp"

namespace revenge::resilience {

// In the order of LayerKind.
using LayerSettings = std::variant<FallbackSettings, TimeoutSettings, RetrySettings, BreakerSettings,
                                   RateSettings, KeyedRateSettings, BulkheadSettings, AdaptiveLimiterSettings,
                                   HedgeSettings, CoalesceSettings>;

struct DeclaredLayer {
  std::string word;    // as written in the list: one that kindOf() knows
  std::string policy;  // the name of the shared object; equal names are one object
  LayerSettings settings;
  std::string budget;  // of retry and hedge: the name of a shared budget, empty: none

  LayerKind kind() const { return static_cast<LayerKind>(settings.index()); }
};

// "timeout" and "attempt_timeout" are one kind; the word says where its author wants it.
std::optional<LayerKind> kindOf(std::string_view word);
// Empty for a word that is none.
std::optional<LayerSettings> defaultsOf(std::string_view word);

}  // namespace revenge::resilience
