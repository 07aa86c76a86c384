// From what the operator gave (files, environment, options) to a Snapshot, or to every reason why not at once.
// Thread safety: pure functions, except that load() without sources reads the files.
#pragma once

#include <memory>
#include <optional>

#include "config/environment.hpp"
#include "config/snapshot.hpp"
#include "config/sources.hpp"

namespace revenge::config {

struct Inputs {
  std::optional<std::string> file;     // config/revenge.yaml; its local layer and drop-ins lie beside it
  std::vector<std::string> overrides;  // "http.port=0": the value is YAML; later ones win
  PluginSchemas plugins;               // of the installed plugins
  Need need = Need::kRequired;         // of `file`
  Variables environment = {};          // those that begin with REVENGE_
};

struct Loaded {
  std::shared_ptr<const Snapshot> snapshot;
  Problems warnings;  // sections of plugins that are not installed, variables that look like keys
};

Places placesOf(const Inputs& inputs);

// `sources` as readSources(placesOf(inputs)) gave them.
std::expected<Loaded, Problems> load(const Inputs& inputs, const Sources& sources);
std::expected<Loaded, Problems> load(const Inputs& inputs);

// The same over layers that were read already: what load() ends in.
std::expected<Loaded, Problems> merge(std::vector<Layer> layers, const PluginSchemas& plugins);

}  // namespace revenge::config
