// Framing of server-sent events. Thread safety: pure functions.
#pragma once

#include <string>

#include "base/result.hpp"
#include "http/response.hpp"

namespace revenge::http {

// The event as it stands in a text/event-stream, its data split into lines. Refused: a line break in name or id.
base::Result<std::string> frameEvent(const StreamEvent& event);

}  // namespace revenge::http
