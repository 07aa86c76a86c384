// Settings: what the configuration declares, read and checked: pipelines of layers, and the budgets that retries share. An
// item of a pipeline is a word (`breaker`: with its defaults, for this pipeline alone), an object of one word ({breaker: {...}}),
// or a name of `policies`, one object for all that name it. Thread safety: values.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <revenge/config.hpp>

#include "pipeline/declared.hpp"
#include "pipeline/retry_budget.hpp"

namespace revenge::resilience {

struct Settings {
  std::map<std::string, RetryBudgetSettings> budgets;
  std::map<std::string, std::vector<DeclaredLayer>> pipelines;
  std::chrono::seconds max_hold{3600};  // a permit that was held so long is given back as abandoned
};

// Throws Failure(kInvalid), naming the key.
Settings readSettings(const revenge_config& config);

// Orders that hide failures and the like, one line each: served all the same.
std::vector<std::string> warningsOf(const Settings& settings);

// What the file says of a value, for the operator: "limit_s" of a timeout.
std::string_view keyOf(const LayerSettings& settings, std::string_view domain_key);

}  // namespace revenge::resilience

// Rationale: the shape of an item depends on its word, which the fields of a struct cannot say.
template <>
inline revenge::resilience::Settings revenge::readConfig<revenge::resilience::Settings>(
    const revenge_config& config) {
  return resilience::readSettings(config);
}
