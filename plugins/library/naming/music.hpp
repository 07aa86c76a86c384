// What the path of a track says where its tags say nothing: artist, album, disc, number and title. Thread safety: pure
// functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace library::naming {

struct TrackName {
  std::string artist;
  std::string album;
  std::optional<int> year;  // of the album
  std::optional<int> disc;
  std::optional<int> track;
  std::string title;
};

// Of a file, by its path below the root of its library.
TrackName parseTrack(std::string_view path);

// The number of the disc whose folder this is: "CD 1", "Disc04(Encore)"; nothing: it is the folder of an album.
std::optional<int> discOfFolder(std::string_view name);

}  // namespace library::naming
