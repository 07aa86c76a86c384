// The library as a web page: a list to browse and a player with seeking, without a line of script. Stateless.
#pragma once

#include <string>

#include "catalogue.hpp"
#include "listing.hpp"

namespace stream {

// For the header Content-Security-Policy: whatever a file name could smuggle in, nothing of it would run or load.
inline constexpr const char* kPagePolicy =
    "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

// `playing` is in `catalogue`, or null. While the catalogue is not complete the page reloads itself.
std::string homePage(const Catalogue& catalogue, const Page& page, const Entry* playing, Progress progress);

// "1.5 GiB".
std::string readableSize(std::uint64_t bytes);

}  // namespace stream
