#include "media/tags.hpp"

#include <gtest/gtest.h>

namespace library::media {
namespace {

Tags tagged(std::initializer_list<std::pair<std::string_view, std::string_view>> pairs) {
  Tags tags;
  for (const auto& [name, value] : pairs) addTag(tags, name, value);
  return tags;
}

TEST(Tags, OneNameInManySpellings) {
  for (const char* name : {"album_artist", "ALBUMARTIST", "Album Artist", "ALBUM ARTIST"}) {
    EXPECT_EQ(tagged({{name, "Some"}}).album_artist, "Some") << name;
  }
  for (const char* name : {"MUSICBRAINZ_ALBUMID", "MusicBrainz Album Id", "MusicBrainz/Album Id"}) {
    EXPECT_EQ(tagged({{name, "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee"}}).musicbrainz_album,
              "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee")
        << name;
  }
}

TEST(Tags, NumbersAndTheirTotals) {
  EXPECT_EQ(tagged({{"track", "3/12"}, {"disc", "1/2"}}),
            (Tags{.disc = 1, .discs = 2, .track = 3, .tracks = 12}));
  EXPECT_EQ(tagged({{"TRACKNUMBER", "03"}, {"TOTALTRACKS", "12"}}), (Tags{.track = 3, .tracks = 12}));
  EXPECT_EQ(tagged({{"track", " 7 / 9"}}), (Tags{.track = 7, .tracks = 9}));
  EXPECT_EQ(tagged({{"track", "A1"}, {"disc", "-1"}, {"tracktotal", "99999999999"}}), Tags());
}

TEST(Tags, Dates) {
  EXPECT_EQ(tagged({{"date", "1979-11-30"}}), (Tags{.date = "1979-11-30", .year = 1979}));
  EXPECT_EQ(tagged({{"YEAR", "1979"}}), (Tags{.date = "1979", .year = 1979}));
  EXPECT_EQ(tagged({{"date", "19791130"}}), (Tags{.date = "19791130"}));
  EXPECT_EQ(tagged({{"date", "long ago"}}), (Tags{.date = "long ago"}));
}

TEST(Tags, TheFirstStays) {
  EXPECT_EQ(tagged({{"title", "One"}, {"TITLE", "Two"}}).title, "One");
  EXPECT_EQ(tagged({{"track", "1"}, {"TRACKNUMBER", "2/3"}}), (Tags{.track = 1, .tracks = 3}));
}

TEST(Tags, OfSeveralIdentifiersTheFirst) {
  EXPECT_EQ(tagged({{"MUSICBRAINZ_ARTISTID",
                     "11111111-2222-3333-4444-555555555555/66666666-7777-8888-9999-000000000000"}})
                .musicbrainz_artist,
            "11111111-2222-3333-4444-555555555555");
  EXPECT_EQ(tagged({{"MUSICBRAINZ_ARTISTID", "11111111-2222-3333-4444-55555555555g"}}), Tags());
  EXPECT_EQ(tagged({{"MUSICBRAINZ_ARTISTID", "11111111"}}), Tags());
}

TEST(Tags, TextsAreInDisplayForm) {
  EXPECT_EQ(tagged({{"artist", "  Bjo\u0308rk\x01"}}).artist, "Bj\u00F6rk");
  EXPECT_EQ(tagged({{"album", "A\xFF"}}).album, "A\uFFFD");
  EXPECT_EQ(tagged({{std::string(100, 't'), "x"}, {"comment", "x"}, {"", "x"}}), Tags());
}

}  // namespace
}  // namespace library::media
