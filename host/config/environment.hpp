// Environment variables as layers: REVENGE_HTTP__PORT=80 is http.port, the value YAML. Two underscores part the steps of
// a key, whose letters are small; what has no two underscores (REVENGE_SOCKET) is no key. Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <utility>
#include <vector>

#include "config/snapshot.hpp"
#include "config/sources.hpp"

namespace revenge::config {

using Variables = std::vector<std::pair<std::string, std::string>>;  // name and value, in any order

// The names that end in _FILE: each gives the path of a file that holds one secret text.
std::vector<SecretFile> secretFiles(const Variables& variables);

struct EnvironmentLayers {
  std::vector<Layer> layers;  // in the order of their names, so that a section comes before its keys
  Problems problems;
  Problems warnings;  // names that are one underscore short of a key
};

// `ids`: of plugins, which may hold what a name cannot: REVENGE_PLUGINS__MY_PLUGIN__KEY reaches the plugin my-plugin.
// `secrets`: what the files hold, of sources of kSecret; the line break that ends a text is not part of it.
EnvironmentLayers environmentLayers(const Variables& variables, std::span<const Source> secrets,
                                    std::span<const std::string> ids);

}  // namespace revenge::config
