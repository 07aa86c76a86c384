#include "catalogue/placing.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "catalogue/sidecar_placing.hpp"
#include "catalogue/track_tags.hpp"
#include "naming/episode.hpp"
#include "naming/extra.hpp"
#include "naming/grouping.hpp"
#include "naming/movie.hpp"
#include "naming/music.hpp"
#include "naming/path_parts.hpp"
#include "naming/subtitle.hpp"
#include "naming/text.hpp"

namespace library {

namespace {

using naming::Kind;

constexpr std::string_view kUnknown = "Unknown";

std::string pathOf(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : fmt::format("{}/{}", folder, name);
}

std::string_view lastOf(std::string_view folder) { return folder.substr(folder.rfind('/') + 1); }

std::string stemOf(std::string_view name) { return naming::displayForm(naming::splitPath(name).stem); }

std::string jsonText(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string factsOf(const naming::SubtitleName& subtitle) {
  std::string facts = "{";
  const auto add = [&facts](std::string_view name, std::string_view value) {
    facts += fmt::format("{}\"{}\":{}", facts.size() > 1 ? "," : "", name, value);
  };
  if (!subtitle.language.empty()) add("language", jsonText(subtitle.language));
  if (!subtitle.title.empty()) add("title", jsonText(subtitle.title));
  if (subtitle.is_default) add("default", "true");
  if (subtitle.is_forced) add("forced", "true");
  if (subtitle.is_hearing_impaired) add("hearing_impaired", "true");
  return facts + "}";
}

PlacedFile subtitleOf(std::size_t file, std::string_view name, std::string_view video) {
  const naming::SubtitleName said = naming::parseSubtitle(name, stemOf(video));
  PlacedFile placed{.file = file, .label = said.language, .facts = factsOf(said)};
  return placed;
}

struct Videos {
  std::vector<std::string_view> names;
  std::vector<std::size_t> places;  // in the list of all files
};

Videos thoseOf(std::span<const NamedFile> files, Kind kind) {
  Videos videos;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].kind != kind) continue;
    videos.names.push_back(files[i].name);
    videos.places.push_back(i);
  }
  return videos;
}

std::vector<PlacedFile> filesOf(const naming::Item& item, const Videos& videos) {
  std::vector<PlacedFile> placed;
  for (std::size_t version = 0; version < item.versions.size(); ++version) {
    const naming::FileVersion& one = item.versions[version];
    for (std::size_t part = 0; part < one.files.size(); ++part) {
      placed.push_back({.file = videos.places[one.files[part]],
                        .version = version,
                        .part = one.files.size() > 1 ? static_cast<int>(part) + 1 : 0,
                        .label = one.label,
                        .resolution = one.resolution});
    }
  }
  return placed;
}

PlacedItem movieItem(const std::string& path, std::string_view fallback) {
  naming::MovieName film = naming::parseMovie(path);
  if (film.title.empty()) film.title = fallback.empty() ? std::string(kUnknown) : std::string(fallback);
  PlacedItem placed;
  placed.joins = film.year.has_value();
  placed.title = {
      .id = {},
      .kind = "movie",
      .name = film.title,
      .sort = sortKey(film.title),
      .match = fmt::format("{}\n{}", matchKey(film.title), film.year ? std::to_string(*film.year) : ""),
      .artist = {},
      .year = film.year,
      .ids = film.ids};
  placed.item.kind = "movie";
  placed.item.slot = "m";
  placed.item.name = film.title;
  placed.item.sort = placed.title.sort;
  placed.item.year = film.year;
  return placed;
}

std::string slotOf(const naming::EpisodeName& episode, std::string_view stem) {
  std::string slot;
  if (!episode.episodes.empty()) {
    slot = episode.season ? fmt::format("s{:02}", *episode.season) : "s";
    for (const int number : episode.episodes) slot += fmt::format("e{:02}", number);
  } else if (episode.date) {
    slot = fmt::format("{:04}-{:02}-{:02}", episode.date->year, episode.date->month, episode.date->day);
  } else if (episode.absolute) {
    slot = fmt::format("a{:03}", *episode.absolute);
  } else {
    slot = "x" + matchKey(episode.special_title.empty() ? stem : episode.special_title);
  }
  if (episode.sub != 0) slot += episode.sub;
  return slot;
}

