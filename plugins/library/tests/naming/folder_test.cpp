// Kinds, extras, seasons and groups of files as they are found on disks.
#include <algorithm>

#include <gtest/gtest.h>

#include "grouped.hpp"
#include "naming/episode.hpp"
#include "naming/kind.hpp"
#include "naming/text.hpp"
#include "rows.hpp"

namespace library::naming {
namespace {

using Names = std::vector<std::string_view>;

TEST(Kind, OfPaths) {
  constexpr Row kRows[] = {
      {"a.mkv", "k=video"},
      {"a.MKV", "k=video"},
      {"a.m2ts", "k=video"},
      {"a.iso", "k=video"},
      {"a.flac", "k=audio"},
      {"a.mka", "k=audio"},
      {"a.srt", "k=subtitle"},
      {"a.idx", "k=subtitle"},
      {"a.jpg", "k=image"},
      {"a.nfo", "k=nfo"},
      {"a.disc", "k=disc stub"},
      {"a.txt", "k=other"},
      {"a", "k=other"},
      {"a.mkv.!qB", "k=ignored"},
      {"a.crdownload", "k=ignored"},
      {"a.tmp", "k=ignored"},
      {"a.mkv.part", "k=ignored"},
      {"a.PART", "k=ignored"},
      {".hidden.mkv", "k=ignored"},
      {"._a.mkv", "k=ignored"},
      {".hidden/a.mkv", "k=ignored"},
      {"lost+found/a.mkv", "k=ignored"},
      {"x/@eaDir/y/a.mkv", "k=ignored"},
      {"System Volume Information/a.mkv", "k=ignored"},
      {"#snapshot/a.mkv", "k=ignored"},
      {"...And Justice for All (1979)/a.mkv", "k=video"},
      {"Film/film-sample.mkv", "k=ignored"},
      {"Film/sample-film.mkv", "k=ignored"},
      {"Film/Film.sample.mkv", "k=ignored"},
      {"Film/Film (sample).mkv", "k=ignored"},
      {"Film/Samples/a.mkv", "k=ignored"},
      {"Free Sample.mkv", "k=video"},
      {"Sample.2010.1080p.mkv", "k=video"},
      {"Samples of Life.mkv", "k=video"},
      {"Thumbs.db", "k=ignored"},
      {"part/a.mkv", "k=video"},
      {"tmp/a.mkv", "k=video"},
      {"film.part1.mkv", "k=video"},
      {"Film 2.0", "k=other"},
      {"", "k=ignored"},
  };
  expectRows(kRows, [](std::string_view path) { return Facts{{"k", std::string(kindName(kindOf(path)))}}; });
}

TEST(Extra, OfPaths) {
  constexpr Row kRows[] = {
      {"Film (2010)/trailer.mkv", "type=trailer"},
      {"Film (2010)/Film (2010)-trailer.mkv", "type=trailer"},
      {"Film (2010)/Film (2010).trailer.mkv", "type=trailer"},
      {"Film (2010)/Film (2010) Trailer 1.mkv", "type=trailer"},
      {"Film (2010)/Film (2010)_trailer.mkv", "type=trailer"},
      {"Film (2010)/Film (2010) - Trailer.mkv", "type=trailer"},
      {"Film (2010)/Making Of-featurette.mkv", "type=featurette"},
      {"Film (2010)/Director-interview.mkv", "type=interview"},
      {"Film (2010)/Opening-scene.mkv", "type=scene"},
      {"Film (2010)/Cartoon-short.mkv", "type=short"},
      {"Film (2010)/Thing-clip.mkv", "type=clip"},
      {"Film (2010)/Thing-extra.mkv", "type=other"},
      {"Film (2010)/Thing-other.mkv", "type=other"},
      {"Film (2010)/Thing-deleted.mkv", "type=deletedscene"},
      {"Film (2010)/Extras/a.mkv", "type=other"},
      {"Film (2010)/Featurettes/a.mkv", "type=featurette"},
      {"Film (2010)/Deleted Scenes/a.mkv", "type=deletedscene"},
      {"Film (2010)/deleted_scenes/a.mkv", "type=deletedscene"},
      {"Film (2010)/Behind.The.Scenes/a.mkv", "type=behindthescenes"},
      {"Film (2010)/Extras/Disc 2/a.mkv", "type=other"},
      {"Film (2010)/theme-music/a.mp3", "type=themesong"},
      {"Film (2010)/theme.mp3", "type=themesong"},
      {"Show/Season 1/Interviews/a.mkv", "type=interview"},
      {"Extras/Season 1/Extras S01E01.mkv", "type=-"},
      {"Shorts/Bao (2018).mkv", "type=-"},
      {"The Interview (2014).mkv", "type=-"},
      {"The Big Short.mkv", "type=-"},
      {"the.other.mkv", "type=-"},
      {"Trailer Park Boys.mkv", "type=-"},
      {"Crime Scene.mkv", "type=-"},
  };
  expectRows(kRows,
             [](std::string_view path) { return Facts{{"type", factOf(extraTypeName(extraOf(path)))}}; });
}

TEST(Season, Folders) {
  constexpr Row kRows[] = {
      {"Show/Season 01", "s=1"},
      {"Show/season 1", "s=1"},
      {"Show/SEASON 1", "s=1"},
      {"Show/Season.1", "s=1"},
      {"Show/Season_1", "s=1"},
      {"Show/Season-1", "s=1"},
      {"Show/S1", "s=1"},
      {"Show/s01", "s=1"},
      {"Show/Saison 2", "s=2"},
      {"Show/Temporada 3", "s=3"},
      {"Show/Stagione 4", "s=4"},
      {"Show/Sæson 1", "s=1"},
      {"Show/Säsong 1", "s=1"},
      {"Show/SA\u0308SONG 1", "s=1"},
      {"Show/Seizoen 1", "s=1"},
      {"Show/Sezon 1", "s=1"},
      {"Show/Sezonul 1", "s=1"},
      {"Show/Sezóna 1", "s=1"},
      {"Show/Kausi 1", "s=1"},
      {"Show/СЕЗОН 1", "s=1"},
      {"Show/1 сезон", "s=1"},
      {"Show/シーズン1", "s=1"},
      {"Show/シーズン 1", "s=1"},
      {"Show/시즌 1", "s=1"},
      {"Show/시즌1", "s=1"},
      {"Show/第1季", "s=1"},
      {"Show/第二季", "s=2"},
      {"Show/第十一期", "s=11"},
      {"Show/1. Staffel", "s=1"},
      {"Show/2nd Season", "s=2"},
      {"Show/Second Season", "s=2"},
      {"Show/Season Two", "s=2"},
      {"Show/Series 4", "s=4"},
      {"Show/Show S02", "s=2"},
      {"Show/Show - Season 3", "s=3"},
      {"Show/Show.S03.1080p.BluRay.x264-GRP", "s=3"},
      {"Show/Season 1 - The Beginning", "s=1"},
      {"Show/Season 1 [1080p]", "s=1"},
      {"Show/Season 0", "s=0"},
      {"Show/Extras", "s=0"},
      {"Show/specials", "s=0"},
      {"Show/Спецвыпуски", "s=0"},
      {"Show/Especiales", "s=0"},
      {"Show/Book 2", "s=2"},
      {"Show/Volume 3", "s=3"},
      {"Show/01", "s=1"},
      {"Show/2019", "s=2019"},
      {"Show/Season of the Witch", "s=-"},
      {"Show/Seasons", "s=-"},
      {"Show/Misc", "s=-"},
      {"Season 1", "s=-"},
      {"24", "s=-"},
      {"Show (2010)/Season 3", "s=3"},
      {"Show/Évad 2", "s=2"},
  };
  expectRows(kRows, [](std::string_view path) {
    return Facts{{"s", factOf(seasonOfFolderPath(path, LibraryKind::kShows))}};
  });
  EXPECT_EQ(seasonOfFolderPath("Show/2", LibraryKind::kMixed), std::nullopt);
  EXPECT_EQ(seasonOfFolderPath("Show/Season 2", LibraryKind::kMixed), 2);
  EXPECT_EQ(seasonOfFolderPath("Show/S02", LibraryKind::kMixed), 2);
}

TEST(ShowFolder, Names) {
  constexpr Row kRows[] = {
      {"Doctor Who (2005)", "t=Doctor Who|y=2005"},
      {"Doctor Who (2005) {tvdb-78804}", "t=Doctor Who|y=2005|tvdb=78804"},
      {"Doctor Who [tvdbid=78804]", "t=Doctor Who|tvdb=78804"},
      {"Breaking.Bad.S01.1080p.BluRay.x264-GRP", "t=Breaking Bad"},
      {"Breaking Bad S01-S05 Complete", "t=Breaking Bad"},
      {"Case Open (1996-2007)", "t=Case Open|y=1996"},
      {"[Group] Title [1080p]", "t=Title"},
      {"24", "t=24|y=-"},
      {"1923", "t=1923|y=-"},
      {"Сваты", "t=Сваты"},
      {"Mr. Robot", "t=Mr. Robot"},
  };
  expectRows(kRows, [](std::string_view name) {
    const ShowName show = parseShowFolder(name);
    return Facts{{"t", factOf(show.title)}, {"y", factOf(show.year)}, {"tvdb", factOf(show.ids.tvdb)}};
  });
}

TEST(Grouping, VersionsOfAFilm) {
  const Names names{"Film (2010) - 720p.mkv", "Film (2010) - 2160p.mkv", "Film (2010) - Director's Cut.mkv",
                    "Film (2010).mkv", "Film (2010)-trailer.mkv"};
  EXPECT_EQ(
      shown(groupMovies("Film (2010)", names), names),
      "Film (2010){2160p: Film (2010) - 2160p.mkv; 720p: Film (2010) - 720p.mkv; Film (2010).mkv; "
      "Director's Cut: Film (2010) - Director's Cut.mkv}[trailer: Film (2010)-trailer.mkv of Film (2010)]");
}

TEST(Grouping, ReleasesOfOneFilmInAFlatFolder) {
  const Names names{"Film.2010.1080p.BluRay.mkv", "Film.2010.720p.WEB-DL.mkv", "Other.2010.720p.mkv"};
  EXPECT_EQ(countsOf(groupMovies("Movies", names)), (Counts{2, 0, {2, 1}, {1, 1}}));
}

TEST(Grouping, FilmsThatShareAFolder) {
  EXPECT_EQ(
      groupMovies("Alien", Names{"Alien (1979).mkv", "Alien 3 (1992).mkv", "Aliens (1986).mkv"}).items.size(),
      3U);
  EXPECT_EQ(groupMovies("Rocky", Names{"Rocky.mkv", "Rocky 2.mkv", "Rocky 3.mkv"}).items.size(), 3U);
  EXPECT_EQ(groupMovies("Iron Man", Names{"Iron Man - 1080p.mkv", "Iron Man - 720p.mkv"}).items.size(), 1U);
}

TEST(Grouping, PartsOfVersions) {
  const Names names{"Film cd2.avi", "Film cd1.avi", "Film.mkv"};
  const Grouping grouping = groupMovies("Film", names);
  EXPECT_EQ(countsOf(grouping), (Counts{1, 0, {2}, {2}}));
  EXPECT_EQ(groupMovies("M", Names{"A disc 1.mkv", "A disc 2.mkv"}).items.size(), 1U);
  EXPECT_EQ(groupMovies("M", Names{"A (1 of 2).mkv", "B pt1.mkv"}).items.size(), 2U);
  EXPECT_EQ(groupMovies("M", Names{"A part 1.mkv"}).items.at(0).name, "A part 1");
}

TEST(Grouping, ExtrasFindTheirItem) {
  const Names names{"Alien (1979).mkv", "Aliens (1986).mkv", "Aliens (1986)-trailer.mkv",
                    "Alien (1979)-featurette.mkv", "Nothing-clip.mkv"};
  EXPECT_EQ(shown(groupMovies("Movies", names), names),
            "Alien (1979){Alien (1979).mkv}Aliens (1986){Aliens (1986).mkv}"
            "[featurette: Alien (1979)-featurette.mkv of Alien (1979)][trailer: Aliens (1986)-trailer.mkv of "
            "Aliens (1986)]"
            "[clip: Nothing-clip.mkv]");
}

TEST(Grouping, IsTheSameInAnyOrder) {
  Names names{"B (2001) cd1.avi", "B (2001) cd2.avi",     "B (2001) - 1080p.mkv",
              "A (2000).mkv",     "A (2000)-trailer.mkv", "C.mkv"};
  std::ranges::sort(names);
  const std::string expected = shown(groupMovies("M", names), names);
  for (int turn = 0; turn < 200 && std::ranges::next_permutation(names).found; ++turn) {
    ASSERT_EQ(shown(groupMovies("M", names), names), expected);
  }
}

TEST(Grouping, EpisodesAndTheirVersions) {
  const auto counts = [](std::string_view folder, const Names& names) {
    return countsOf(groupEpisodes(folder, names));
  };
  EXPECT_EQ(counts("Show/Season 1", {"Show.S01E01.1080p.mkv", "Show.S01E01.720p.mkv", "Show.S01E02.mkv"}),
            (Counts{2, 0, {2, 1}, {1, 1}}));
  EXPECT_EQ(counts("Show/Season 1", {"Show.S01E01a.mkv", "Show.S01E01b.mkv"}),
            (Counts{2, 0, {1, 1}, {1, 1}}));
  EXPECT_EQ(counts("Show", {"[G] Show - 05 [1080p].mkv", "[G] Show - 05v2 [1080p].mkv"}),
            (Counts{1, 0, {2}, {1}}));
  EXPECT_EQ(counts("Show", {"Show 2023-10-05.mkv", "Show 2023-10-06.mkv"}), (Counts{2, 0, {1, 1}, {1, 1}}));
  EXPECT_EQ(counts("Show/Season 1", {"Show.S01E01.mkv", "Show.S01E01-E02.mkv"}),
            (Counts{2, 0, {1, 1}, {1, 1}}));
  EXPECT_EQ(counts("Show/Season 1", {"Show.S01E01.mkv", "Show.S01E01-trailer.mkv"}),
            (Counts{1, 1, {1}, {1}}));
}

TEST(Grouping, OfNothingIsNothing) { EXPECT_EQ(countsOf(groupMovies("", {})), (Counts{0, 0, {}, {}})); }

TEST(Text, IsComposedAndRepaired) {
  EXPECT_EQ(displayForm("Cafe\u0301"), "Caf\u00e9");
  EXPECT_EQ(displayForm("a\xFFz\nb"), "a\uFFFDz b");
  EXPECT_EQ(comparisonKey("The.Show_(US)"), comparisonKey("the show us"));
  EXPECT_EQ(comparisonKey("Caf\u00e9"), comparisonKey("CAFE\u0301"));
  EXPECT_TRUE(isUtf8(displayForm(std::string(2000, '\xC3'))));
}

}  // namespace
}  // namespace library::naming
