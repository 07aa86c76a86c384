// A body in the gzip coding, for answers that are text and long. Source: RFC 1952. Thread safety: pure function.
#pragma once

#include <string>
#include <string_view>

namespace revenge::http {

std::string gzipped(std::string_view plain);

}  // namespace revenge::http
