// Who gives ids, by the names that writers of .nfo files have for them. Thread safety: constant tables and
// pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace library::nfo {

inline constexpr std::string_view kCollection = "tmdb_collection";  // the provider of ids of collections

// "tmdb" of "TMDb", "themoviedb" and "tmdb_id". Empty: none known here, or no name at all.
std::string_view knownProvider(std::string_view name);
// The same; any other is its own name in lower case, unless that cannot be one.
std::string providerOf(std::string_view name);

// In the one form the provider has for it. Nothing: the provider has no such ids.
std::optional<std::string> idOf(std::string_view provider, std::string_view text);

}  // namespace library::nfo
