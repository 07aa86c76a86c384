// The host's own keys: name, type, default, range and description exist here and nowhere else.
// Thread safety: a pure function.
#pragma once

#include <string_view>

#include "document/schema.hpp"

namespace revenge::config {

document::Schema hostSchema();

// Whether a change of the value at `pointer` takes effect while the host runs ("$comment": "live" in the schema, on it or
// on a section around it); otherwise at its next start.
bool isLive(std::string_view pointer);

}  // namespace revenge::config
