#include <string>

#include "described.hpp"

namespace library::nfo {
namespace {

TEST(NfoJson, Nothing) { EXPECT_EQ(toJson(Nfo()), R"({"root":"address"})"); }

TEST(NfoJson, Everything) {
  const Nfo nfo = {
      .root = Root::kEpisode,
      .title = "A \"b\"\n",
      .original_title = "o",
      .sort_title = "s",
      .show_title = "w",
      .artist = "r",
      .year = 2017,
      .date = "2017-04-30",
      .plot = "p",
      .outline = "u",
      .tagline = "t",
      .certification = "c",
      .runtime_min = 95,
      .season = 0,
      .episode = 3,
      .display_season = 1,
      .display_episode = 2,
      .status = Status::kEnded,
      .seasons = {{2, {"n", "q"}}},
      .ids = {{"tmdb", "1"}},
      .collection = Collection{"n", "o", "3"},
      .ratings = {{.source = "imdb", .value = 7.6, .votes = 4, .is_default = true}, {.value = 8}},
      .user_rating = 8.5,
      .genres = {"g"},
      .studios = {"s"},
      .countries = {"c"},
      .tags = {"t"},
      .directors = {"d"},
      .writers = {"w"},
      .actors = {{"n", "r", "t", "i"}, {.name = "m"}},
      .images = {{ImageKind::kClearArt, "x"}, {ImageKind::kStill, "y"}},
      .streams = StreamDetails{5, Stereo::kHalfTopBottom, {"en"}, {"und"}},
      .is_locked = true,
  };
  EXPECT_EQ(
      toJson(nfo),
      R"({"root":"episode","title":"A \"b\"\n","original_title":"o","sort_title":"s","show_title":"w","artist":"r",)"
      R"("year":2017,"date":"2017-04-30","plot":"p","outline":"u","tagline":"t","certification":"c","runtime_min":95,)"
      R"("season":0,"episode":3,"display_season":1,"display_episode":2,"status":"ended",)"
      R"("seasons":[{"number":2,"name":"n","plot":"q"}],"ids":{"tmdb":"1"},)"
      R"("collection":{"name":"n","overview":"o","tmdb":"3"},)"
      R"("ratings":[{"source":"imdb","value":7.6,"votes":4,"default":true},{"value":8.0}],"user_rating":8.5,)"
      R"("genres":["g"],"studios":["s"],"countries":["c"],"tags":["t"],"directors":["d"],"writers":["w"],)"
      R"("actors":[{"name":"n","role":"r","type":"t","image":"i"},{"name":"m"}],)"
      R"("images":[{"kind":"clear_art","place":"x"},{"kind":"still","place":"y"}],)"
      R"("streams":{"duration_s":5,"stereo":"half_top_bottom","audio_languages":["en"],"subtitle_languages":["und"]},)"
      R"("locked":true})");
}

}  // namespace
}  // namespace library::nfo
