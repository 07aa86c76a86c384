// The names of a library, whatever bytes they are: what is read of them is UTF-8, lists are short, groups hold each file
// once.
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "naming/episode.hpp"
#include "naming/episode_numbers.hpp"
#include "naming/glob.hpp"
#include "naming/grouping.hpp"
#include "naming/kind.hpp"
#include "naming/movie.hpp"
#include "naming/music.hpp"
#include "naming/subtitle.hpp"
#include "naming/text.hpp"
#include "require.hpp"

using namespace library::naming;
using revenge::fuzz::require;

namespace {

void requireText(std::string_view text) { require(isUtf8(text), "it is UTF-8"); }

void requirePath(std::string_view path) {
  const MovieName movie = parseMovie(path);
  for (const std::string& text :
       {movie.title, movie.edition, movie.label, movie.ids.tmdb, movie.ids.imdb, movie.ids.tvdb}) {
    requireText(text);
  }
  for (const LibraryKind kind : {LibraryKind::kShows, LibraryKind::kMixed}) {
    const EpisodeName episode = parseEpisode(path, kind);
    for (const std::string& text : {episode.show, episode.title, episode.special_title}) requireText(text);
    require(episode.episodes.size() <= kMaxEpisodes, "few episodes");
  }
  const TrackName track = parseTrack(path);
  for (const std::string& text : {track.artist, track.album, track.title}) requireText(text);
  const SubtitleName subtitle = parseSubtitle(path, "film");
  requireText(subtitle.language);
  requireText(subtitle.title);
  require(displayForm(displayForm(path)) == displayForm(path), "the display form is final");
  (void)kindOf(path);
  (void)extraOf(path);
  (void)seasonOfFolderPath(path, LibraryKind::kShows);
}

void requireEachOnce(const Grouping& grouping, std::size_t count) {
  std::vector<int> seen(count, 0);
  for (const Item& item : grouping.items) {
    requireText(item.name);
    for (const FileVersion& version : item.versions) {
      for (const std::size_t file : version.files) ++seen.at(file);
    }
  }
  for (const ExtraFile& extra : grouping.extras) ++seen.at(extra.file);
  for (const int times : seen) require(times == 1, "each file is in one group");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<std::string_view> names;
  for (std::string_view rest = input; !rest.empty() && names.size() < 16;) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    names.push_back(line);
    requirePath(line);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  if (names.empty()) return 0;
  requireEachOnce(groupMovies(names.front(), names), names.size());
  requireEachOnce(groupEpisodes(names.front(), names), names.size());
  (void)matchSubtitle(names.front(), names);
  (void)IgnoreRules::parse(input).ignores(names.back(), Entry::kFile);
  return 0;
}
