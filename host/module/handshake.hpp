// Calls a plugin's entry and copies its descriptor once, through the kernel: no pointer of the plugin can
// crash the reader or change its mind between two reads. Thread safety: a pure function around code of the
// plugin.
#pragma once

#include <cstdint>
#include <string>

#include <revenge/abi/plugin.h>

#include "base/result.hpp"

namespace revenge::module {

// The host's own copy of revenge_plugin.
struct PluginDescriptor {
  std::uint32_t abiGeneration = 0;
  std::string id;
  std::string version;
  std::string sdkVersion;
  decltype(revenge_plugin::create) create = nullptr;
};

// The message is a clause: "the entry refused: ...". Not to be called on an I/O thread.
base::Result<PluginDescriptor> shakeHands(revenge_plugin_entry_fn entry);

// Pure part: checks ABI generation, sizes, views and mandatory pointers of what an entry returned.
base::Result<PluginDescriptor> readDescriptor(const revenge_plugin* returned);

}  // namespace revenge::module
