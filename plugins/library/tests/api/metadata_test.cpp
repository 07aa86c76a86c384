#include "api/metadata.hpp"

#include <vector>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace library::api {
namespace {

using nlohmann::json;

json merged(const std::vector<MetadataView>& views) { return json::parse(metadataJson(views)); }

TEST(Metadata, OfEachFieldTheFirstThatHasItIsShown) {
  const json shown =
      merged({{.provider = "nfo", .facts = R"({"root":"movie","title":"A","genres":["Drama"]})"},
              {.provider = "tmdb", .facts = R"({"title":"B","plot":"P","genres":["War","Drama"]})"}});
  EXPECT_EQ(shown, json::parse(R"({"title":"A","genres":["Drama"],"plot":"P","providers":["nfo","tmdb"]})"));
}

TEST(Metadata, OfNobodyIsNothing) {
  EXPECT_EQ(metadataJson({}), "");
  EXPECT_EQ(metadataJson(std::vector<MetadataView>{{.provider = "nfo", .facts = ""}}), "");
  EXPECT_EQ(metadataJson(std::vector<MetadataView>{{.provider = "nfo", .facts = "[1"}}), "");
}

TEST(Metadata, N31ASeasonSaysWhatItIsCalledBeforeItsShow) {
  const json shown =
      merged({{.provider = "nfo", .facts = R"({"seasons":[{"number":2,"name":"By the show","plot":"P"}]})"},
              {.provider = "nfo", .part = "season 2", .facts = R"({"title":"Its own"})"},
              {.provider = "nfo", .part = "season 0", .facts = R"({"title":"Specials","plot":"S"})"},
              {.provider = "nfo", .part = "season x", .facts = R"({"title":"none"})"}});
  EXPECT_EQ(shown["seasons"], json::parse(R"([{"number":0,"name":"Specials","plot":"S"},
                                              {"number":2,"name":"Its own","plot":"P"}])"));
}

TEST(Metadata, AnArtistStandsBesideTheAlbum) {
  const json shown =
      merged({{.provider = "nfo", .part = "artist", .facts = R"({"title":"Bach","plot":"A cantor."})"}});
  EXPECT_EQ(shown["artist_details"]["plot"], "A cantor.");
  EXPECT_FALSE(shown.contains("title"));
}

TEST(Metadata, N32ALockIsShown) {
  EXPECT_EQ(merged({{.provider = "nfo", .facts = R"({"title":"A","locked":true})"}})["locked"], true);
}

TEST(Metadata, OddFactsAreShownAsTheyAre) {
  const json shown = merged({{.provider = "x", .facts = R"({"seasons":{"number":1},"title":1})"},
                             {.provider = "x", .part = "season 1", .facts = R"({"title":"One"})"}});
  EXPECT_EQ(shown["seasons"], json::parse(R"([{"number":1,"name":"One"}])"));
}

}  // namespace
}  // namespace library::api
