// Which titles and items the files of a folder are.
#include "catalogue/placing.hpp"

#include <algorithm>
#include <array>

#include "catalogue/track_tags.hpp"
#include "tests/scanning/tree.hpp"

namespace library {
namespace {

Placement placed(LibraryType type, std::string_view folder, const std::vector<std::string>& names) {
  std::vector<NamedFile> files;
  for (const std::string& name : names) files.push_back({name, naming::kindOf(name)});
  return place(type, folder, files);
}

std::vector<std::string> filesOf(const PlacedItem& item, const std::vector<std::string>& names) {
  std::vector<std::string> files;
  for (const PlacedFile& file : item.files)
    files.push_back(names[file.file] + (file.extra.empty() ? "" : " " + file.extra) + " v" +
                    std::to_string(file.version) + "p" + std::to_string(file.part));
  return files;
}

using Names = std::vector<std::string>;

TEST(Place, FilmsHaveVersionsPartsExtrasAndSubtitles) {
  const Names names{"Ran (1985) - 720p.mkv", "Ran (1985) - 1080p.mkv", "Ran (1985).en.srt",
                    "Ran (1985)-trailer.mp4"};
  const Placement placement = placed(LibraryType::kMovies, "Ran (1985)", names);
  ASSERT_EQ(placement.items.size(), 1U);
  EXPECT_EQ(placement.items[0].title.name, "Ran");
  EXPECT_EQ(placement.items[0].title.year, 1985);
  EXPECT_TRUE(placement.items[0].joins);
  EXPECT_EQ(filesOf(placement.items[0], names),
            (Names{"Ran (1985) - 1080p.mkv v0p0", "Ran (1985) - 720p.mkv v1p0",
                   "Ran (1985)-trailer.mp4 trailer v0p0", "Ran (1985).en.srt v0p0"}));
  EXPECT_EQ(placement.items[0].files.back().facts, R"({"language":"en"})");
}

TEST(Place, FilesOfADiscAreOneFilm) {
  const Names names{"00002.m2ts", "00001.m2ts"};
  const Placement placement = placed(LibraryType::kMovies, "Heat (1995)/BDMV/STREAM", names);
  ASSERT_EQ(placement.items.size(), 1U);
  EXPECT_EQ(placement.items[0].title.name, "Heat");
  EXPECT_EQ(filesOf(placement.items[0], names), (Names{"00001.m2ts v0p1", "00002.m2ts v0p2"}));
}

TEST(Place, EpisodesAreOfTheirShow) {
  const Names names{"Show - S01E02 - Name.mkv", "Show - S01E01E03.mkv", "Show - S01E02 - 720p.mkv"};
  const Placement placement = placed(LibraryType::kShows, "Show (2010)/Season 1", names);
  ASSERT_EQ(placement.items.size(), 2U);
  for (const PlacedItem& item : placement.items) EXPECT_EQ(item.title.match, "show");
  const auto two =
      std::ranges::find(placement.items, "s01e02", [](const PlacedItem& item) { return item.item.slot; });
  ASSERT_NE(two, placement.items.end());
  EXPECT_EQ(two->files.size(), 2U);
  const auto several =
      std::ranges::find(placement.items, "s01e01e03", [](const PlacedItem& item) { return item.item.slot; });
  ASSERT_NE(several, placement.items.end());
  EXPECT_EQ(several->item.episode, 1);
  EXPECT_EQ(several->item.episode_last, 3);
}

TEST(Place, TracksOfOneNameAreVersions) {
  const Names names{"01 - Aria.flac", "01 - Aria.mp3", "02 - Variatio 1.flac", "cover.jpg"};
  const Placement placement = placed(LibraryType::kMusic, "Bach/Goldberg (1981)", names);
  ASSERT_EQ(placement.items.size(), 2U);
  EXPECT_EQ(placement.items[0].title.artist, "Bach");
  EXPECT_EQ(placement.items[0].title.name, "Goldberg");
  EXPECT_EQ(placement.items[0].files.size(), 2U);
}

TEST(Place, TagsDecideWhereATrackBelongs) {
  const std::string tags =
      stored({.artist = "Glenn Gould", .album = "Goldberg", .title = "Aria", .year = 1981, .track = 1});
  const NamedFile file{"track99.flac", naming::Kind::kAudio, tags};
  const Placement placement = place(LibraryType::kMusic, "Downloads/Unsorted", std::array{file});
  ASSERT_EQ(placement.items.size(), 1U);
  EXPECT_EQ(placement.items[0].title.name, "Goldberg");
  EXPECT_EQ(placement.items[0].title.artist, "Glenn Gould");
  EXPECT_EQ(placement.items[0].title.year, 1981);
  EXPECT_EQ(placement.items[0].item.name, "Aria");
  EXPECT_EQ(placement.items[0].item.track, 1);
}

TEST(TrackTags, AreReadAsTheyWereStored) {
  const TrackTags tags{.artist =
                           "A\x1f"
                           "B",
                       .album = "Ünder",
                       .title = "",
                       .disc = 2};
  TrackTags expected = tags;
  expected.artist = "A B";
  EXPECT_EQ(readTags(stored(tags)), expected);
  EXPECT_EQ(stored({}), "");
  EXPECT_TRUE(readTags("").isEmpty());
  EXPECT_EQ(readTags("only an artist").artist, "only an artist");
}

TEST(Place, EveryVideoHasATitle) {
  for (const char* name : {"\xff\xfe.mkv", "....mkv", "-.mkv", "½.mkv", " .mkv", "S01E01.mkv", "1.mkv"}) {
    for (const LibraryType type : {LibraryType::kMovies, LibraryType::kShows}) {
      const Placement placement = placed(type, "", {name});
      ASSERT_EQ(placement.items.size(), 1U) << name;
      EXPECT_FALSE(placement.items[0].title.name.empty()) << name;
      EXPECT_FALSE(placement.items[0].title.match.empty()) << name;
      EXPECT_FALSE(placement.items[0].item.name.empty()) << name;
    }
  }
}

TEST(Adopt, TrailersAndSubtitlesBelongToTheFolderAround) {
  EXPECT_TRUE(belongsToFolderAround("Heat (1995)/trailers"));
  EXPECT_TRUE(belongsToFolderAround("Heat (1995)/Subs"));
  EXPECT_FALSE(belongsToFolderAround("trailers"));  // a library of them
  const std::vector<NamedFile> around{{"Heat (1995).mkv", naming::Kind::kVideo}};
  const std::vector<NamedFile> files{{"one.mkv", naming::Kind::kVideo}};
  const auto adopted = adopt("Heat (1995)/trailers", files, around);
  ASSERT_EQ(adopted.size(), 1U);
  EXPECT_EQ(adopted[0].file.extra, "trailer");
  EXPECT_EQ(adopted[0].owner, 0U);
}

TEST(SortKey, IgnoresArticlesAndKnowsNumbers) {
  EXPECT_EQ(sortKey("The Matrix"), "matrix");
  EXPECT_LT(sortKey("Rocky 2"), sortKey("Rocky 10"));
  EXPECT_EQ(sortKey("A"), "a");
  EXPECT_EQ(sortKey("Ärger"), sortKey("ärger"));
}

}  // namespace
}  // namespace library
