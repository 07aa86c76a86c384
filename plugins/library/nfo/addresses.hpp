// Addresses of what providers tell of, in any text. Thread safety: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "nfo.hpp"

namespace library::nfo {

// A set of roots.
using Roots = unsigned;
constexpr Roots in(auto... roots) { return ((1U << static_cast<unsigned>(roots)) | ...); }

struct Address {
  std::string provider = {};
  std::string id = {};
  Roots roots = 0;  // what it can be an address of

  bool operator==(const Address&) const = default;
};

// In their order, of themoviedb.org, imdb.com, thetvdb.com, tvmaze.com, anidb.net and musicbrainz.org; the
// first hundred. One that holds a name instead of an id is none.
std::vector<Address> addressesIn(std::string_view text);

// The first "tt0111161" that stands for itself. Empty: there is none.
std::string looseImdbId(std::string_view text);

}  // namespace library::nfo
