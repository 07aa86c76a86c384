// What the path of an episode says of it. Thread safety: pure functions; they throw nothing but std::bad_alloc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "air_date.hpp"
#include "ids.hpp"
#include "season_folder.hpp"

namespace library::naming {

struct EpisodeName {
  std::string show;
  std::optional<int> show_year;
  Ids ids;                           // of the show
  std::optional<int> season;         // 0: specials
  std::vector<int> episodes;         // within the season; at most kMaxEpisodes
  std::optional<int> absolute;       // counted through all seasons
  std::optional<int> absolute_last;  // of a file with several
  std::optional<Date> date;
  std::string title;          // of the episode
  std::string special_title;  // of a special that has no number
  int version = 0;            // of "05v2"; 0: none is said
  char sub = 0;               // 'b' of "05b", '5' of "05.5": a piece of the episode; 0: the whole
  std::optional<int> part;    // of an episode in several files
  std::string resolution;

  // Whether the path names an episode at all.
  bool isEpisode() const { return !episodes.empty() || absolute || date || !special_title.empty(); }
};

// Of a file, by its path below the root of its library.
EpisodeName parseEpisode(std::string_view path, LibraryKind kind = LibraryKind::kShows);

struct ShowName {
  std::string title;
  std::optional<int> year;
  Ids ids;
};
// Of the folder of a show.
ShowName parseShowFolder(std::string_view name);

}  // namespace library::naming
