#include "catalogue/sidecar_placing.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>

#include "naming/movie.hpp"
#include "naming/part.hpp"
#include "naming/path_parts.hpp"
#include "naming/season_folder.hpp"
#include "naming/text.hpp"

namespace library {

namespace {

using naming::Kind;
using Of = SidecarEntry::Of;

std::string folded(std::string_view name) { return naming::folded(name); }
std::string stemOf(std::string_view name) { return folded(naming::splitPath(name).stem); }

// What a sidecar that is not of one file is called, without its extension.
constexpr std::string_view kMovie = "movie";
constexpr std::array<std::string_view, 2> kDisc{"video_ts", "index"};
constexpr std::string_view kShow = "tvshow", kSeason = "season", kAlbum = "album", kArtist = "artist";

bool isNamedByDisc(std::string_view stem) { return std::ranges::find(kDisc, stem) != kDisc.end(); }

bool isOfFolder(std::string_view stem, std::string_view folder) {
  return stem == kMovie || isNamedByDisc(stem) || stem == folded(folder.substr(folder.rfind('/') + 1));
}

std::optional<TitleSidecar> sidecarOfTitle(LibraryType type, std::string_view folder, std::size_t file,
                                           std::string_view stem, bool has_items) {
  switch (type) {
    case LibraryType::kMovies:
      // Beside the folders of a disc.
      if (has_items || !isOfFolder(stem, folder)) return std::nullopt;
      return TitleSidecar{.file = file, .scope = TitleScope::kBelow, .of = Of::kMovie};
    case LibraryType::kShows:
      if (stem == kShow) return TitleSidecar{.file = file, .scope = TitleScope::kBelow, .of = Of::kShow};
      if (stem != kSeason) return std::nullopt;
      return TitleSidecar{.file = file,
                          .scope = TitleScope::kFolder,
                          .of = Of::kSeason,
                          .season = naming::seasonOfFolderPath(folder, naming::LibraryKind::kShows)};
    case LibraryType::kMusic:
      if (stem == kAlbum) return TitleSidecar{.file = file, .scope = TitleScope::kBelow, .of = Of::kAlbum};
      if (stem == kArtist) return TitleSidecar{.file = file, .scope = TitleScope::kEach, .of = Of::kArtist};
      return std::nullopt;
  }
  return std::nullopt;
}

// The items by the stems of their own files, and of a film in parts by what the parts share.
std::map<std::string, std::size_t> itemsByStem(std::span<const NamedFile> files, const Placement& placement) {
  std::map<std::string, std::size_t> items;
  for (std::size_t i = 0; i < placement.items.size(); ++i) {
    for (const PlacedFile& file : placement.items[i].files) {
      if (!file.extra.empty() || files[file.file].kind != Kind::kVideo) continue;
      std::string stem = naming::displayForm(naming::splitPath(files[file.file].name).stem);
      items.emplace(folded(stem), i);
      const auto part = file.part > 0 ? naming::partAtEnd(stem) : std::nullopt;
      if (part) items.emplace(folded(std::string_view(stem).substr(0, part->begin)), i);
    }
  }
  return items;
}

struct Candidate {
  std::size_t file = 0;
  std::size_t item = 0;
  int rank = 0;  // the lowest has the word
};

bool isOf(const SidecarEntry& entry, Of of) {
  return entry.of == of || (entry.of == Of::kAddress && of != Of::kSeason && of != Of::kArtist);
}

void tell(PlacedItem& item, const Candidate& by, std::size_t entry, const SidecarEntry& says) {
  if (!item.told) item.told = Told{.file = by.file, .entry = entry, .says = says};
}

bool isEpisode(const ItemRow& item, const SidecarEntry& entry) {
  return entry.season == item.season && entry.episode == item.episode;
}

// The item with the sidecar's name has the entry of its number, else the first; the others are of who has theirs.
void tellEpisodes(const Candidate& by, std::span<const SidecarEntry> entries, Placement& placement,
                  std::vector<Told>& of_others) {
  PlacedItem& own = placement.items[by.item];
  std::optional<std::size_t> chosen;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].of != Of::kEpisode) continue;
    if (!chosen || (isEpisode(own.item, entries[i]) && !isEpisode(own.item, entries[*chosen]))) chosen = i;
  }
  if (!chosen) return;
  tell(own, by, *chosen, entries[*chosen]);
  for (std::size_t i = 0; i < entries.size(); ++i)
    if (i != *chosen && entries[i].of == Of::kEpisode)
      of_others.push_back({.file = by.file, .entry = i, .says = entries[i]});
}

void tellItems(LibraryType type, std::span<const NamedFile> files, std::vector<Candidate>& candidates,
               Placement& placement) {
  std::ranges::sort(candidates, {},
                    [&](const Candidate& one) { return std::tuple(one.rank, files[one.file].name); });
  std::vector<Told> of_others;
  for (const Candidate& one : candidates) {
    const std::vector<SidecarEntry> entries = readSidecar(files[one.file].tags);
    if (type == LibraryType::kShows) {
      tellEpisodes(one, entries, placement, of_others);
    } else if (!entries.empty() && isOf(entries.front(), Of::kMovie)) {
      tell(placement.items[one.item], one, 0, entries.front());
    }
  }
  for (Told& told : of_others) {
    const auto item = std::ranges::find_if(placement.items, [&](const PlacedItem& other) {
      return !other.told && !other.item.episode_last && isEpisode(other.item, told.says);
    });
    if (item != placement.items.end()) item->told = std::move(told);
  }
}

}  // namespace

void placeSidecars(LibraryType type, std::string_view folder, std::span<const NamedFile> files,
                   Placement& placement) {
  if (std::ranges::none_of(files, [](const NamedFile& file) { return file.kind == Kind::kNfo; })) return;
  const auto by_stem = itemsByStem(files, placement);
  const bool is_one_film = type == LibraryType::kMovies && placement.items.size() == 1;
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (files[i].kind != Kind::kNfo) continue;
    const std::string stem = stemOf(files[i].name);
    if (auto of_title = sidecarOfTitle(type, folder, i, stem, !placement.items.empty())) {
      placement.of_titles.push_back(*std::move(of_title));
      placement.loose.push_back({.file = i});
      continue;
    }
    const auto own = by_stem.find(stem);
    if (own != by_stem.end() && type != LibraryType::kMusic) {
      candidates.push_back({.file = i, .item = own->second, .rank = 0});
    } else if (is_one_film && isOfFolder(stem, folder)) {
      candidates.push_back({.file = i, .item = 0, .rank = stem == kMovie ? 1 : 2});
    } else {
      placement.loose.push_back({.file = i});
    }
  }
  tellItems(type, files, candidates, placement);
  for (const Candidate& one : candidates) placement.items[one.item].files.push_back({.file = one.file});
}

std::optional<std::size_t> entryFor(const TitleSidecar& sidecar, std::span<const SidecarEntry> entries) {
  if (entries.empty() || !isOf(entries.front(), sidecar.of)) return std::nullopt;
  return 0;
}

bool isSidecarOfTitle(std::string_view name) {
  const std::string stem = stemOf(name);
  return stem == kMovie || stem == kShow || stem == kSeason || stem == kAlbum || stem == kArtist ||
         isNamedByDisc(stem);
}

}  // namespace library