PlacedItem episodeItem(const std::string& path) {
  naming::EpisodeName episode = naming::parseEpisode(path);
  const std::string stem = stemOf(path);
  if (episode.show.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view top =
        slash == std::string::npos ? std::string_view(stem) : std::string_view(path).substr(0, slash);
    const naming::ShowName show = naming::parseShowFolder(top);
    episode.show = show.title.empty() ? std::string(kUnknown) : show.title;
    episode.show_year = show.year;
    episode.ids = show.ids;
  }
  PlacedItem placed;
  placed.joins = true;
  placed.title = {.id = {},
                  .kind = "show",
                  .name = episode.show,
                  .sort = sortKey(episode.show),
                  .match = matchKey(episode.show),
                  .artist = {},
                  .year = episode.show_year,
                  .ids = episode.ids};
  ItemRow& item = placed.item;
  item.kind = "episode";
  item.slot = slotOf(episode, stem);
  item.season = episode.season;
  if (!episode.episodes.empty()) {
    item.episode = episode.episodes.front();
    if (episode.episodes.size() > 1) item.episode_last = episode.episodes.back();
  } else if (episode.absolute) {
    item.episode = episode.absolute;
    item.episode_last = episode.absolute_last;
  }
  if (episode.date) {
    item.air_date =
        fmt::format("{:04}-{:02}-{:02}", episode.date->year, episode.date->month, episode.date->day);
    item.year = episode.date->year;
  }
  item.name = !episode.title.empty() ? episode.title : episode.special_title;
  if (item.name.empty()) item.name = item.episode ? fmt::format("Episode {}", *item.episode) : item.air_date;
  if (item.name.empty()) item.name = stem;
  item.sort = episodeSort(placed.title.sort, item);
  return placed;
}

PlacedItem trackItem(const std::string& path, const TrackTags& tags) {
  naming::TrackName track = naming::parseTrack(path);
  if (!tags.title.empty()) track.title = tags.title;
  if (!tags.album.empty()) {
    track.album = tags.album;
    track.artist = tags.artist;
    track.year = tags.year;
    track.disc = tags.disc;
  }
  if (tags.track) track.track = tags.track;
  if (track.title.empty()) track.title = stemOf(path);
  if (track.album.empty()) track.album = kUnknown;
  PlacedItem placed;
  placed.joins = true;
  placed.title = {.id = {},
                  .kind = "album",
                  .name = track.album,
                  .sort = sortKey(track.album),
                  .match = fmt::format("{}\n{}", matchKey(track.artist), matchKey(track.album)),
                  .artist = track.artist,
                  .year = track.year,
                  .ids = {}};
  ItemRow& item = placed.item;
  item.kind = "track";
  item.slot =
      fmt::format("d{}t{}\n{}", track.disc.value_or(0), track.track.value_or(0), matchKey(track.title));
  item.name = track.title;
  item.year = track.year;
  item.disc = track.disc;
  item.track = track.track;
  item.sort = fmt::format("{} d{:03}t{:04} {}", placed.title.sort, track.disc.value_or(0),
                          track.track.value_or(0), sortKey(track.title));
  return placed;
}

// All files of a disc are the one film, in the order of their names.
PlacedItem discItem(std::string_view folder, const Videos& videos) {
  PlacedItem placed = movieItem(pathOf(folder, videos.names.front()), {});
  std::vector<std::size_t> order(videos.names.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::sort(order, {}, [&](std::size_t i) { return videos.names[i]; });
  for (std::size_t i = 0; i < order.size(); ++i) {
    placed.files.push_back(
        {.file = videos.places[order[i]], .part = order.size() > 1 ? static_cast<int>(i) + 1 : 0});
  }
  return placed;
}

void placeExtras(const naming::Grouping& grouping, const Videos& videos, Placement& placement) {
  for (const naming::ExtraFile& extra : grouping.extras) {
    PlacedFile placed{.file = videos.places[extra.file],
                      .extra = std::string(naming::extraTypeName(extra.type))};
    auto& to = extra.item == naming::kNoItem ? placement.loose : placement.items[extra.item].files;
    to.push_back(std::move(placed));
  }
}

Placement placeVideos(LibraryType type, std::string_view folder, std::span<const NamedFile> files) {
  Placement placement;
  const Videos videos = thoseOf(files, Kind::kVideo);
  if (videos.names.empty()) return placement;
  if (type == LibraryType::kMovies && isOfDisc(folder)) {
    placement.items.push_back(discItem(folder, videos));
    return placement;
  }
  const naming::Grouping grouping = type == LibraryType::kMovies
                                        ? naming::groupMovies(folder, videos.names)
                                        : naming::groupEpisodes(folder, videos.names);
  for (const naming::Item& item : grouping.items) {
    const std::string path = pathOf(folder, videos.names[item.versions.front().files.front()]);
    PlacedItem placed = type == LibraryType::kMovies ? movieItem(path, item.name) : episodeItem(path);
    placed.files = filesOf(item, videos);
    placement.items.push_back(std::move(placed));
  }
  placeExtras(grouping, videos, placement);
  return placement;
}

Placement placeTracks(std::string_view folder, std::span<const NamedFile> files) {
  Placement placement;
  const Videos tracks = thoseOf(files, Kind::kAudio);
  for (std::size_t i = 0; i < tracks.names.size(); ++i) {
    PlacedItem placed = trackItem(pathOf(folder, tracks.names[i]), readTags(files[tracks.places[i]].tags));
    const auto same = std::ranges::find_if(placement.items, [&](const PlacedItem& other) {
      return other.item.slot == placed.item.slot && other.title.match == placed.title.match;
    });
    PlacedItem& item =
        same == placement.items.end() ? placement.items.emplace_back(std::move(placed)) : *same;
    item.files.push_back({.file = tracks.places[i], .version = item.files.size()});
  }
  return placement;
}

void placeSubtitles(std::span<const NamedFile> files, Placement& placement) {
  std::vector<std::string_view> names;
  std::vector<std::size_t> items;
  for (std::size_t i = 0; i < placement.items.size(); ++i) {
    for (const PlacedFile& file : placement.items[i].files) {
      if (!file.extra.empty()) continue;
      names.push_back(files[file.file].name);
      items.push_back(i);
    }
  }
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].kind != Kind::kSubtitle) continue;
    auto owner = naming::matchSubtitle(files[i].name, names);
    if (!owner && placement.items.size() == 1 && !names.empty()) owner = 0;
    PlacedFile placed = subtitleOf(i, files[i].name, owner ? names[*owner] : std::string_view());
    auto& to = owner ? placement.items[items[*owner]].files : placement.loose;
    to.push_back(std::move(placed));
  }
}

}  // namespace

