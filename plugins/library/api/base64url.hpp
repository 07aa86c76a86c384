// base64url without padding (RFC 4648, 5). Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace library::api {

std::string base64url(std::string_view bytes);
// Exactly what base64url() writes: bits that nobody reads must be zero, so that no two texts are the same bytes.
std::optional<std::string> fromBase64url(std::string_view text);

}  // namespace library::api
