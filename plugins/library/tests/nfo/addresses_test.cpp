#include "nfo/addresses.hpp"

#include <map>
#include <string>

#include "described.hpp"

namespace library::nfo {
namespace {

TEST(NfoAddresses, Every) {
  const struct {
    const char* text;
    const char* provider;
    const char* id;
  } kRows[] = {
      {"https://www.themoviedb.org/movie/30287-slug", "tmdb", "30287"},
      {"http://themoviedb.org/movie/30287?language=en", "tmdb", "30287"},
      {"https://www.themoviedb.org/tv/1399", "tmdb", "1399"},
      {"https://www.themoviedb.org/tv/1399/season/1/episode/2", "tmdb", "1399"},
      {"www.tmdb.org/movie/11", "tmdb", "11"},
      {"https://api.themoviedb.org/3/movie/30287/images", "tmdb", "30287"},
      {"HTTPS://WWW.IMDB.COM/TITLE/TT0944947/", "imdb", "tt0944947"},
      {"https://m.imdb.com/title/tt10872600/?ref_=fn_al", "imdb", "tt10872600"},
      {"https://www.imdb.com/de/title/tt0944947", "imdb", "tt0944947"},
      {"http://www.imdb.com/Title?0944947", "imdb", "tt0944947"},
      {"(see imdb.com/title/tt0944947).", "imdb", "tt0944947"},
      {"\xE2\x95\x91http://www.imdb.com/title/tt0944947\xE2\x95\x91", "imdb", "tt0944947"},
      {"http://thetvdb.com/?tab=series&id=78874&lid=7", "tvdb", "78874"},
      {"http://www.thetvdb.com/index.php?id=78874&amp;tab=series", "tvdb", "78874"},
      {"https://thetvdb.com/dereferrer/series/24", "tvdb", "24"},
      {"https://www.thetvdb.com/series/121361", "tvdb", "121361"},
      {"https://www.thetvdb.com/series/121361#general", "tvdb", "121361"},
      {"https://www.tvmaze.com/shows/82/north-line", "tvmaze", "82"},
      {"https://anidb.net/anime/17", "anidb", "17"},
      {"https://musicbrainz.org/release/0D3C8A6E-1111-4222-8333-444455556666", "musicbrainz_album",
       "0d3c8a6e-1111-4222-8333-444455556666"},
      {"https://musicbrainz.org/release-group/0d3c8a6e-1111-4222-8333-444455556666",
       "musicbrainz_release_group", "0d3c8a6e-1111-4222-8333-444455556666"},
      {"https://musicbrainz.org/artist/0d3c8a6e-1111-4222-8333-444455556666/releases", "musicbrainz_artist",
       "0d3c8a6e-1111-4222-8333-444455556666"},
      {"tt0944947", "imdb", "tt0944947"},
      {"id: tt0944947\n", "imdb", "tt0944947"},
  };
  for (const auto& row : kRows) {
    const std::map<std::string, std::string> ids = {{row.provider, row.id}};
    const Nfo nfo = described(row.text);
    EXPECT_EQ(nfo.root, Root::kAddress) << row.text;
    EXPECT_EQ(nfo.ids, ids) << row.text;
  }
}

TEST(NfoAddresses, None) {
  for (const char* const text :
       {"https://www.thetvdb.com/series/north-line", "https://www.thetvdb.com/series/24",
        "https://thetvdb.com/series/24-hours", "https://thetvdb.com/?tab=episode&seriesid=1&id=2",
        "https://thetvdb.com/?id=5", "https://www.themoviedb.org/movie/",
        "https://www.themoviedb.org/collection/10", "https://www.themoviedb.org/movie/12x",
        "https://www.themoviedb.org/person/3", "https://notimdb.com/title/tt0944947x",
        "https://my-imdb.com/title/tt1", "https://imdb.com.example.org/title/t1",
        "https://www.imdb.com/name/nm0000001/", "https://www.imdb.com/title/tt12/",
        "https://musicbrainz.org/release/12", "xtt0944947", "tt09449471234567", "https://example.org/",
        "imdb.com"}) {
    EXPECT_NE(refusal(text).find("neither"), std::string::npos) << text;
  }
}

TEST(NfoAddresses, OfWhatTheyAre) {
  using Ids = std::map<std::string, std::string>;
  EXPECT_EQ(described("<tvshow/>\nhttps://www.themoviedb.org/tv/1399").ids, (Ids{{"tmdb", "1399"}}));
  EXPECT_EQ(described("<movie/>\nhttps://www.themoviedb.org/tv/1399").ids, Ids());
  EXPECT_EQ(described("<episodedetails/>\nhttps://www.themoviedb.org/tv/1399").ids, Ids());
  EXPECT_EQ(described("<episodedetails/>\nhttps://www.imdb.com/title/tt0944947").ids,
            (Ids{{"imdb", "tt0944947"}}));
  EXPECT_EQ(described("<episodedetails/><episodedetails/>\nhttps://www.imdb.com/title/tt0944947").ids, Ids());
  EXPECT_EQ(described("https://www.imdb.com/title/tt0944947\n<movie><title>a</title></movie>").ids,
            (Ids{{"imdb", "tt0944947"}}));
  EXPECT_EQ(described("<movie><plot>https://www.imdb.com/title/tt0944947</plot></movie>").ids, Ids());
}

}  // namespace
}  // namespace library::nfo
