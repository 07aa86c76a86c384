// Which films, episodes, shows and albums sidecars describe, and what of them is shown then.
#include "catalogue/sidecar.hpp"

#include <algorithm>
#include <map>

#include "catalogue/sidecar_placing.hpp"
#include "scan/signature.hpp"
#include "tests/scanning/tree.hpp"

namespace library {
namespace {

using Of = SidecarEntry::Of;

struct Sidecar {
  std::string name;
  std::vector<SidecarEntry> entries{};  // none: it says nothing
};

struct Placed {
  std::vector<std::string> names{};
  Placement placement{};

  // By the slot, which sidecar describes the item, and what it calls it.
  std::map<std::string, std::string> told() const {
    std::map<std::string, std::string> told;
    for (const PlacedItem& item : placement.items)
      told[item.item.slot + " " + item.item.name] =
          item.told ? names[item.told->file] + ": " + item.told->says.title : "";
    return told;
  }
  std::vector<std::string> looseOnes() const {
    std::vector<std::string> loose;
    for (const PlacedFile& file : placement.loose) loose.push_back(names[file.file]);
    std::ranges::sort(loose);
    return loose;
  }
};

Placed placed(LibraryType type, std::string_view folder, const std::vector<std::string>& media,
              const std::vector<Sidecar>& sidecars) {
  Placed result{.names = media};
  std::vector<std::string> tags(media.size());
  for (const Sidecar& one : sidecars) {
    result.names.push_back(one.name);
    tags.push_back(storedSidecar(one.entries));
  }
  std::vector<NamedFile> files;
  for (std::size_t i = 0; i < result.names.size(); ++i)
    files.push_back({result.names[i], naming::kindOf(result.names[i]), tags[i]});
  result.placement = place(type, folder, files);
  return result;
}

Sidecar film(std::string name, std::string title) {
  return {std::move(name), {{.of = Of::kMovie, .title = std::move(title)}}};
}
SidecarEntry episode(int season, int number, std::string title) {
  return {.of = Of::kEpisode, .title = std::move(title), .season = season, .episode = number};
}

using Told = std::map<std::string, std::string>;
using Names = std::vector<std::string>;

TEST(Sidecar, OfAFilmHasItsStemOrIsCalledMovieOrAsTheFolder) {
  for (const char* name : {"Ran (1985) - 1080p.nfo", "movie.nfo", "MOVIE.NFO", "Ran (1985).nfo"}) {
    const Placed one =
        placed(LibraryType::kMovies, "Ran (1985)", {"Ran (1985) - 1080p.mkv"}, {film(name, "Chaos")});
    EXPECT_EQ(one.told(), (Told{{"m Ran", std::string(name) + ": Chaos"}})) << name;
    EXPECT_TRUE(one.placement.loose.empty()) << name;
    EXPECT_EQ(one.placement.items[0].files.size(), 2U) << name;
  }
}

TEST(Sidecar, WithTheStemComesFirstUnlessItSaysNothing) {
  const Names media{"Ran (1985).mkv"};
  const Sidecar movie = film("movie.nfo", "By movie");
  EXPECT_EQ(placed(LibraryType::kMovies, "Ran", media, {movie, film("Ran (1985).nfo", "By stem")}).told(),
            (Told{{"m Ran", "Ran (1985).nfo: By stem"}}));
  EXPECT_EQ(placed(LibraryType::kMovies, "Ran", media, {movie, {"Ran (1985).nfo"}}).told(),
            (Told{{"m Ran", "movie.nfo: By movie"}}));
}

TEST(Sidecar, CalledMovieIsOfNothingAmongSeveralFilms) {
  const Placed some =
      placed(LibraryType::kMovies, "Both", {"A (2001).mkv", "B (2002).mkv"},
             {film("movie.nfo", "Which?"), film("Both.nfo", "Which?"), film("B (2002).nfo", "Bee")});
  EXPECT_EQ(some.told(), (Told{{"m A", ""}, {"m B", "B (2002).nfo: Bee"}}));
  EXPECT_EQ(some.looseOnes(), (Names{"Both.nfo", "movie.nfo"}));
}

TEST(Sidecar, OfADiscIsNamedAfterIt) {
  for (const char* name : {"VIDEO_TS.nfo", "movie.nfo"})
    EXPECT_EQ(placed(LibraryType::kMovies, "Heat (1995)/VIDEO_TS", {"VIDEO_TS.IFO", "VTS_01_1.VOB"},
                     {film(name, "Hot")})
                  .told(),
              (Told{{"m Heat", std::string(name) + ": Hot"}}));
  const Placed around = placed(LibraryType::kMovies, "Heat (1995)", {}, {film("Heat (1995).nfo", "Hot")});
  ASSERT_EQ(around.placement.of_titles.size(), 1U);
  EXPECT_EQ(around.placement.of_titles[0].scope, TitleScope::kBelow);
}

TEST(Sidecar, OfAFilmInPartsHasWhatTheyShare) {
  EXPECT_EQ(placed(LibraryType::kMovies, "", {"Heat (1995) cd1.avi", "Heat (1995) cd2.avi", "Ran (1985).mkv"},
                   {film("Heat (1995).nfo", "Hot")})
                .told(),
            (Told{{"m Heat", "Heat (1995).nfo: Hot"}, {"m Ran", ""}}));
}

TEST(Sidecar, OfAnotherKindDescribesNothing) {
  const Sidecar show{"movie.nfo", {{.of = Of::kShow, .title = "Show"}}};
  EXPECT_EQ(placed(LibraryType::kMovies, "Ran", {"Ran (1985).mkv"}, {show}).told(), (Told{{"m Ran", ""}}));
  const Placed trailer = placed(LibraryType::kMovies, "Ran", {"Ran (1985).mkv", "Ran (1985)-trailer.mp4"},
                                {film("Ran (1985)-trailer.nfo", "A trailer")});
  EXPECT_EQ(trailer.told(), (Told{{"m Ran", ""}}));
  EXPECT_TRUE(adopt("Ran/trailers", std::array{NamedFile{"movie.nfo", naming::Kind::kNfo}}, {}).empty());
}

TEST(Sidecar, OfEpisodesDescribesEachByItsNumber) {
  const Names media{"S01E01.mkv", "S01E02.mkv", "S01E03E04.mkv"};
  const std::vector<Sidecar> sidecars{{"S01E01.nfo", {episode(1, 2, "Two"), episode(1, 1, "One")}},
                                      {"S01E03E04.nfo", {episode(1, 3, "Three"), episode(1, 4, "Four")}}};
  EXPECT_EQ(placed(LibraryType::kShows, "Show/Season 1", media, sidecars).told(),
            (Told{{"s01e01 Episode 1", "S01E01.nfo: One"},
                  {"s01e02 Episode 2", "S01E01.nfo: Two"},
                  {"s01e03e04 Episode 3", "S01E03E04.nfo: Three"}}));
  // One of its own comes first.
  EXPECT_EQ(placed(LibraryType::kShows, "Show/Season 1", {"S01E01.mkv", "S01E02.mkv"},
                   {sidecars[0], {"S01E02.nfo", {episode(9, 9, "Own")}}})
                .told(),
            (Told{{"s01e01 Episode 1", "S01E01.nfo: One"}, {"s01e02 Episode 2", "S01E02.nfo: Own"}}));
}

TEST(Sidecar, OfATitleIsLookedForInItsFolderOrBelow) {
  const auto of = [](LibraryType type, std::string_view folder, std::string name) {
    const Placed one = placed(type, folder, {}, {{std::move(name)}});
    EXPECT_EQ(one.placement.loose.size(), 1U);
    return one.placement.of_titles;
  };
  const auto show = of(LibraryType::kShows, "Lost", "tvshow.nfo");
  ASSERT_EQ(show.size(), 1U);
  EXPECT_EQ(show[0].scope, TitleScope::kBelow);
  const auto season = of(LibraryType::kShows, "Lost/Season 2", "season.nfo");
  ASSERT_EQ(season.size(), 1U);
  EXPECT_EQ(season[0].season, 2);
  EXPECT_EQ(season[0].scope, TitleScope::kFolder);
  EXPECT_EQ(of(LibraryType::kMusic, "Bach", "artist.nfo").at(0).scope, TitleScope::kEach);
  EXPECT_EQ(of(LibraryType::kMusic, "Bach/Goldberg", "album.nfo").at(0).of, Of::kAlbum);
  for (const LibraryType type : {LibraryType::kMovies, LibraryType::kShows, LibraryType::kMusic})
    EXPECT_TRUE(of(type, "Any", "group.nfo").empty());
  EXPECT_TRUE(of(LibraryType::kMusic, "Any", "movie.nfo").empty());
}

TEST(Sidecar, N23AnAddressIsOfFilmsShowsAndAlbumsAlone) {
  const std::array address{SidecarEntry{.of = Of::kAddress, .ids = {.tmdb = "7", .imdb = "", .tvdb = ""}}};
  for (const Of of : {Of::kMovie, Of::kShow, Of::kAlbum}) EXPECT_TRUE(entryFor({.of = of}, address));
  for (const Of of : {Of::kSeason, Of::kArtist}) EXPECT_FALSE(entryFor({.of = of}, address));
  EXPECT_FALSE(entryFor({.of = Of::kShow}, {}));
}

TEST(Sidecar, IsReadAsItIsStored) {
  const std::vector<SidecarEntry> entries{
      {.of = Of::kEpisode, .title = "Ünder\x1f\x1e", .date = "2004-09-22", .season = 0, .display_season = 3},
      {.of = Of::kAlbum,
       .sort_title = "b",
       .artist = "A",
       .year = 1981,
       .ids = {.tmdb = "1", .imdb = "tt2", .tvdb = "3"}}};
  std::vector<SidecarEntry> expected = entries;
  expected[0].title = "Ünder  ";
  EXPECT_EQ(readSidecar(storedSidecar(entries)), expected);
  EXPECT_EQ(storedSidecar({}), "");
  EXPECT_TRUE(readSidecar("").empty());
  EXPECT_EQ(readSidecar("99\x1fwhat\x1e").at(0).of, Of::kAddress);
}

TEST(Sidecar, DescribesATitleWithoutWhatItIsKnownBy) {
  TitleRow title{.id = {},
                 .kind = "movie",
                 .name = "Ran",
                 .sort = "ran",
                 .match = "ran\n1985",
                 .artist = {},
                 .year = 1985,
                 .ids = {.tmdb = "1", .imdb = "tt1", .tvdb = {}}};
  describe(
      title,
      {.of = Of::kMovie, .title = "The Chaos", .year = 1986, .ids = {.tmdb = "2", .imdb = {}, .tvdb = {}}});
  EXPECT_EQ(title.name, "The Chaos");
  EXPECT_EQ(title.sort, "chaos");
  EXPECT_EQ(title.match, "ran\n1985");
  EXPECT_EQ(title.year, 1986);
  EXPECT_EQ(title.ids, (naming::Ids{"2", "tt1", ""}));
  describe(title, {.of = Of::kMovie, .sort_title = "Zero"});
  EXPECT_EQ(title.name, "The Chaos");
  EXPECT_EQ(title.sort, "zero");
}

TEST(Sidecar, N29PutsASpecialInFrontOfTheEpisodeItNames) {
  const auto sorted = [](int season, int number, SidecarEntry entry) {
    ItemRow item;
    item.kind = "episode";
    item.season = season;
    item.episode = number;
    describe(item, "show", entry);
    return item.sort;
  };
  const std::string second = sorted(1, 2, {});
  const std::string between = sorted(0, 1, {.display_season = 1, .display_episode = 2});
  EXPECT_LT(sorted(1, 1, {}), between);
  EXPECT_LT(between, second);
  const std::string behind = sorted(0, 1, {.display_season = 1});
  EXPECT_LT(second, behind);
  EXPECT_LT(behind, sorted(2, 1, {}));
  EXPECT_EQ(sorted(1, 2, {.display_season = 5}), second);  // no special
}

TEST(Signature, CountsSidecars) {
  const disk::MediaFile video{"a.mkv", naming::Kind::kVideo, 1, 1, 1, 7};
  disk::MediaFile nfo{"a.nfo", naming::Kind::kNfo, 1, 1, 1, 8};
  const Signature both = signatureOf(std::vector{video, nfo});
  EXPECT_NE(both, signatureOf(std::vector{video}));
  nfo.modified_ns = 2;
  EXPECT_NE(both, signatureOf(std::vector{video, nfo}));
}

}  // namespace
}  // namespace library
