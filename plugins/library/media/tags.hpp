// Tags of a file by the names that containers give them. Thread safety: pure functions.
#pragma once

#include <string_view>

#include "facts.hpp"

namespace library::media {

// "ALBUMARTIST", "album_artist" and "Album Artist" are one name. What is set already stays as it is; a name that is no fact
// here is left out.
void addTag(Tags& tags, std::string_view name, std::string_view value);

}  // namespace library::media
