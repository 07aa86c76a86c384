// Files in the shape each of their writers gives them; the texts are ours.
#include "described.hpp"

namespace library::nfo {
namespace {

using Texts = std::vector<std::string>;
using Ids = std::map<std::string, std::string>;

TEST(NfoWriters, KodiFilm) {
  const auto file = read(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<movie>
    <title>Salt &amp; Iron</title>
    <originaltitle>Salz und Eisen</originaltitle>
    <ratings>
        <rating name="imdb" max="10" default="true">
            <value>7.300000</value>
            <votes>12345</votes>
        </rating>
        <rating name="themoviedb" max="10">
            <value>0.000000</value>
            <votes>0</votes>
        </rating>
    </ratings>
    <userrating>0</userrating>
    <top250>0</top250>
    <outline></outline>
    <plot>First part.&#10;&#10;Second &lt;i&gt;part&lt;/i&gt;.</plot>
    <tagline></tagline>
    <runtime>104</runtime>
    <thumb spoof="" cache="" aspect="poster" preview="https://i.example/w200/p.jpg">https://i.example/p.jpg</thumb>
    <thumb spoof="" cache="" aspect="set.fanart">https://i.example/s.jpg</thumb>
    <fanart>
        <thumb colors="" preview="https://i.example/w200/f.jpg">https://i.example/f.jpg</thumb>
    </fanart>
    <mpaa>Rated PG-13</mpaa>
    <playcount>2</playcount>
    <lastplayed>2021-01-02</lastplayed>
    <file></file><path></path><filenameandpath></filenameandpath>
    <id>1234</id>
    <uniqueid type="imdb">tt7654321</uniqueid>
    <uniqueid type="tmdb" default="true">4711</uniqueid>
    <genre>Drama</genre>
    <genre>History</genre>
    <country>Germany</country>
    <set>
        <name>Salt Collection</name>
        <overview></overview>
    </set>
    <tag>mining</tag>
    <credits>Ada Writer</credits>
    <director>Otto Director</director>
    <premiered>2012-03-04</premiered>
    <year>2012</year>
    <status></status><code></code><aired></aired>
    <studio>Nordlicht</studio>
    <trailer>plugin://plugin.video.youtube/?action=play_video&amp;videoid=abc</trailer>
    <fileinfo>
        <streamdetails>
            <video>
                <codec>hevc</codec><aspect>2.390000</aspect><width>1920</width><height>804</height>
                <durationinseconds>6234</durationinseconds><stereomode></stereomode><hdrtype></hdrtype>
            </video>
            <audio><codec>ac3</codec><language>ger</language><channels>6</channels></audio>
            <audio><codec>aac</codec><language>eng</language><channels>2</channels></audio>
            <subtitle><language>ger</language></subtitle>
        </streamdetails>
    </fileinfo>
    <actor>
        <name>Lena Actor</name><role>Miner</role><order>0</order><thumb>https://i.example/a.jpg</thumb>
    </actor>
    <resume><position>0.000000</position><total>0.000000</total></resume>
    <dateadded>2020-10-10 10:10:10</dateadded>
</movie>
)");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->warnings, Texts());
  const Nfo expected = {
      .root = Root::kMovie,
      .title = "Salt & Iron",
      .original_title = "Salz und Eisen",
      .year = 2012,
      .date = "2012-03-04",
      .plot = "First part.\n\nSecond <i>part</i>.",
      .certification = "Rated PG-13",
      .runtime_min = 104,
      .ids = {{"imdb", "tt7654321"}, {"tmdb", "4711"}},
      .collection = Collection{.name = "Salt Collection"},
      .ratings = {{.source = "imdb", .value = 7.3, .votes = 12345, .is_default = true}},
      .genres = {"Drama", "History"},
      .studios = {"Nordlicht"},
      .countries = {"Germany"},
      .tags = {"mining"},
      .directors = {"Otto Director"},
      .writers = {"Ada Writer"},
      .actors = {{.name = "Lena Actor", .role = "Miner", .image = "https://i.example/a.jpg"}},
      .images = {{ImageKind::kPoster, "https://i.example/p.jpg"},
                 {ImageKind::kFanart, "https://i.example/f.jpg"}},
      .streams =
          StreamDetails{.duration_s = 6234, .audio_languages = {"de", "en"}, .subtitle_languages = {"de"}},
  };
  EXPECT_EQ(file->entries, std::vector{expected}) << toJson(file->entries[0]);
}

TEST(NfoWriters, KodiShow) {
  const Nfo nfo = described(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<tvshow>
  <title>North Line</title><showtitle>North Line</showtitle>
  <season>5</season><episode>62</episode><displayseason>-1</displayseason><displayepisode>-1</displayepisode>
  <plot>Trains.</plot>
  <thumb aspect="poster" type="season" season="1">https://i.example/s1.jpg</thumb>
  <thumb aspect="poster">https://i.example/show.jpg</thumb>
  <episodeguide>{"tmdb":"1","imdb":"tt0000001"}</episodeguide>
  <id>81189</id>
  <uniqueid type="unknown">81189</uniqueid>
  <uniqueid type="tmdb" default="true">1396</uniqueid>
  <genre>Crime / Drama</genre>
  <premiered>2008-01-20</premiered><status>Returning Series</status>
  <namedseason number="1">The Beginning</namedseason>
</tvshow>)");
  EXPECT_EQ(nfo.root, Root::kShow);
  EXPECT_EQ(nfo.show_title, "");
  EXPECT_EQ(nfo.season, std::nullopt);
  EXPECT_EQ(nfo.episode, std::nullopt);
  EXPECT_EQ(nfo.ids, (Ids{{"tmdb", "1396"}, {"tvdb", "81189"}}));
  EXPECT_EQ(nfo.genres, (Texts{"Crime", "Drama"}));
  EXPECT_EQ(nfo.images, (std::vector<Image>{{ImageKind::kPoster, "https://i.example/show.jpg"}}));
  EXPECT_EQ(nfo.status, Status::kContinuing);
  EXPECT_EQ(nfo.year, 2008);
  EXPECT_EQ(nfo.seasons.at(1).name, "The Beginning");
}

TEST(NfoWriters, SonarrEpisodesOfOneFile) {
  const auto file = read(
      "\xEF\xBB\xBF<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>\n"
      R"(<episodedetails>
  <title>One</title><season>2</season><episode>3</episode><aired>2019-05-01</aired><plot>Begins.</plot>
  <uniqueid type="tvdb" default="true">7000001</uniqueid><uniqueid type="sonarr">55</uniqueid>
  <thumb>https://i.example/e3.jpg</thumb><watched>false</watched><rating>8.1</rating>
</episodedetails>
<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<episodedetails>
  <title>Two</title><season>2</season><episode>4</episode><aired>2019-05-08</aired>
  <uniqueid type="tvdb" default="true">7000002</uniqueid>
</episodedetails>)");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->entries.size(), 2U);
  const Nfo& one = file->entries[0];
  EXPECT_EQ(one.title, "One");
  EXPECT_EQ(one.season, 2);
  EXPECT_EQ(one.episode, 3);
  EXPECT_EQ(one.date, "2019-05-01");
  EXPECT_EQ(one.ids, (Ids{{"sonarr", "55"}, {"tvdb", "7000001"}}));
  EXPECT_EQ(imageOf(one, ImageKind::kStill), "https://i.example/e3.jpg");
  EXPECT_EQ(one.ratings, (std::vector<Rating>{{.value = 8.1}}));
  EXPECT_EQ(file->entries[1].title, "Two");
  EXPECT_EQ(file->entries[1].episode, 4);
}

TEST(NfoWriters, EpisodesInOneElement) {
  const auto file = read(
      "<xbmcmultiepisode><episodedetails><title>A</title></episodedetails>"
      "<episodedetails><title>B</title></episodedetails></xbmcmultiepisode>");
  ASSERT_TRUE(file);
  ASSERT_EQ(file->entries.size(), 2U);
  EXPECT_EQ(file->entries[1].title, "B");
}

TEST(NfoWriters, RadarrFilm) {
  const Nfo nfo = described(R"(<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<movie>
  <title>Salt</title>
  <rating>6.9</rating>
  <id>tt7654321</id>
  <uniqueid type="imdb" default="true">tt7654321</uniqueid>
  <uniqueid type="tmdb">4711</uniqueid>
  <set><name>Salt Collection</name><overview/></set>
  <fileinfo><streamdetails>
    <video><codec>h264</codec><bitrate>5000</bitrate><duration>104</duration>
      <durationinseconds>6234</durationinseconds></video>
    <audio><language>ger / eng</language></audio>
  </streamdetails></fileinfo>
</movie>)");
  EXPECT_EQ(nfo.ids, (Ids{{"imdb", "tt7654321"}, {"tmdb", "4711"}}));
  EXPECT_EQ(nfo.streams.value_or(StreamDetails()).duration_s, 6234);
  EXPECT_EQ(nfo.streams.value_or(StreamDetails()).audio_languages, Texts{"und"});
}

TEST(NfoWriters, JellyfinFilm) {
  const Nfo nfo = described(R"(<?xml version="1.0" encoding="utf-8" standalone="yes"?>
<movie>
  <plot><![CDATA[Tom & Anna <find> a map.]]></plot>
  <outline><![CDATA[A map.]]></outline>
  <customrating/>
  <lockdata>true</lockdata>
  <lockedfields>Name|Genres</lockedfields>
  <dateadded>2021-05-05 05:05:05</dateadded>
  <title>Map</title>
  <director>One</director><director>Two</director>
  <writer>Ada</writer><credits>Ada</credits>
  <rating>7.1</rating>
  <criticrating>85</criticrating>
  <year>2010</year><mpaa>FSK-12</mpaa>
  <imdbid>tt0000012</imdbid><tmdbid>12</tmdbid><tmdbcolid>77</tmdbcolid>
  <premiered>2010-01-02</premiered><releasedate>2011-01-02</releasedate>
  <runtime>88</runtime>
  <genre>Adventure</genre><studio>A</studio><studio>B</studio>
  <art>
    <poster>/media/Map/folder.jpg</poster>
    <fanart>/media/Map/backdrop.jpg</fanart><fanart>/media/Map/backdrop2.jpg</fanart>
    <clearlogo>/media/Map/logo.png</clearlogo>
  </art>
  <actor><name>Eva</name><role>Anna</role><type>Actor</type><sortorder>1</sortorder><thumb>/meta/eva.jpg</thumb></actor>
  <actor><name>Max</name><role>Tom</role><type>Actor</type><sortorder>0</sortorder></actor>
  <id>tt0000012</id>
  <fileinfo><streamdetails>
    <video><codec>h264</codec><micodec>h264</micodec><duration>88</duration>
      <durationinseconds>5280</durationinseconds></video>
    <audio><language>ita</language><default>True</default></audio>
  </streamdetails></fileinfo>
</movie>)");
  EXPECT_EQ(nfo.plot, "Tom & Anna <find> a map.");
  EXPECT_EQ(nfo.outline, "A map.");
  EXPECT_TRUE(nfo.is_locked);
  EXPECT_EQ(nfo.directors, (Texts{"One", "Two"}));
  EXPECT_EQ(nfo.writers, Texts{"Ada"});
  EXPECT_EQ(nfo.ratings, (std::vector<Rating>{{.source = "critics", .value = 8.5}, {.value = 7.1}}));
  EXPECT_EQ(nfo.date, "2010-01-02");
  EXPECT_EQ(nfo.collection, (Collection{.tmdb = "77"}));
  EXPECT_EQ(nfo.images, (std::vector<Image>{{ImageKind::kPoster, "/media/Map/folder.jpg"},
                                            {ImageKind::kFanart, "/media/Map/backdrop.jpg"},
                                            {ImageKind::kLogo, "/media/Map/logo.png"}}));
  EXPECT_EQ(nfo.actors[0].name, "Max");
  EXPECT_EQ(nfo.actors[1].image, "/meta/eva.jpg");
  EXPECT_EQ(nfo.ids, (Ids{{"imdb", "tt0000012"}, {"tmdb", "12"}}));
}

TEST(NfoWriters, JellyfinEpisodeAndSeason) {
  const Nfo special = episode(
      "<title>Between</title><season>0</season><episode>5</episode><showtitle>North Line</showtitle>"
      "<airsbefore_season>3</airsbefore_season><airsbefore_episode>1</airsbefore_episode>"
      "<art><poster>/m/e.jpg</poster><thumb>/m/t.jpg</thumb></art><imdbid>tt0000099</imdbid>");
  EXPECT_EQ(special.season, 0);
  EXPECT_EQ(special.show_title, "North Line");
  EXPECT_EQ(special.display_season, 3);
  EXPECT_EQ(special.display_episode, 1);
  EXPECT_EQ(imageOf(special, ImageKind::kStill), "/m/t.jpg");
  EXPECT_EQ(special.ids, (Ids{{"imdb", "tt0000099"}}));

  const Nfo season =
      rooted("season",
             "<title>Season 3</title><seasonnumber>3</seasonnumber><season>9</season><year>2011</year>"
             "<thumb aspect=\"poster\" season=\"3\">s.jpg</thumb><tvdbid>30</tvdbid>");
  EXPECT_EQ(season.root, Root::kSeason);
  EXPECT_EQ(season.season, 3);
  EXPECT_EQ(season.year, 2011);
  EXPECT_EQ(imageOf(season, ImageKind::kPoster), "s.jpg");
  EXPECT_EQ(season.ids, (Ids{{"tvdb", "30"}}));
}

TEST(NfoWriters, EmbyIdsAsAttributes) {
  EXPECT_EQ(film(R"(<id IMDB="tt0133093" TMDB="603">tt0133093</id>)").ids,
            (Ids{{"imdb", "tt0133093"}, {"tmdb", "603"}}));
}

TEST(NfoWriters, TinyMediaManagerFilm) {
  const auto file = read(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<!--created on 2022-02-02 - some program 4.2-->
<movie>
  <title>Salt</title><originaltitle>Salt</originaltitle><sorttitle/><epbookmark/>
  <year>2012</year>
  <ratings>
    <rating default="false" max="10" name="themoviedb"><value>6.9</value><votes>800</votes></rating>
    <rating default="true" max="100" name="metacritic"><value>61</value><votes>0</votes></rating>
  </ratings>
  <userrating>7.0</userrating><top250>0</top250>
  <set><name>Salt Collection</name><overview>Both.</overview></set>
  <plot>P</plot><outline>O</outline><tagline>T</tagline><runtime>104</runtime>
  <thumb aspect="poster">https://i.example/p.jpg</thumb><thumb aspect="keyart">https://i.example/k.jpg</thumb>
  <thumb aspect="thumb">https://i.example/w.jpg</thumb>
  <mpaa>US:PG-13</mpaa><certification>US:PG-13</certification>
  <id>tt7654321</id><tmdbid>4711</tmdbid>
  <uniqueid default="false" type="tmdb">4711</uniqueid><uniqueid default="true" type="imdb">tt7654321</uniqueid>
  <uniqueid default="false" type="tmdbSet">97020</uniqueid><uniqueid default="false" type="wikidata">Q123</uniqueid>
  <country>Germany</country><status/><code/><premiered>2012-03-04</premiered>
  <watched>false</watched><genre>Drama</genre><studio>Nordlicht</studio>
  <credits tmdbid="1">Ada Writer</credits><director tmdbid="2">Otto Director</director><tag>mining</tag>
  <actor><name>Lena Actor</name><role>Miner</role><thumb>https://i.example/a.jpg</thumb>
    <profile>x</profile><tmdbid>9</tmdbid></actor>
  <producer tmdbid="3"><name>Rich Producer</name><role>Producer</role><thumb>https://i.example/r.jpg</thumb></producer>
  <languages>de, en</languages><dateadded>2022-02-02 02:02:02</dateadded>
  <original_filename>a.mkv</original_filename><user_note/>
</movie>)");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->warnings, Texts());
  const Nfo& nfo = file->entries.at(0);
  EXPECT_EQ(nfo.ids, (Ids{{"imdb", "tt7654321"}, {"tmdb", "4711"}, {"wikidata", "Q123"}}));
  EXPECT_EQ(nfo.collection, (Collection{.name = "Salt Collection", .overview = "Both.", .tmdb = "97020"}));
  EXPECT_EQ(nfo.certification, "US:PG-13");
  EXPECT_EQ(nfo.user_rating, 7);
  ASSERT_EQ(nfo.ratings.size(), 2U);
  EXPECT_DOUBLE_EQ(nfo.ratings[1].value, 6.1);
  EXPECT_TRUE(nfo.ratings[1].is_default);
  EXPECT_EQ(nfo.images, (std::vector<Image>{{ImageKind::kPoster, "https://i.example/p.jpg"},
                                            {ImageKind::kLandscape, "https://i.example/w.jpg"}}));
}

TEST(NfoWriters, MediaElchFilm) {
  const Nfo nfo = described(R"(<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<movie>
  <title>Salt</title><rating>6,9</rating><votes>335,583</votes>
  <genre clear="true">Drama</genre><genre>History</genre>
  <country clear="true">Germany</country>
  <fanart><thumb preview="https://i.example/w/f.jpg">https://i.example/f.jpg</thumb></fanart>
  <thumb preview="https://i.example/w/p.jpg" aspect="poster">https://i.example/p.jpg</thumb>
  <certification>FSK 12</certification>
</movie>)");
  EXPECT_EQ(nfo.ratings, (std::vector<Rating>{{.value = 6.9, .votes = 335583}}));
  EXPECT_EQ(nfo.genres, (Texts{"Drama", "History"}));
  EXPECT_EQ(nfo.certification, "FSK 12");
  EXPECT_EQ(imageOf(nfo, ImageKind::kFanart), "https://i.example/f.jpg");
}

TEST(NfoWriters, Music) {
  const Nfo album = rooted("album", R"(<title>Low Tide</title>
    <musicbrainzalbumid>0D3C8A6E-1111-4222-8333-444455556666</musicbrainzalbumid>
    <musicbrainzreleasegroupid>1d3c8a6e-1111-4222-8333-444455556666</musicbrainzreleasegroupid>
    <musicBrainzAlbumArtistID>nonsense</musicBrainzAlbumArtistID>
    <artist>The Ebb</artist><artist>Anna</artist>
    <genre>Rock</genre><style>Indie</style><review>Quiet.</review><releasedate>1999-09</releasedate>
    <thumb aspect="thumb">https://i.example/cover.jpg</thumb>
    <track><title>Not the album</title><position>1</position></track>)");
  EXPECT_EQ(album.root, Root::kAlbum);
  EXPECT_EQ(album.title, "Low Tide");
  EXPECT_EQ(album.artist, "The Ebb, Anna");
  EXPECT_EQ(album.plot, "Quiet.");
  EXPECT_EQ(album.year, 1999);
  EXPECT_EQ(album.date, "");
  EXPECT_EQ(album.tags, Texts{"Indie"});
  EXPECT_EQ(album.ids, (Ids{{"musicbrainz_album", "0d3c8a6e-1111-4222-8333-444455556666"},
                            {"musicbrainz_release_group", "1d3c8a6e-1111-4222-8333-444455556666"}}));
  EXPECT_EQ(imageOf(album, ImageKind::kPoster), "https://i.example/cover.jpg");

  const Nfo credits = rooted("album",
                             "<albumArtistCredits><artist>The Ebb</artist></albumArtistCredits>"
                             "<albumArtistCredits><artist>Anna</artist></albumArtistCredits>"
                             "<artistdesc>The Ebb feat. Anna</artistdesc>");
  EXPECT_EQ(credits.artist, "The Ebb feat. Anna");

  const Nfo artist =
      rooted("artist",
             "<name>The Ebb</name><sortname>Ebb, The</sortname><biography>From the coast.</biography>"
             "<musicBrainzArtistID>2d3c8a6e-1111-4222-8333-444455556666</musicBrainzArtistID>"
             "<album><title>Low Tide</title><year>1999</year></album><thumb>a.jpg</thumb>");
  EXPECT_EQ(artist.title, "The Ebb");
  EXPECT_EQ(artist.sort_title, "Ebb, The");
  EXPECT_EQ(artist.plot, "From the coast.");
  EXPECT_EQ(artist.ids, (Ids{{"musicbrainz_artist", "2d3c8a6e-1111-4222-8333-444455556666"}}));

  const Nfo clip =
      rooted("musicvideo",
             "<title>Wave</title><artist>The Ebb</artist><album>Low Tide</album><runtime>3:30</runtime>");
  EXPECT_EQ(clip.root, Root::kMusicVideo);
  EXPECT_EQ(clip.artist, "The Ebb");
  EXPECT_EQ(clip.runtime_min, 3);
}

}  // namespace
}  // namespace library::nfo
