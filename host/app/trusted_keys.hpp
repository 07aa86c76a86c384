// Whose packages are loaded, as the configuration says. Thread safety: a pure function but for the files of the keys.
#pragma once

#include "base/result.hpp"
#include "config/snapshot.hpp"
#include "module/signature.hpp"

namespace revenge::app {

// Refused: a key that cannot be read. Messages name the place in the list.
base::Result<module::Trust> trustOf(const config::Snapshot& values);

}  // namespace revenge::app
