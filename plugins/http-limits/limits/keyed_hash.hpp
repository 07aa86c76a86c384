// What stands for an API key wherever one is kept or shown, and for a user whose name is too long for a key: <revenge/keyed_hash.hpp>.
// Thread safety: pure functions.
#pragma once

#include <revenge/keyed_hash.hpp>

namespace revenge::http_limits {

using revenge::HashSecret;
using revenge::KeyedHash;
using revenge::keyedHash;

}  // namespace revenge::http_limits
