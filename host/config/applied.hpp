// What came of a new configuration, for those who asked for it. Thread safety: a plain value.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace revenge::config {

enum class Whom : std::uint8_t { kChanged, kAll };  // whose values are others, or everybody

struct Applied {
  std::uint64_t generation = 0;         // in force now
  std::vector<std::string> changed;     // keys ("log.level"), never values; empty: nothing was to do
  std::vector<std::string> restart;     // of these, the ones that wait for the next start of the host
  std::vector<std::string> configured;  // ids of plugins that took it live
  std::vector<std::string> reloaded;    // ids of plugins that were started anew for it
  std::vector<std::string> warnings;
  std::uint64_t number = 0;  // of the configuration in force, as the history counts
};

}  // namespace revenge::config
