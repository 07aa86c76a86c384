// Decodes a request's path and query once, so that nobody behind needs to do it again: what is seen here is what
// routes match and files are looked up by. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <revenge/abi/base.h>

namespace revenge::http {

// The path with its escapes decoded and its dot segments resolved, in `storage` or, when it needed neither, the
// given bytes themselves. Refused (nothing): malformed escapes, NUL, an encoded slash (it would move the borders
// between segments), and paths that climb above the root.
std::optional<std::string_view> decodePath(std::string_view raw, std::string& storage);

// Appends the pairs of a query in order, decoded, '+' as space; malformed escapes stay as they are. The views point
// into `raw` and `storage`. False: an encoded NUL.
bool decodeQuery(std::string_view raw, std::string& storage, std::vector<revenge_field>& pairs);

}  // namespace revenge::http
