// A query as it may be kept: the values of parameters that carry secrets read REDACTED. Thread safety: pure function.
#pragma once

#include <string>
#include <string_view>

namespace revenge::http {

// Without '?', still encoded. Cut after whole parameters beyond `longest`.
std::string redactedQuery(std::string_view query, std::size_t longest);

}  // namespace revenge::http
