// The rules of Prometheus for names and labels, as promlint has them, checked where a series is registered instead of where it
// is scraped. Source: prometheus/client_golang, prometheus/testutil/promlint. Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "observe/metrics.hpp"

namespace revenge::observe {

// The family name of `name` for the host (empty id) or a plugin; kInvalid says which rule is broken.
base::Result<std::string> familyName(std::string_view plugin, std::string_view name, MetricKind kind);

// Sorted by name, the plugin's label first; kInvalid says which rule is broken.
base::Result<LabelSet> labelSet(std::string_view plugin, std::span<const Label> labels);

// The labels of what is counted together beyond a cap.
LabelSet overflowLabels(std::string_view plugin);

// The word at the end, `_total` left out ("seconds"); empty: a plain number. Static text.
std::string_view unitOf(std::string_view family);

// With U+FFFD for what is no UTF-8.
std::string validText(std::string_view text);

}  // namespace revenge::observe
