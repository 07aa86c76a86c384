// What users of media servers expect of their .nfo files, row by row.
#include <clocale>
#include <string>

#include "described.hpp"

namespace library::nfo {
namespace {

using Texts = std::vector<std::string>;
using Ids = std::map<std::string, std::string>;

TEST(Nfo, N01AFilmIsReadWithAllItsTexts) {
  const Nfo nfo = described(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
  <title>The Glass Harbour</title>
  <originaltitle>Le Port de verre</originaltitle>
  <sorttitle>Glass Harbour, The</sorttitle>
  <year>1999</year>
  <plot>A diver finds a town below the ice.</plot>
  <outline>A diver and a town.</outline>
  <tagline>Deep is not deep enough</tagline>
  <runtime>120</runtime>
</movie>
)");
  EXPECT_EQ(nfo.root, Root::kMovie);
  EXPECT_EQ(nfo.title, "The Glass Harbour");
  EXPECT_EQ(nfo.original_title, "Le Port de verre");
  EXPECT_EQ(nfo.sort_title, "Glass Harbour, The");
  EXPECT_EQ(nfo.year, 1999);
  EXPECT_EQ(nfo.plot, "A diver finds a town below the ice.");
  EXPECT_EQ(nfo.outline, "A diver and a town.");
  EXPECT_EQ(nfo.tagline, "Deep is not deep enough");
  EXPECT_EQ(nfo.runtime_min, 120);
}

TEST(Nfo, N01AnOutlineAloneIsNoPlot) {
  const Nfo nfo = film("<outline>Short.</outline>");
  EXPECT_EQ(nfo.outline, "Short.");
  EXPECT_EQ(nfo.plot, "");
}

TEST(Nfo, N02ARuntimeWithItsUnit) {
  EXPECT_EQ(film("<runtime>95 min</runtime>").runtime_min, 95);
  EXPECT_EQ(film("<runtime> 95 minutes </runtime>").runtime_min, 95);
}

TEST(Nfo, N03TheDurationOfTheStreamsIsNoRuntime) {
  const Nfo nfo = film(
      "<fileinfo><streamdetails><video><durationinseconds>6268</durationinseconds></video></streamdetails></"
      "fileinfo>");
  ASSERT_TRUE(nfo.streams);
  EXPECT_EQ(nfo.streams->duration_s, 6268);
  EXPECT_EQ(nfo.runtime_min, std::nullopt);
}

TEST(Nfo, N07IdsByTheNamesOfTheirElements) {
  const Ids all = {{"imdb", "tt0133093"}, {"tmdb", "603"}, {"tvdb", "169"}};
  EXPECT_EQ(film("<tmdbid>603</tmdbid><imdb_id>tt0133093</imdb_id><tvdbid>169</tvdbid>").ids, all);
  EXPECT_EQ(film("<TMDbId>603</TMDbId><imdbId>TT0133093</imdbId><TVDBID>169</TVDBID>").ids, all);
  EXPECT_EQ(film(R"(<uniqueid type="TMDB">603</uniqueid><uniqueid type="Imdb">tt0133093</uniqueid>
                    <uniqueid type="tvdb">169</uniqueid>)")
                .ids,
            all);
}

TEST(Nfo, N08TheIdOfACollectionIsNotThatOfTheFilm) {
  for (const char* text :
       {R"(<uniqueid type="tmdbcol">97020</uniqueid>)", "<collectionnumber>97020</collectionnumber>",
        R"(<uniqueid type="tmdbSet">97020</uniqueid>)", "<tmdbcollectionid>97020</tmdbcollectionid>",
        R"(<set tmdbcolid="97020">Robots</set>)"}) {
    const Nfo nfo = film(text);
    EXPECT_EQ(nfo.ids, Ids()) << text;
    ASSERT_TRUE(nfo.collection) << text;
    EXPECT_EQ(nfo.collection->tmdb, "97020") << text;
  }
}

TEST(Nfo, N09ACollectionByItsName) {
  const Nfo nfo = film("<set>Name &amp; Co</set>");
  ASSERT_TRUE(nfo.collection);
  EXPECT_EQ(*nfo.collection, (Collection{.name = "Name & Co"}));
}

TEST(Nfo, N10ACollectionWithAnOverview) {
  const Nfo nfo = film(R"(<uniqueid type="tmdbcol">9</uniqueid>
    <set><name>The Harbours</name><overview>Two films.</overview></set><set><name>Other</name></set>)");
  ASSERT_TRUE(nfo.collection);
  EXPECT_EQ(*nfo.collection, (Collection{.name = "The Harbours", .overview = "Two films.", .tmdb = "9"}));
}

TEST(Nfo, N11RatingsByTheirSources) {
  const Nfo nfo = film(R"(<ratings>
      <rating name="themoviedb" max="10"><value>7.1</value><votes>2200</votes></rating>
      <rating name="imdb" max="10" default="true"><value>6.4</value><votes>335583</votes></rating>
      <rating name="imdb" max="10"><value>1</value></rating>
    </ratings>)");
  ASSERT_EQ(nfo.ratings.size(), 2U);
  EXPECT_EQ(nfo.ratings[0], (Rating{.source = "themoviedb", .value = 7.1, .votes = 2200}));
  EXPECT_EQ(nfo.ratings[1], (Rating{.source = "imdb", .value = 6.4, .votes = 335583, .is_default = true}));
}

TEST(Nfo, N12ARatingIsScaledByItsMeasure) {
  const Nfo nfo = film(R"(<ratings><rating name="x" max="100"><value>76</value></rating>
                          <rating name="y" max="5"><value>4,5</value></rating></ratings>)");
  ASSERT_EQ(nfo.ratings.size(), 2U);
  EXPECT_DOUBLE_EQ(nfo.ratings[0].value, 7.6);
  EXPECT_DOUBLE_EQ(nfo.ratings[1].value, 9);
}

TEST(Nfo, N13ADecimalCommaIsReadWhateverTheLocale) {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* const locale : {"C", "de_DE.UTF-8", "C.UTF-8"}) {
    if (std::setlocale(LC_ALL, locale) == nullptr) continue;
    for (const char* const text : {"<rating>7,5</rating>", "<rating>7.5</rating>"}) {
      const Nfo nfo = film(text);
      ASSERT_EQ(nfo.ratings.size(), 1U) << text;
      EXPECT_EQ(nfo.ratings[0].value, 7.5) << text << locale;
      EXPECT_NE(toJson(nfo).find("7.5"), std::string::npos);
    }
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST(Nfo, N14ARatingOutsideItsRangeIsIgnored) {
  for (const char* const text :
       {"<communityrating>15.5</communityrating>", "<rating>-1</rating>", "<rating>nan</rating>",
        "<rating>inf</rating>", "<rating>good</rating>", "<rating>1e1</rating>", "<rating>10.01</rating>",
        R"(<ratings><rating name="a" max="10"><value>76</value></rating></ratings>)"}) {
    const auto file = read("<movie>" + std::string(text) + "</movie>");
    ASSERT_TRUE(file) << text;
    EXPECT_TRUE(file->entries[0].ratings.empty()) << text;
    EXPECT_EQ(file->warnings.size(), 1U) << text;
  }
  EXPECT_EQ(film("<communityrating>10</communityrating>").ratings.at(0).value, 10);
}

TEST(Nfo, N15NoRatingOfTheUserIsWrittenAsNought) {
  EXPECT_EQ(film("<userrating>0</userrating>").user_rating, std::nullopt);
  EXPECT_EQ(film("<userrating>11</userrating>").user_rating, std::nullopt);
  EXPECT_EQ(film("<userrating>8</userrating>").user_rating, 8);
}

TEST(Nfo, N18ActorsInTheirOrder) {
  const Nfo nfo = film(R"(
    <actor><name>Third Person</name><role>Cook</role><order>2</order></actor>
    <actor><role>Nobody</role><order>0</order></actor>
    <actor><name>Unsorted Person</name></actor>
    <actor><name>First Person</name><role>Diver</role><sortorder>0</sortorder><thumb>https://i.example/1.jpg</thumb>
      <type>GuestStar</type></actor>
    <actor><name>Second Person</name><order>1</order></actor>
    <actor><name>   </name></actor>)");
  ASSERT_EQ(nfo.actors.size(), 4U);
  EXPECT_EQ(
      nfo.actors[0],
      (Person{
          .name = "First Person", .role = "Diver", .type = "GuestStar", .image = "https://i.example/1.jpg"}));
  EXPECT_EQ(nfo.actors[1].name, "Second Person");
  EXPECT_EQ(nfo.actors[2].name, "Third Person");
  EXPECT_EQ(nfo.actors[3].name, "Unsorted Person");
  EXPECT_TRUE(nfo.images.empty());
}

TEST(Nfo, N19TheYearIsThatOfTheDateUnlessItIsGiven) {
  for (const char* const name : {"premiered", "aired", "releasedate"}) {
    const std::string date = "<" + std::string(name) + ">2017-04-30</" + name + ">";
    EXPECT_EQ(film(date).date, "2017-04-30") << name;
    EXPECT_EQ(film(date).year, 2017) << name;
    EXPECT_EQ(film("<year>2016</year>" + date).year, 2016) << name;
    EXPECT_EQ(film(date + "<year>2016</year>").year, 2016) << name;
    EXPECT_EQ(film(date + "<year>1850</year>").year, 2017) << name;
    EXPECT_EQ(film(date + "<year>0</year>").year, 2017) << name;
  }
  EXPECT_EQ(film("<year>1850</year>").year, std::nullopt);
  EXPECT_EQ(film("<year>1851</year>").year, 1851);
  EXPECT_EQ(film("<premiered>1850-01-01</premiered>").year, std::nullopt);
  EXPECT_EQ(film("<premiered>2017-02-30</premiered>").date, "");
  EXPECT_EQ(film("<premiered>0000-00-00</premiered>").date, "");
}

TEST(Nfo, N20PicturesByTheirKinds) {
  const Nfo nfo = film(R"(
    <thumb aspect="poster" preview="https://i.example/small.jpg">https://i.example/p1.jpg</thumb>
    <thumb aspect="poster">https://i.example/p2.jpg</thumb>
    <thumb aspect="clearlogo">l</thumb><thumb aspect="banner">b</thumb><thumb aspect="landscape">w</thumb>
    <thumb aspect="clearart">c</thumb><thumb aspect="discart">d</thumb>
    <fanart><thumb>f1</thumb><thumb>f2</thumb></fanart>)");
  const std::vector<Image> images = {{ImageKind::kPoster, "https://i.example/p1.jpg"},
                                     {ImageKind::kLogo, "l"},
                                     {ImageKind::kBanner, "b"},
                                     {ImageKind::kLandscape, "w"},
                                     {ImageKind::kClearArt, "c"},
                                     {ImageKind::kDisc, "d"},
                                     {ImageKind::kFanart, "f1"}};
  EXPECT_EQ(nfo.images, images);
}

TEST(Nfo, N20APictureWithoutAKind) {
  EXPECT_EQ(imageOf(film("<thumb>a</thumb>"), ImageKind::kPoster), "a");
  EXPECT_EQ(imageOf(show("<thumb>a</thumb>"), ImageKind::kPoster), "a");
  EXPECT_EQ(imageOf(episode("<thumb>a</thumb>"), ImageKind::kStill), "a");
  EXPECT_EQ(imageOf(episode(R"(<thumb aspect="thumb">a</thumb>)"), ImageKind::kStill), "a");
}

TEST(Nfo, N21PicturesOfACollectionOrASeasonAreOthers) {
  EXPECT_TRUE(
      film(R"(<thumb aspect="set.poster">a</thumb><thumb aspect="season.poster">b</thumb>)").images.empty());
  EXPECT_TRUE(show(R"(<thumb aspect="poster" type="season" season="1">a</thumb>)").images.empty());
}

TEST(Nfo, N23AnAddressAlone) {
  const Nfo nfo = described("https://www.themoviedb.org/movie/30287-slug");
  EXPECT_EQ(nfo, (Nfo{.root = Root::kAddress, .ids = {{"tmdb", "30287"}}}));
}

TEST(Nfo, N24TwoAddresses) {
  const Nfo nfo =
      described("https://www.themoviedb.org/movie/30287-slug\r\nhttp://www.imdb.com/title/tt0944947/\r\n");
  EXPECT_EQ(nfo.ids, (Ids{{"imdb", "tt0944947"}, {"tmdb", "30287"}}));
}

TEST(Nfo, N26AnAddressBehindTheXml) {
  const Nfo nfo = described(
      "<movie><title>Mine</title></movie>\nhttps://www.themoviedb.org/movie/30287-slug?language=de&x=1\n");
  EXPECT_EQ(nfo.title, "Mine");
  EXPECT_EQ(nfo.ids, (Ids{{"tmdb", "30287"}}));
  EXPECT_EQ(described("<movie><tmdbid>1</tmdbid></movie>https://www.themoviedb.org/movie/2").ids,
            (Ids{{"tmdb", "1"}}));
  EXPECT_EQ(described("<tvshow></tvshow>https://www.themoviedb.org/movie/2").ids, Ids());
}

TEST(Nfo, N29WhereASpecialIsShown) {
  const Nfo none =
      episode("<season>0</season><displayseason>-1</displayseason><displayepisode>-1</displayepisode>");
  EXPECT_EQ(none.display_season, std::nullopt);
  EXPECT_EQ(none.display_episode, std::nullopt);
  const Nfo some = episode("<displayseason>0</displayseason><displayepisode>4</displayepisode>");
  EXPECT_EQ(some.display_season, 0);
  EXPECT_EQ(some.display_episode, 4);
}

TEST(Nfo, N31AShowWithItsSeasons) {
  const Nfo nfo = show(R"(<namedseason number="2">The Long Winter</namedseason>
    <seasonplot number="2">Snow.</seasonplot><seasonplot number="0">Extras.</seasonplot>
    <namedseason number="x">No</namedseason><namedseason number="-1">No</namedseason>
    <status>ENDED</status><studio>North TV</studio>)");
  EXPECT_EQ(nfo.seasons,
            (std::map<int, NamedSeason>{{0, {.plot = "Extras."}}, {2, {"The Long Winter", "Snow."}}}));
  EXPECT_EQ(nfo.status, Status::kEnded);
  EXPECT_EQ(nfo.studios, Texts{"North TV"});
}

TEST(Nfo, N31EveryStatus) {
  const struct {
    const char* text;
    Status status;
  } kRows[] = {{"Continuing", Status::kContinuing},
               {"Returning Series", Status::kContinuing},
               {"Ended", Status::kEnded},
               {"upcoming", Status::kUpcoming},
               {"In Production", Status::kUpcoming},
               {"Canceled", Status::kCancelled},
               {"CANCELLED", Status::kCancelled},
               {"nobody knows", Status::kUnknown},
               {"", Status::kUnknown}};
  for (const auto& row : kRows) {
    EXPECT_EQ(show("<status>" + std::string(row.text) + "</status>").status, row.status) << row.text;
  }
}

TEST(Nfo, N32ALock) {
  EXPECT_TRUE(film("<lockdata>true</lockdata>").is_locked);
  EXPECT_TRUE(film("<lockdata>True</lockdata>").is_locked);
  EXPECT_FALSE(film("<lockdata>false</lockdata>").is_locked);
  EXPECT_FALSE(film("<title>a</title>").is_locked);
}

std::string utf16(std::u16string_view text, bool big_endian) {
  std::string out;
  for (const char16_t unit : text) {
    const auto high = static_cast<char>(unit >> 8U);
    const auto low = static_cast<char>(unit & 0xFFU);
    out += big_endian ? high : low;
    out += big_endian ? low : high;
  }
  return out;
}

TEST(Nfo, N34TheMarkOfTheByteOrderDecides) {
  EXPECT_EQ(described("\xEF\xBB\xBF<?xml version=\"1.0\"?><movie><title>Caf\xC3\xA9</title></movie>").title,
            "Café");
  EXPECT_EQ(described("\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"windows-1252\"?>"
                      "<movie><title>Caf\xC3\xA9</title></movie>")
                .title,
            "Café");
  constexpr std::u16string_view kText =
      u"\uFEFF<?xml version=\"1.0\" encoding=\"utf-8\"?><movie><title>Café 😀</title></movie>";
  EXPECT_EQ(described(utf16(kText, false)).title, "Café 😀");
  EXPECT_EQ(described(utf16(kText, true)).title, "Café 😀");
}

TEST(Nfo, N34ThenTheDeclaration) {
  const struct {
    const char* encoding;
    const char* bytes;
    const char* title;
  } kRows[] = {{"windows-1252", "Caf\xE9 \x80", "Café €"}, {"Windows-1252", "\x93x\x94", "“x”"},
               {"ISO-8859-1", "Caf\xE9", "Café"},          {"iso-8859-2", "\xA9koda", "Škoda"},
               {"windows-1250", "\x8Akoda", "Škoda"},      {"windows-1251", "\xCC\xE8\xF0", "Мир"},
               {"koi8-r", "\xED\xC9\xD2", "Мир"},          {"iso-8859-15", "\xA4", "€"},
               {"Shift_JIS", "\x93\xFA\x96\x7B", "日本"},  {"gb2312", "\xD6\xD0\xCE\xC4", "中文"},
               {"utf-8", "Caf\xC3\xA9", "Café"},           {"utf-16", "Caf\xC3\xA9", "Café"}};
  for (const auto& row : kRows) {
    const std::string head = "<?xml version=\"1.0\" encoding=\"" + std::string(row.encoding) + "\"?>";
    EXPECT_EQ(described(head + "<movie><title>" + row.bytes + "</title></movie>").title, row.title)
        << row.encoding;
  }
}

TEST(Nfo, N35ADocumentTypeIsRefused) {
  for (
      const char* const text :
      {R"(<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><movie><title>&e;</title></movie>)",
       R"(<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]><movie><plot>&b;</plot></movie>)",
       R"(<!DOCTYPE movie SYSTEM "http://example.org/x.dtd"><movie/>)",
       "<!DOCTYPE movie><movie><title>a</title></movie>",
       R"(<movie><title>a</title></movie><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><movie>&e;</movie>)"}) {
    EXPECT_NE(refusal(text).find("document type"), std::string::npos) << text;
  }
}

TEST(Nfo, N35AnEntityThatIsNotOneOfXmlStaysText) {
  EXPECT_EQ(film("<title>a&e;b&nbsp;c</title>").title, "a&e;b&nbsp;c");
}

TEST(Nfo, N36WhatIsWrongWithAFile) {
  EXPECT_NE(refusal("<movie><title>The Glass</title><plot>A div").find("ends in the middle"),
            std::string::npos);
  EXPECT_NE(refusal("<movie><title>The Glass</tit").find("ends in the middle"), std::string::npos);
  EXPECT_NE(refusal("<movie><plot><![CDATA[x").find("ends in the middle"), std::string::npos);
  EXPECT_NE(refusal("<movie><title>a</title>").find("ends in the middle"), std::string::npos);
  for (const char* const text : {"", "  \r\n\t", "\xEF\xBB\xBF"})
    EXPECT_EQ(refusal(text), "it is empty") << text;
  EXPECT_EQ(refusal(std::string(512, '\0')), "it is empty");
  EXPECT_EQ(refusal(std::string(kMaxBytes + 1, ' ')), "it is larger than 1 MiB");
  EXPECT_EQ(refusal(std::string(20UZ << 20U, 'x')), "it is larger than 1 MiB");
  EXPECT_NE(refusal("<movie><title>a</movie>").find("no XML in line 1"), std::string::npos);
  EXPECT_NE(refusal("hello").find("neither"), std::string::npos);
}

TEST(Nfo, N39APlaceOfAPictureIsKeptAsItStands) {
  EXPECT_EQ(imageOf(film("<thumb>\n  /local/path with space.jpg\n</thumb>"), ImageKind::kPoster),
            "/local/path with space.jpg");
  // A name of macOS: the same letters in another form are another file.
  EXPECT_EQ(imageOf(film("<thumb>/e\xCC\x81.jpg</thumb>"), ImageKind::kPoster), "/e\xCC\x81.jpg");
}

TEST(Nfo, N41LanguagesOfStreams) {
  const Nfo nfo = film(R"(<fileinfo><streamdetails>
      <video><language>fra</language></video>
      <audio><language>eng</language></audio><audio><language>English</language></audio>
      <audio><language>en-US</language></audio><audio><language>GER</language></audio>
      <audio><language>Klingon-ish</language></audio><audio><language></language></audio>
      <subtitle><language>pob</language></subtitle><subtitle><codec>srt</codec></subtitle>
    </streamdetails></fileinfo>)");
  ASSERT_TRUE(nfo.streams);
  EXPECT_EQ(nfo.streams->audio_languages, (Texts{"en", "en-US", "de", "und"}));
  EXPECT_EQ(nfo.streams->subtitle_languages, (Texts{"pt-BR", "und"}));
}

Stereo stereo(const std::string& inside) {
  const Nfo nfo = film("<fileinfo><streamdetails><video>" + inside + "</video></streamdetails></fileinfo>");
  return nfo.streams.value_or(StreamDetails()).stereo;
}

TEST(Nfo, N42ThreeDimensions) {
  const auto sized = [](const std::string& mode, int width, int height) {
    return stereo("<stereomode>" + mode + "</stereomode><width>" + std::to_string(width) +
                  "</width><height>" + std::to_string(height) + "</height>");
  };
  EXPECT_EQ(sized("left_right", 1920, 1080), Stereo::kHalfSideBySide);
  EXPECT_EQ(sized("left_right", 1920, 800), Stereo::kHalfSideBySide);
  EXPECT_EQ(sized("right_left", 3840, 1080), Stereo::kSideBySide);
  EXPECT_EQ(sized("LEFT_RIGHT", 3840, 800), Stereo::kSideBySide);
  EXPECT_EQ(sized("left_right", 3840, 2160), Stereo::kHalfSideBySide);
  EXPECT_EQ(sized("top_bottom", 1920, 1080), Stereo::kHalfTopBottom);
  EXPECT_EQ(sized("bottom_top", 1920, 2160), Stereo::kTopBottom);
  EXPECT_EQ(sized("top_bottom", 1920, 1600), Stereo::kTopBottom);
  EXPECT_EQ(sized("mono", 1920, 1080), Stereo::kNone);
  EXPECT_EQ(stereo("<stereomode>left_right</stereomode>"), Stereo::kHalfSideBySide);
  EXPECT_EQ(stereo("<format3d>HTAB</format3d>"), Stereo::kHalfTopBottom);
  EXPECT_EQ(stereo("<format3d>FullSideBySide</format3d>"), Stereo::kSideBySide);
}

}  // namespace
}  // namespace library::nfo
