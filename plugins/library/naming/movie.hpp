// What the path of a film says of it. Thread safety: pure functions; they throw nothing but std::bad_alloc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ids.hpp"

namespace library::naming {

struct MovieName {
  std::string title;
  std::optional<int> year;
  std::string edition;  // "Director's Cut"; empty: none
  Ids ids;
  std::string format_3d;    // hsbs, fsbs, sbs, htab, ftab, tab or mvc; empty: flat, or no format is said
  std::optional<int> part;  // of a film in several files
  std::string resolution;   // "1080p"; empty: none is said
  std::string label;        // what follows title and year, to tell versions apart; empty: nothing does
};

// Of a file, by its path below the root of its library; the folder of its own fills what the name lacks.
MovieName parseMovie(std::string_view path);
// Of a folder that is a film: one of a disc, or the folder around one file.
MovieName parseMovieFolder(std::string_view name);

// The folder is of a disc (BDMV, VIDEO_TS, CD1): what it is in says the title.
bool isDiscFolder(std::string_view name);

}  // namespace library::naming
