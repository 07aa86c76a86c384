// The reference of every key as Markdown tables, from the schemas alone: what `revenge --print-config-reference` says and
// docs/configuration.md holds. Thread safety: pure functions, but for reading the manifests.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"

namespace revenge::app {

// Of the host, and of the plugins in these folders. The error names a manifest that cannot be read.
base::Result<std::string> configReference(const std::vector<std::string>& plugin_folders);

}  // namespace revenge::app
