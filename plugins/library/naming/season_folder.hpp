// Which season a folder holds, by its name in many languages. Thread safety: pure functions.
#pragma once

#include <optional>
#include <string_view>

namespace library::naming {

enum class LibraryKind { kShows, kMixed };

// Of a folder within a folder; the parent's name tells a season of the show from a show named like one. Specials and
// extras are 0. In a mixed library a bare number is no season.
std::optional<int> seasonOfFolder(std::string_view name, std::string_view parent, LibraryKind kind);
// Of the folder at a path below the root of its library: one at the top is a show, whatever it is called.
std::optional<int> seasonOfFolderPath(std::string_view path, LibraryKind kind);

}  // namespace library::naming
