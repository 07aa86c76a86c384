// A body as Content-Encoding: gzip. Thread safety: pure function.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace telemetry_otlp {

// Nothing: there is no memory for it.
std::optional<std::string> gzip(std::string_view body);

}  // namespace telemetry_otlp
