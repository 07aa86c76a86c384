// The files of one folder as items: parts of one film, versions of one film or episode, and the extras beside them.
// The same files give the same groups in whatever order they come. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "extra.hpp"
#include "season_folder.hpp"

namespace library::naming {

struct FileVersion {
  std::string label;  // "1080p", "Final Cut"; empty: the plain one
  std::string resolution;
  std::vector<std::size_t> files;  // places in the list given; several are parts, in their order
};

struct Item {
  std::string name;
  std::vector<FileVersion> versions;  // those with a resolution first, the highest in front, then by label
};

struct ExtraFile {
  std::size_t file = 0;
  ExtraType type = ExtraType::kNone;
  std::size_t item = 0;  // kNoItem: of the folder as a whole
};
inline constexpr std::size_t kNoItem = static_cast<std::size_t>(-1);

struct Grouping {
  std::vector<Item> items;  // by name
  std::vector<ExtraFile> extras;
};

// The names are of the videos in the folder, which is given by its path below the root of its library.
Grouping groupMovies(std::string_view folder, std::span<const std::string_view> names);
Grouping groupEpisodes(std::string_view folder, std::span<const std::string_view> names,
                       LibraryKind kind = LibraryKind::kShows);

}  // namespace library::naming
