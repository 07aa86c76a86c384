// The rules of Prometheus for names and labels, and the text they are rendered as. Thread safety: pure
// functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "observe/metrics.hpp"

namespace revenge::observe {

// The family name of `name` for the host (empty id) or a plugin; kInvalid says which rule is broken.
base::Result<std::string> familyName(std::string_view plugin, std::string_view name, MetricKind kind);

// a="1",b="2" sorted by name, values escaped, the plugin's label first; kInvalid says which rule is broken.
base::Result<std::string> labelText(std::string_view plugin, std::span<const Label> labels);

// The labels of what is counted together beyond the cap.
std::string overflowLabelText(std::string_view plugin);

std::string escapedHelp(std::string_view help);

}  // namespace revenge::observe
