// From what the operator gave (a file, options) to a Snapshot, or to every reason why not at once.
// Thread safety: pure functions, except that load() reads the file.
#pragma once

#include <memory>
#include <optional>

#include "config/snapshot.hpp"

namespace revenge::config {

struct Inputs {
  std::optional<std::string> file;     // config/revenge.yaml
  std::vector<std::string> overrides;  // "http.port=0": the value is YAML; later ones win
  PluginSchemas plugins;               // of the installed plugins
};

struct Loaded {
  std::shared_ptr<const Snapshot> snapshot;
  Problems warnings;  // sections of plugins that are not installed
};

std::expected<Loaded, Problems> load(const Inputs& inputs);

// The same over layers that were read already: what load() ends in, and what further kinds of layers will feed.
std::expected<Loaded, Problems> merge(std::vector<Layer> layers, const PluginSchemas& plugins);

}  // namespace revenge::config
