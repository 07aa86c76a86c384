// The acceptance cases of the reference for extras, folders, groups, subtitles and what is ignored.
#include <gtest/gtest.h>

#include "grouped.hpp"
#include "naming/episode.hpp"
#include "naming/extra.hpp"
#include "naming/kind.hpp"
#include "naming/music.hpp"
#include "naming/season_folder.hpp"
#include "naming/subtitle.hpp"
#include "rows.hpp"

namespace library::naming {
namespace {

using Names = std::vector<std::string_view>;

TEST(ReferenceStub, Types) {
  EXPECT_EQ(stubTypeOf("Brave One (2006).bluray.disc"), "bluray");
  EXPECT_EQ(stubTypeOf("video.brrip.disc"), "bluray");
  EXPECT_EQ(stubTypeOf("video.pdtv.disc"), "tv");
}

TEST(ReferenceExtra, Types) {
  constexpr Row kRows[] = {
      {"300/300-trailer.mp4", "type=trailer"},
      {"300/300-trailer2.mp4", "type=trailer"},
      {"stuff trailerthings.mkv", "type=-"},
      {"300/300-deletedscene.mp4", "type=deletedscene"},
      {"300/300-behindthescenes.mp4", "type=behindthescenes"},
      {"300/behind the scenes/whatever.mkv", "type=behindthescenes"},
      {"300/backdrops/loop.mp4", "type=themevideo"},
      {"300.mp4", "type=-"},
      {"300/trailers/a.mkv", "type=trailer"},
  };
  expectRows(kRows,
             [](std::string_view path) { return Facts{{"type", factOf(extraTypeName(extraOf(path)))}}; });
}

TEST(ReferenceStack, PartsAreOneItem) {
  const Names names{"Bad Girls (2006) part1.mkv", "Bad Girls (2006) part2.mkv", "Bad Girls (2006) part3.mkv",
                    "Bad Girls (2006) part4.mkv", "Bad Girls (2006)-trailer.mkv"};
  const Grouping grouping = groupMovies("m", names);
  EXPECT_EQ(countsOf(grouping), (Counts{1, 1, {1}, {4}}));
  EXPECT_EQ(grouping.items.at(0).name, "Bad Girls (2006)");
}

TEST(ReferenceStack, WhatIsNoPartStaysApart) {
  EXPECT_EQ(groupMovies("m", Names{"Bad Girls (2006).mkv", "Bad Girls (2007).mkv"}).items.size(), 2U);
  EXPECT_EQ(groupMovies("m", Names{"Bad Girls (2006).part1.stv.unrated.x264-g.mkv",
                                   "Bad Girls (2006).part2.stv.unrated.x264-g.mkv"})
                .items.size(),
            2U);
  EXPECT_EQ(groupMovies("m", Names{"300a.mkv", "300b.mkv", "300c.mkv"}).items.size(), 3U);
}

TEST(ReferenceStack, LettersEndAtD) {
  const Names letters{"300 (2006) parta.mkv", "300 (2006) partb.mkv", "300 (2006) partc.mkv",
                      "300 (2006) partd.mkv", "300 (2006) parte.mkv", "300 (2006) partf.mkv",
                      "300 (2006) partg.mkv"};
  EXPECT_EQ(groupMovies("m", letters).items.at(0).versions.at(0).files.size(), 4U);
  const Names mixed{"X (2006) part1.mkv", "X (2006) part2.mkv", "X (2006) part3.mkv", "X (2006) parta.mkv"};
  EXPECT_EQ(groupMovies("m", mixed).items.at(0).versions.at(0).files.size(), 3U);
  const Names brackets{"Never (2011)[720p][PG]part1.mkv", "Never (2011)[720p][PG]part2.mkv"};
  EXPECT_EQ(countsOf(groupMovies("m", brackets)), (Counts{1, 0, {1}, {2}}));
}

TEST(ReferenceVersions, OfFilms) {
  EXPECT_EQ(groupMovies("Iron", Names{"Iron (2008).mkv", "Iron (2009).mkv"}).items.size(), 2U);
  EXPECT_EQ(groupMovies("M", Names{"Movie 1.mkv", "Movie 2.mkv", "Movie 3.mkv", "Movie 4.mkv", "Movie 5.mkv",
                                   "Movie 6.mkv", "Movie 7.mkv"})
                .items.size(),
            7U);
  EXPECT_EQ(groupMovies("Film (2020)", Names{"Film (2020)_4K.mkv", "Film (2020)_1080p.mkv"}).items.size(),
            1U);
  EXPECT_EQ(groupMovies("W (2019)", Names{"W (2019) [V 1].mkv", "W (2019) [V 2.mkv"}).items.size(), 2U);
  EXPECT_EQ(
      groupMovies("B (1982)", Names{"B (1982) [Final Cut] [1080p HEVC].mkv", "B (1982) [EE by X] [480p].mkv"})
          .items.size(),
      1U);
}

TEST(ReferenceVersions, OfEpisodes) {
  const Grouping season =
      groupEpisodes("S/Season 1", Names{"S - S01E01 - 1080p.mkv", "S - S01E01 - 720p.mkv", "S - S01E02.mkv"});
  EXPECT_EQ(countsOf(season), (Counts{2, 0, {2, 1}, {1, 1}}));
  EXPECT_EQ(groupEpisodes("S", Names{"S - S01E01.mkv", "S - S02E01.mkv"}).items.size(), 2U);
  const Grouping parts = groupEpisodes(
      "S/Season 1",
      Names{"S - S01E01 - 1080p cd1.mkv", "S - S01E01 - 1080p cd2.mkv", "S - S01E01 - 720p.mkv"});
  EXPECT_EQ(countsOf(parts), (Counts{1, 0, {2}, {2}}));
}

TEST(ReferenceSeason, Folders) {
  constexpr Row kRows[] = {
      {"Show/Staffel 1", "s=1"},
      {"Show/сезон 1", "s=1"},
      {"Show/3.Staffel", "s=3"},
      {"Show/S01", "s=1"},
      {"Show/Season1", "s=1"},
      {"Show/Season 2009", "s=2009"},
      {"Show/Season 7 (2016)", "s=7"},
      {"Show/Specials", "s=0"},
      {"Show/Season 100", "s=100"},
      {"Show/2", "s=2"},
      {"SG-1/SG-1 Season 1", "s=1"},
      {"Other Season 2", "s=-"},
      {"Show/The.Show.[S04][1080p.PDTV-G]", "s=4"},
      {"Show/Episode 1 Season 2", "s=-"},
  };
  expectRows(kRows, [](std::string_view path) {
    return Facts{{"s", factOf(seasonOfFolderPath(path, LibraryKind::kShows))}};
  });
}

TEST(ReferenceSeries, Folder) { EXPECT_EQ(parseShowFolder("The Show s02e10 720p hdtv").title, "The Show"); }

TEST(ReferenceDisc, Folders) {
  for (const auto name : {"Disc 01 (Songs · 24)", "Disc04(Encore)", "cd  - 1", "volume1"})
    EXPECT_TRUE(discOfFolder(name)) << name;
  for (const auto name : {"disk a", "disk disc 6", "[1985] Opps (1985)"})
    EXPECT_FALSE(discOfFolder(name)) << name;
}

TEST(ReferenceSubtitle, Names) {
  constexpr Row kRows[] = {
      {"V.en.hi.srt", "lang=en|hi=yes"},
      {"V.sdh.en.title.srt", "lang=en|hi=yes|t=title"},
      {"V.default.forced.srt", "default=yes|forced=yes"},
      {"V.fr.en.srt", "lang=en|t=fr"},
      {"V.Subs for Chinese Audio.eng.srt", "lang=en|t=Subs for Chinese Audio"},
      {"V.DEFAULT.EN.ass", "lang=en|default=yes"},
  };
  const auto flag = [](bool set) { return std::string(set ? "yes" : "-"); };
  expectRows(kRows, [&](std::string_view name) {
    const SubtitleName subtitle = parseSubtitle(name, "V");
    return Facts{{"lang", factOf(subtitle.language)},
                 {"t", factOf(subtitle.title)},
                 {"hi", flag(subtitle.is_hearing_impaired)},
                 {"default", flag(subtitle.is_default)},
                 {"forced", flag(subtitle.is_forced)}};
  });
}

TEST(ReferenceIgnore, Paths) {
  for (const auto path : {"@eaDir/Film.mkv", ".@__thumb/a.mkv", "#recycle/Film.mkv", "Film/sample.mkv",
                          "Film/sample/a.mkv", "Film.mkv.part", ".snapshots/a.mkv", "$RECYCLE.BIN/a.mkv"}) {
    EXPECT_EQ(kindOf(path), Kind::kIgnored) << path;
  }
  EXPECT_EQ(kindOf("Resample.mkv"), Kind::kVideo);
}

}  // namespace
}  // namespace library::naming
