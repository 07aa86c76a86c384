// Results of the parsers as facts of a row. Thread safety: pure functions.
#pragma once

#include "naming/episode.hpp"
#include "naming/movie.hpp"
#include "rows.hpp"

namespace library::naming {

inline Facts describeIds(const Ids& ids) {
  return {{"tmdb", factOf(ids.tmdb)}, {"imdb", factOf(ids.imdb)}, {"tvdb", factOf(ids.tvdb)}};
}

inline Facts describe(const MovieName& movie) {
  Facts facts = describeIds(movie.ids);
  facts["t"] = factOf(movie.title);
  facts["y"] = factOf(movie.year);
  facts["edition"] = factOf(movie.edition);
  facts["3d"] = factOf(movie.format_3d);
  facts["part"] = factOf(movie.part);
  facts["res"] = factOf(movie.resolution);
  facts["label"] = factOf(movie.label);
  return facts;
}

inline std::string factOf(const std::optional<Date>& date) {
  if (!date) return "-";
  const auto two = [](int n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  return std::to_string(date->year) + "-" + two(date->month) + "-" + two(date->day);
}

inline Facts describe(const EpisodeName& episode) {
  Facts facts = describeIds(episode.ids);
  facts["show"] = factOf(episode.show);
  facts["y"] = factOf(episode.show_year);
  facts["s"] = factOf(episode.season);
  facts["e"] = factOf(episode.episodes);
  facts["abs"] = factOf(episode.absolute);
  facts["to"] = factOf(episode.absolute_last);
  facts["date"] = factOf(episode.date);
  facts["t"] = factOf(episode.title);
  facts["special"] = factOf(episode.special_title);
  facts["v"] = episode.version == 0 ? "-" : std::to_string(episode.version);
  facts["part"] = factOf(episode.part);
  facts["res"] = factOf(episode.resolution);
  return facts;
}

}  // namespace library::naming
