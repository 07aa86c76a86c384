// What people and old programs write: not quite XML, not quite the words.
#include "described.hpp"

namespace library::nfo {
namespace {

using Texts = std::vector<std::string>;
using Ids = std::map<std::string, std::string>;

TEST(NfoLoose, ReferencesAsPeopleWriteThem) {
  EXPECT_EQ(film("<title>Tom & Anna</title>").title, "Tom & Anna");
  EXPECT_EQ(film("<title>Caf&#233; &#xE9; &lt;3&gt; &quot;x&apos;</title>").title, "Café é <3> \"x'");
  EXPECT_EQ(imageOf(film("<thumb>https://i.example/x?a=1&b=2&amp;c=3</thumb>"), ImageKind::kPoster),
            "https://i.example/x?a=1&b=2&c=3");
  EXPECT_EQ(film("<title>a&#0;b&#55357;c&#x110000;d&#99999999999;</title>").title,
            "a\uFFFDb\uFFFDc\uFFFDd\uFFFD");
  EXPECT_EQ(film("<plot><![CDATA[A & B &amp; <b>]]></plot>").plot, "A & B &amp; <b>");
  EXPECT_EQ(film("<title>a &#; &; &#x; &</title>").title, "a &#; &; &#x; &");
}

TEST(NfoLoose, WhatIsNoMarkupIsText) {
  EXPECT_EQ(film("<title>I <3 you, 1 < 2</title>").title, "I <3 you, 1 < 2");
  EXPECT_EQ(described("<!-- a <movie> & -- b --><movie><title>a<!-- -- -->b</title></movie>").title, "ab");
}

TEST(NfoLoose, ADrawingAroundAnAddress) {
  EXPECT_EQ(
      described(
          "  <(o_o)>  <<THE GROUP>> presents & more\n\xB2\xB2 http://www.imdb.com/title/tt0944947/ \xB2\n</>")
          .ids,
      (Ids{{"imdb", "tt0944947"}}));
  EXPECT_EQ(described("<url cache=\"x.xml\">https://www.themoviedb.org/movie/11</url>").ids,
            (Ids{{"tmdb", "11"}}));
}

TEST(NfoLoose, CommentsInstructionsAndSpaces) {
  const Nfo nfo = described(
      "\n\n  <?xml version=\"1.0\"?>\n<!-- by <hand> & foot -->\n<?target data?>\n<MOVIE xmlns:x=\"y\" a='1'>"
      "<!-- c --><TITLE>\n  A   long\t title "
      "\n</TITLE><?p?><x:unknown><deep><title>no</title></deep></x:unknown></MOVIE>\n"
      "<!-- the end -->\n");
  EXPECT_EQ(nfo.title, "A long title");
  EXPECT_EQ(nfo.root, Root::kMovie);
}

TEST(NfoLoose, ElementsInATextLeaveTheirWords) {
  EXPECT_EQ(film("<plot>One <b>bold</b> word<br/>and <i>a <u>line</u></i>.</plot>").plot,
            "One bold word\nand a line.");
}

TEST(NfoLoose, ALyingDeclarationCostsNoFile) {
  EXPECT_EQ(film("<title>Caf\xE9</title>").title, "Café");
  EXPECT_EQ(
      described("<?xml version='1.0' encoding='UTF-8'?><movie><title>Caf\xE9 \xC3\xA9</title></movie>").title,
      "Café é");
  EXPECT_EQ(film("<title>a\x01\x0B\x7F b</title>").title, "a b");
  EXPECT_EQ(film("<title>a\xEF\xBF\xBF</title>").title, "a\uFFFD");
}

TEST(NfoLoose, AnUnknownEncodingIsNamed) {
  EXPECT_NE(refusal("<?xml version=\"1.0\" encoding=\"x-martian\"?><movie/>").find("x-martian"),
            std::string::npos);
  EXPECT_NE(refusal("<?xml version=\"1.0\" encoding=\"../../tmp/x\"?><movie/>").find("not known"),
            std::string::npos);
  EXPECT_NE(refusal("<?xml version=\"1.0\" encoding=\"UTF-7\"?><movie/>").find("not known"),
            std::string::npos);
}

TEST(NfoLoose, Lists) {
  EXPECT_EQ(film("<genre>Action / Drama</genre><genre>drama</genre><genre></genre>").genres,
            (Texts{"Action", "Drama"}));
  EXPECT_EQ(film("<genre>Action|Drama, Comedy;War</genre>").genres,
            (Texts{"Action", "Drama", "Comedy", "War"}));
  EXPECT_EQ(film("<genre>R&amp;B/Soul</genre>").genres, Texts{"R&B/Soul"});
  EXPECT_EQ(film("<studio>Warner Bros., Inc. / A24</studio>").studios, (Texts{"Warner Bros., Inc.", "A24"}));
  EXPECT_EQ(film("<country>USA / Germany</country>").countries, (Texts{"USA", "Germany"}));
  EXPECT_EQ(film("<credits>Ada / Bob</credits><writer>Carl</writer><director>Dan | Eve</director>").writers,
            (Texts{"Ada", "Bob", "Carl"}));
}

TEST(NfoLoose, Runtimes) {
  const struct {
    const char* text;
    int minutes;  // 0: none
  } kRows[] = {
      {"95", 95},          {"1h 35m", 95},  {"1 h 35 min", 95}, {"1hr 35mins", 95}, {"1:35", 95},
      {"95:00", 95},       {"1:35:20", 95}, {"01:35:20", 95},   {"00:45", 45},      {"22:30", 22},
      {"PT1H35M", 95},     {"95.0", 95},    {"95,5", 95},       {"95m", 95},        {"5700 s", 95},
      {"2 hours", 120},    {"", 0},         {"0", 0},           {"-5", 0},          {"abc", 0},
      {"99999999999", 0},  {"1:2:3:4", 0},  {"min", 0},         {"30 s", 0},        {"120 min.", 120},
      {"90 Min (DVD)", 90}};
  for (const auto& row : kRows) {
    EXPECT_EQ(film("<runtime>" + std::string(row.text) + "</runtime>").runtime_min.value_or(0), row.minutes)
        << row.text;
  }
}

TEST(NfoLoose, Dates) {
  const struct {
    const char* text;
    const char* date;
    int year;
  } kRows[] = {{"2017-04-30", "2017-04-30", 2017},
               {"2017-04-30T00:00:00Z", "2017-04-30", 2017},
               {"2017-04-30 20:15", "2017-04-30", 2017},
               {"2017/4/3", "2017-04-03", 2017},
               {"30.04.2017", "2017-04-30", 2017},
               {"04/05/2017", "", 0},
               {"2017", "", 2017},
               {"2017-04", "", 2017},
               {"2016-02-29", "2016-02-29", 2016},
               {"2017-02-29", "", 2017},
               {"2017-13-01", "", 2017},
               {"0001-01-01", "", 0},
               {"tomorrow", "", 0},
               {"2017-04.30", "", 2017}};
  for (const auto& row : kRows) {
    const Nfo nfo = film("<premiered>" + std::string(row.text) + "</premiered>");
    EXPECT_EQ(nfo.date, row.date) << row.text;
    EXPECT_EQ(nfo.year.value_or(0), row.year) << row.text;
  }
}

TEST(NfoLoose, Votes) {
  const struct {
    const char* text;
    int votes;  // -1: none
  } kRows[] = {{"335,583", 335583},
               {"335.583", 335583},
               {"335 583", 335583},
               {"1,335,583", 1335583},
               {"335'583", 335583},
               {"335\u00A0583", 335583},
               {"7", 7},
               {"0", 0},
               {"1.2", -1},
               {"12,", -1},
               {",12", -1},
               {"many", -1},
               {"-3", -1},
               {"1234,567", -1},
               {"", -1},
               {"99999999999999999999", -1}};
  for (const auto& row : kRows) {
    const Nfo nfo = film("<rating>5</rating><votes>" + std::string(row.text) + "</votes>");
    EXPECT_EQ(nfo.ratings.at(0).votes.value_or(-1), row.votes) << row.text;
  }
}

TEST(NfoLoose, Ratings) {
  EXPECT_EQ(film("<rating>7.5/10</rating>").ratings.at(0).value, 7.5);
  EXPECT_EQ(film("<rating max=\"100\">75</rating>").ratings.at(0).value, 7.5);
  EXPECT_EQ(film("<rating name=\"imdb\" max=\"10\"><value>7.5</value></rating>").ratings.at(0).source,
            "imdb");
  EXPECT_EQ(
      film(R"(<ratings><rating name="a" max="0"><value>7.5</value></rating></ratings>)").ratings.at(0).value,
      7.5);
  EXPECT_TRUE(film("<rating>0</rating>").ratings.empty());
  const Nfo two = film(R"(<ratings><rating name="a" default="true"><value>1</value></rating>
                          <rating name="b" default="true"><value>2</value></rating></ratings>)");
  EXPECT_TRUE(two.ratings.at(0).is_default);
  EXPECT_FALSE(two.ratings.at(1).is_default);
}

TEST(NfoLoose, BareIds) {
  EXPECT_EQ(film("<id>tt123</id>").ids, (Ids{{"imdb", "tt0000123"}}));
  EXPECT_EQ(film("<id>603</id>").ids, (Ids{{"tmdb", "603"}}));
  EXPECT_EQ(show("<id>81189</id>").ids, (Ids{{"tvdb", "81189"}}));
  EXPECT_EQ(episode("<uniqueid>4304218</uniqueid>").ids, (Ids{{"tvdb", "4304218"}}));
  EXPECT_EQ(rooted("album", "<id>12</id>").ids, Ids());
  EXPECT_EQ(film("<id>nothing</id><id>-1</id><id/>").ids, Ids());
  EXPECT_EQ(film("<id>1</id><tmdbid>2</tmdbid>").ids, (Ids{{"tmdb", "2"}}));
  EXPECT_EQ(film("<id>1</id><tmdbid>2</tmdbid><uniqueid type=\"tmdb\">3</uniqueid>").ids,
            (Ids{{"tmdb", "3"}}));
}

TEST(NfoLoose, IdsThatAreNone) {
  for (const char* const text :
       {R"(<uniqueid type="tmdb">abc</uniqueid>)", R"(<uniqueid type="tmdb">0</uniqueid>)",
        R"(<uniqueid type="imdb">nm0000001</uniqueid>)", R"(<uniqueid type="imdb">tt</uniqueid>)",
        R"(<uniqueid type="tvdb">12345678901</uniqueid>)", R"(<uniqueid type="a b">1</uniqueid>)",
        R"(<uniqueid type="mine">two words</uniqueid>)", R"(<tmdbid></tmdbid>)", R"(<tmdb>1</tmdb>)",
        R"(<musicbrainzalbumid>1</musicbrainzalbumid>)", R"(<videoid>1</videoid>)"}) {
    EXPECT_EQ(rooted("movie", text).ids, Ids()) << text;
  }
  EXPECT_EQ(film(R"(<uniqueid type="tmdb">x</uniqueid><uniqueid type="tmdb">00603</uniqueid>)").ids,
            (Ids{{"tmdb", "603"}}));
  EXPECT_EQ(film(R"(<uniqueid type="imdb">0133093</uniqueid>)").ids, (Ids{{"imdb", "tt0133093"}}));
  EXPECT_EQ(film(R"(<uniqueid type="Mine">ab-1</uniqueid>)").ids, (Ids{{"mine", "ab-1"}}));
}

TEST(NfoLoose, PicturesOfOlderWriters) {
  EXPECT_EQ(imageOf(show(R"(<fanart url="https://i.example/"><thumb dim="1x1">f/1.jpg</thumb></fanart>)"),
                    ImageKind::kFanart),
            "https://i.example/f/1.jpg");
  EXPECT_EQ(imageOf(film("<fanart>/f.jpg</fanart>"), ImageKind::kFanart), "/f.jpg");
  EXPECT_EQ(imageOf(film("<poster>/p.jpg</poster>"), ImageKind::kPoster), "/p.jpg");
  EXPECT_EQ(imageOf(film("<fanart><thumb></thumb><thumb>f2</thumb></fanart>"), ImageKind::kFanart), "f2");
  EXPECT_TRUE(film("<thumb>" + std::string(3000, 'a') + "</thumb>").images.empty());
  EXPECT_TRUE(film("<thumb>a\nb</thumb><thumb/>").images.empty());
}

TEST(NfoLoose, TheFirstOfTwoTitles) {
  EXPECT_EQ(film("<title></title><title>a</title><title>b</title>").title, "a");
}

TEST(NfoLoose, LongTextsAreCutBetweenCharacters) {
  std::string long_text;
  for (int i = 0; i < 30'000; ++i) long_text += "é";
  const Nfo nfo = film("<title>" + long_text + "</title><plot>" + long_text + "</plot>");
  EXPECT_LE(nfo.title.size(), 1024U);
  EXPECT_GE(nfo.title.size(), 1022U);
  EXPECT_GE(nfo.plot.size(), 32'760U);
  EXPECT_LE(nfo.plot.size(), 32'768U);
  EXPECT_EQ(nfo.plot.find("\uFFFD"), std::string::npos);
  EXPECT_TRUE(nfo.plot.ends_with("é"));
}

TEST(NfoLoose, APlotKeepsItsLines) {
  std::string words;
  for (int i = 0; i < 1000; ++i) words += "e\u0301word ";
  EXPECT_EQ(film("<plot>" + words + "</plot>").plot.find("e\u0301"), std::string::npos);
  EXPECT_EQ(film("<plot> One.\r\n\r\n\r\n\r\n  Two  three.\n</plot>").plot, "One.\n\nTwo three.");
}

TEST(NfoLoose, SeveralThings) {
  const auto file = read("<movie><title>a</title></movie><movie><title>b</title></movie><episodedetails/>");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->entries.size(), 1U);
  EXPECT_EQ(file->entries[0].title, "a");
  EXPECT_EQ(file->warnings.size(), 2U);
}

TEST(NfoLoose, ABrokenSecondPartCostsOnlyItself) {
  const auto file = read("<episodedetails><title>a</title></episodedetails><episodedetails><title>b</ti");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->entries.size(), 1U);
  EXPECT_EQ(file->entries[0].title, "a");
  EXPECT_EQ(file->warnings.size(), 1U);
}

TEST(NfoLoose, JunkBehindTheXml) {
  for (const std::string& junk :
       {std::string("</movie>"), std::string("\n\n>>>"), std::string(3, '\0'), std::string("<"),
        std::string("& <3"), std::string("<!-- x"), std::string("<html>")}) {
    EXPECT_EQ(described("<movie><title>a</title></movie>" + junk).title, "a") << junk;
  }
}

TEST(NfoLoose, AnUnknownRootIsRefused) {
  EXPECT_NE(refusal("<html><body><a href='x'>b</a></body></html>").find("neither"), std::string::npos);
  EXPECT_NE(refusal("<a><b><movie><title>a</title></movie></b></a>").find("neither"), std::string::npos);
}

}  // namespace
}  // namespace library::nfo
