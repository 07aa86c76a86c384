// The ways a name counts an episode, tried in their order: S01E02, a date, "Season 1 Episode 2", 1x02, E02, [02], " - 02",
// and a loose number. Thread safety: pure functions.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "air_date.hpp"
#include "lexed_name.hpp"
#include "season_folder.hpp"

namespace library::naming {

struct EpisodeMatch {
  std::optional<int> season;
  std::vector<int> episodes;
  bool is_absolute = false;  // the numbers count through all seasons, unless a folder names one
  std::optional<Date> date;
  int version = 0;
  char sub = 0;
  std::size_t begin = 0;  // bytes of the text
  std::size_t end = 0;
};

struct EpisodeContext {
  LibraryKind kind = LibraryKind::kShows;
  std::optional<int> folder_season;
  std::string show_key;  // comparison key of the show's folder; empty: unknown
};

std::optional<EpisodeMatch> findEpisodeMatch(const LexedName& name, const EpisodeContext& context);

}  // namespace library::naming
