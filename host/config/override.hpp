// Single values from outside any file, as the layers they make: --set KEY=VALUE and what environment.hpp needs of it.
// Thread safety: pure functions.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "config/snapshot.hpp"

namespace revenge::config {

// A text of YAML that stands nowhere. Errors begin with `origin` and name no line.
base::Result<document::Value> parseOneLine(std::string_view text, std::string_view origin);

// {"http": {"port": value}} of http, port.
document::Value nested(std::span<const std::string> steps, document::Value value);

// "http.port=0" as {"http": {"port": 0}}; its origin is "--set http.port": the value may be nobody's business.
base::Result<Layer> overrideLayer(std::string_view option);

}  // namespace revenge::config
