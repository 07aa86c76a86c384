// The host's own keys: name, type, default, range and description exist here and nowhere else.
// Thread safety: a pure function.
#pragma once

#include "document/schema.hpp"

namespace revenge::config {

document::Schema hostSchema();

}  // namespace revenge::config