bool isOfDisc(std::string_view folder) {
  if (naming::isDiscFolder(lastOf(folder))) return true;
  const std::size_t slash = folder.rfind('/');
  return slash != std::string_view::npos && naming::isDiscFolder(lastOf(folder.substr(0, slash)));
}

Placement place(LibraryType type, std::string_view folder, std::span<const NamedFile> files) {
  const bool is_music = type == LibraryType::kMusic;
  Placement placement = is_music ? placeTracks(folder, files) : placeVideos(type, folder, files);
  if (!is_music) placeSubtitles(files, placement);
  placeSidecars(type, folder, files, placement);
  return placement;
}

bool belongsToFolderAround(std::string_view folder) {
  if (!folder.contains('/')) return false;
  const std::string_view name = lastOf(folder);
  return naming::extraFolder(name) != naming::ExtraType::kNone || naming::isSubtitleFolder(name);
}

std::vector<Adopted> adopt(std::string_view folder, std::span<const NamedFile> files,
                           std::span<const NamedFile> around) {
  const std::string_view name = lastOf(folder);
  const Videos videos = thoseOf(around, Kind::kVideo);
  const naming::ExtraType type = naming::extraFolder(name);
  std::vector<Adopted> adopted;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].kind == Kind::kNfo) continue;  // what describes an extra describes no film
    Adopted& one = adopted.emplace_back();
    one.owner = kNoOwner;
    if (files[i].kind == Kind::kSubtitle) {
      const auto owner = naming::matchSubtitle(pathOf(name, files[i].name), videos.names);
      if (owner) one.owner = videos.places[*owner];
      one.file = subtitleOf(i, files[i].name, owner ? videos.names[*owner] : std::string_view());
      continue;
    }
    one.file.file = i;
    one.file.extra =
        naming::extraTypeName(type == naming::ExtraType::kNone ? naming::ExtraType::kOther : type);
    if (!videos.places.empty()) one.owner = videos.places.front();
  }
  return adopted;
}

std::string matchKey(std::string_view name) {
  std::string key = naming::comparisonKey(name);
  return key.empty() ? naming::folded(name) : key;
}

std::string sortKey(std::string_view name) {
  std::string folded = naming::folded(name);
  std::string_view rest = folded;
  for (const std::string_view article : {"the ", "an ", "a "}) {
    if (!rest.starts_with(article) || rest.size() == article.size()) continue;
    rest.remove_prefix(article.size());
    break;
  }
  constexpr std::size_t kDigits = 8;
  std::string key;
  for (std::size_t at = 0; at < rest.size();) {
    const std::size_t digits = naming::countDigits(rest.substr(at));
    if (digits > 0 && digits < kDigits) key.append(kDigits - digits, '0');
    const std::size_t taken = std::max<std::size_t>(digits, 1);
    key += rest.substr(at, taken);
    at += taken;
  }
  return key;
}

}  // namespace library
