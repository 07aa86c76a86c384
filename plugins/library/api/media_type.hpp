// What a client accepts and sends, by the fields Accept and Content-Type (RFC 9110, 12.5.1 and 8.3). Thread safety: pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "api/problem.hpp"

namespace library::api {

// In which form errors are told; nothing: JSON is not what it wants. An empty field accepts everything.
std::optional<ErrorForm> acceptedForm(std::string_view accept);

// Whether the content is of that type, in UTF-8.
bool isOfType(std::string_view content_type, std::string_view type);

}  // namespace library::api
