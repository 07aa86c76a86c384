// What one package of the store does otherwise than the others. The wiring is compiled once; each package adds its own
// package.cpp, which answers `package()` and holds the entry.
#pragma once

#include <chrono>
#include <string_view>

#include <revenge/abi/plugin.h>

namespace store {

// In kPublish it is the host that fails: the package registers a route twice.
enum class Phase { kNone, kCreate, kRestore, kStart, kHealth, kSave, kPublish };
enum class Owns { kNothing, kFolder };

struct Package {
  std::string_view version;
  Phase failsIn;
  Owns owns;
  std::chrono::milliseconds saveTakes;
};
const Package& package();

// The plugin's, for its descriptor.
revenge_status create(const revenge_host_api* api, const revenge_call* call, const revenge_config* config,
                      revenge_instance* instance, revenge_error* error) noexcept;

}  // namespace store
