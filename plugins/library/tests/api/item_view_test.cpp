#include "api/item_view.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace library::api {
namespace {

using nlohmann::json;

TEST(ItemView, GroupsFilesByVersionExtraAndSubtitle) {
  const ItemView item{
      .id = {}, .library = {}, .title = {.id = {}, .name = "Film"}, .kind = "movie", .name = "Film"};
  std::vector<FileView> files;
  const auto add = [&files](std::string_view name, std::string_view kind, std::int64_t version,
                            std::int64_t part) {
    FileView& file =
        files.emplace_back(FileView{.id = {}, .name = name, .kind = kind, .version = version, .part = part});
    file.probe = "done";
    return &file;
  };
  add("a-1.mkv", "video", 0, 1)->facts = R"({"width":1920})";
  add("a-2.mkv", "video", 0, 2)->missing_us = 1'000'000;
  add("trailer.mkv", "video", 0, 0)->extra = "trailer";
  add("a.en.srt", "subtitle", 0, 0)->label = "en";
  add("b.mkv", "video", 1, 0)->label = "Director's Cut";
  const json shown = json::parse(itemJson(item, files, {}));
  ASSERT_EQ(shown["versions"].size(), 2U);
  EXPECT_EQ(shown["versions"][0]["files"].size(), 2U);
  EXPECT_EQ(shown["versions"][0]["files"][0]["facts"]["width"], 1920);
  EXPECT_EQ(shown["versions"][0]["files"][1]["missing_since"], "1970-01-01T00:00:01.000Z");
  EXPECT_EQ(shown["versions"][1]["label"], "Director's Cut");
  ASSERT_EQ(shown["extras"].size(), 1U);
  EXPECT_EQ(shown["extras"][0]["type"], "trailer");
  ASSERT_EQ(shown["subtitles"].size(), 1U);
  EXPECT_EQ(shown["subtitles"][0]["language"], "en");
}

TEST(ItemView, LeavesOutWhatIsNotKnown) {
  const ItemView item{.id = {},
                      .library = {},
                      .title = {.id = {}, .name = "Show", .imdb = "tt1"},
                      .kind = "episode",
                      .name = ""};
  const json shown = json::parse(itemJson(item, {}, {}));
  EXPECT_FALSE(shown.contains("season"));
  EXPECT_FALSE(shown.contains("air_date"));
  EXPECT_EQ(shown["title"]["ids"], json({{"imdb", "tt1"}}));
  EXPECT_EQ(shown["missing"], true);
  EXPECT_EQ(shown["versions"], json::array());
}

TEST(ItemView, NamesOnDiskThatAreNoUtf8AreShownMended) {
  const ItemView item{.id = {}, .library = {}, .title = {.id = {}}, .kind = "movie", .name = "x"};
  const std::vector<FileView> files{{.id = {}, .name = "a\xff.mkv", .kind = "video"}};
  EXPECT_EQ(json::parse(itemJson(item, files, {}))["versions"][0]["files"][0]["name"], "a\xef\xbf\xbd.mkv");
}

}  // namespace
}  // namespace library::api
