// Files that are made to hurt.
#include <chrono>
#include <string>

#include "described.hpp"

namespace library::nfo {
namespace {

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  while (out.size() + piece.size() <= bytes) out += piece;
  return out;
}

TEST(NfoHostile, DepthIsBounded) {
  EXPECT_NE(refusal("<movie>" + repeated("<a>", 500'000)).find("nested too deeply"), std::string::npos);
  EXPECT_EQ(film(repeated("<a>", 180) + repeated("</a>", 240) + "<title>t</title>").title, "t");
}

TEST(NfoHostile, ManyOfAnythingEndSoon) {
  const std::string person = "<actor><name>a</name></actor>";
  const std::string inside[] = {
      repeated("<a/>", 900'000),
      "<actor>" + repeated("<a/>", 900'000) + "</actor>",
      repeated(person, 900'000),
      repeated("<thumb>a</thumb>", 900'000),
      repeated("<genre>a / b, c</genre>", 900'000),
      "<genre>" + repeated("a,", 900'000) + "</genre>",
      "<plot>" + repeated("\n", 900'000) + "a</plot>",
      "<plot>" + repeated("e\u0301 ", 900'000) + "</plot>",
      "<plot>" + repeated("&", 900'000) + "</plot>",
      "<title>" + repeated(" a", 900'000) + "</title>",
      "<plot>" + repeated("<b>x</b>", 900'000) + "</plot>",
      "<a b='" + repeated("c", 900'000) + "'/>",
      repeated("<rating>99</rating>", 900'000),
      repeated("<!-- -->", 900'000),
      repeated("<![CDATA[a]]>", 900'000),
  };
  for (const std::string& text : inside) {
    const auto start = std::chrono::steady_clock::now();
    const auto file = read("<movie>" + text + "</movie>");
    ASSERT_TRUE(file) << text.substr(0, 40);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10)) << text.substr(0, 40);
    EXPECT_LE(file->entries[0].actors.size(), 1000U);
    EXPECT_LE(file->warnings.size(), 10U);
  }
}

TEST(NfoHostile, ManyDifferentThings) {
  std::string genres;
  std::string ids;
  std::string seasons;
  std::string ratings = "<ratings>";
  for (int i = 0; i < 5000; ++i) {
    const std::string number = std::to_string(i);
    genres += "<genre>g" + number + "</genre>";
    ids += "<uniqueid type=\"p" + number + "\">1</uniqueid>";
    seasons += "<namedseason number=\"" + number + "\">n</namedseason>";
    ratings += "<rating name=\"r" + number + "\"><value>1</value></rating>";
  }
  const Nfo nfo = show(genres + ids + seasons + ratings + "</ratings>");
  EXPECT_EQ(nfo.genres.size(), 1000U);
  EXPECT_LE(nfo.ids.size(), 1000U);
  EXPECT_EQ(nfo.seasons.size(), 1000U);
  EXPECT_LE(nfo.ratings.size(), 1000U);
}

TEST(NfoHostile, ManyDocuments) {
  const auto file = read(repeated("<episodedetails/>", kMaxBytes));
  ASSERT_TRUE(file);
  EXPECT_EQ(file->entries.size(), 1000U);
  EXPECT_FALSE(read(repeated("<a/>", kMaxBytes)));
  EXPECT_FALSE(read(repeated("<", kMaxBytes)));
  EXPECT_FALSE(read(repeated("<a", kMaxBytes)));
  EXPECT_FALSE(read(repeated("imdb.com/", kMaxBytes)));
  EXPECT_FALSE(read(repeated("imdb.com", kMaxBytes)));
  EXPECT_FALSE(read(repeated("tt", kMaxBytes)));
  EXPECT_FALSE(read(repeated("tt0", kMaxBytes)));
  EXPECT_TRUE(read(repeated("imdb.com/title/tt0944947 ", kMaxBytes)));
}

TEST(NfoHostile, EveryPrefixOfAFile) {
  const std::string whole =
      "\xEF\xBB\xBF<?xml version=\"1.0\"?><!-- c --><movie><title>A &amp; "
      "\xC3\xA9</title><set><name>N</name></set>"
      "<plot><![CDATA[x]]></plot></movie>";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(refusal(std::string_view(whole).substr(0, length)).empty()) << length;
  }
  EXPECT_EQ(described(whole).title, "A & é");
}

TEST(NfoHostile, WarningsAreLegible) {
  const auto file = read("<movie><premiered>" + repeated("\xFF\x01", 3000) + "</premiered></movie>");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->warnings.size(), 1U);
  EXPECT_LT(file->warnings[0].size(), 200U);
}

}  // namespace
}  // namespace library::nfo
