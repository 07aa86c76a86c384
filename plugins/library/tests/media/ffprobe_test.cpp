// The programs themselves: clips that ffmpeg makes, asked of ffprobe as a scan asks.
#include <gtest/gtest.h>

#include "folder.hpp"
#include "media/probe.hpp"

namespace library::media {
namespace {

const std::vector<std::string> kPicture{"-f", "lavfi", "-i", "testsrc2=s=64x48:r=24000/1001:d=1"};
const std::vector<std::string> kTone{"-f", "lavfi", "-i", "sine=d=1"};
const std::vector<std::string> kH264{"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p"};

class Ffprobe : public ::testing::Test {
 protected:
  using Words = std::vector<std::string>;

  // Arguments of ffmpeg, in pieces; the last is the name of the clip.
  std::string make(std::initializer_list<Words> pieces) {
    Words arguments{"-v", "error", "-nostdin", "-threads", "1", "-y"};
    for (const Words& piece : pieces) arguments.insert(arguments.end(), piece.begin(), piece.end());
    arguments.back() = folder_ / arguments.back();
    EXPECT_EQ(folder_.run("ffmpeg", arguments).exit_code, 0) << arguments.back();
    return arguments.back();
  }
  std::expected<MediaFacts, std::string> probe(const std::string& path) {
    return readProbe(folder_.run("ffprobe", probeArguments(path)).output);
  }

  Folder folder_;
};

TEST_F(Ffprobe, AFilmWithLanguagesSubtitleAndChapters) {
  const std::string words = folder_.write("words.srt", "1\n00:00:00,000 --> 00:00:00,900\nHello\n");
  const std::string chapters = folder_.write(
      "chapters",
      ";FFMETADATA1\ntitle=A Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=Opening\n");
  const auto film = probe(make({kPicture,
                                kTone,
                                kTone,
                                {"-i", words},
                                {"-i", chapters},
                                {"-map", "0", "-map", "1"},
                                {"-map", "2", "-map", "3", "-map_metadata", "4", "-map_chapters", "4"},
                                kH264,
                                {"-c:a", "aac", "-c:s", "srt", "-metadata:s:a:0", "language=eng"},
                                {"-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Kommentar"},
                                {"-disposition:s:0", "forced+hearing_impaired"},
                                {"film.mkv"}}));
  ASSERT_TRUE(film) << film.error();
  ASSERT_EQ(film->streams.size(), 4U);
  EXPECT_EQ(film->streams[0].video.frame_rate, (Rational{24000, 1001}));
  EXPECT_EQ(film->streams[1].language, "en");
  EXPECT_EQ(film->streams[2].language, "de");
  EXPECT_EQ(film->streams[2].title, "Kommentar");
  EXPECT_TRUE(film->streams[3].is_forced && film->streams[3].is_hearing_impaired);
  EXPECT_EQ(film->chapters, (std::vector<Chapter>{{0, 500, "Opening"}}));
  EXPECT_EQ(film->tags.title, "A Film");
  EXPECT_NEAR(static_cast<double>(film->duration_ms.value_or(0)), 1000, 60);
}

TEST_F(Ffprobe, AnMp4OfTenBits) {
  const auto film =
      probe(make({kPicture,
                  {"-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"},
                  {"-color_trc", "smpte2084", "-color_primaries", "bt2020", "-colorspace", "bt2020nc"},
                  {"film.mp4"}}));
  ASSERT_TRUE(film) << film.error();
  ASSERT_EQ(film->streams.size(), 1U);
  EXPECT_EQ(film->container, "mov,mp4,m4a,3gp,3g2,mj2");
  EXPECT_EQ(film->streams[0].video.hdr, Hdr::kHdr10);
  EXPECT_EQ(film->streams[0].bit_depth, 10);
  EXPECT_EQ(film->streams[0].language, "");
}

TEST_F(Ffprobe, SongsWithTags) {
  const std::vector<std::string> tags{"-metadata", "title=Song",     "-metadata", "album_artist=Some",
                                      "-metadata", "track=3/12",     "-metadata", "disc=1/2",
                                      "-metadata", "date=1979-11-30"};
  for (const char* name : {"song.mp3", "song.flac", "song.opus", "song.m4a"}) {
    const auto song = probe(make({kTone, tags, {name}}));
    ASSERT_TRUE(song) << name << ": " << song.error();
    EXPECT_EQ(song->tags, (Tags{.title = "Song",
                                .album_artist = "Some",
                                .date = "1979-11-30",
                                .year = 1979,
                                .disc = 1,
                                .discs = 2,
                                .track = 3,
                                .tracks = 12}))
        << name;
    ASSERT_EQ(song->streams.size(), 1U) << name;
    EXPECT_EQ(song->streams[0].audio.channels, 1) << name;
  }
}

TEST_F(Ffprobe, AnAttachedPictureIsNoVideo) {
  const std::string cover =
      make({{"-f", "lavfi", "-i", "color=red:s=32x32:d=0.04", "-frames:v", "1"}, {"cover.jpg"}});
  const auto film = probe(make({kPicture,
                                kH264,
                                {"-attach", cover, "-metadata:s:t", "mimetype=image/jpeg"},
                                {"-metadata:s:t", "filename=cover.jpg"},
                                {"film.mkv"}}));
  ASSERT_TRUE(film) << film.error();
  ASSERT_EQ(film->streams.size(), 2U);
  EXPECT_EQ(film->streams[0].kind, StreamKind::kVideo);
  EXPECT_EQ(film->streams[1].kind, StreamKind::kAttachment);
  EXPECT_TRUE(film->streams[1].is_attached_picture);
  EXPECT_EQ(film->streams[1].title, "cover.jpg");
}

TEST_F(Ffprobe, AFileThatWasCutOffIsReadAsFarAsItGoes) {
  const std::string whole = Folder::read(make({kPicture, kTone, kH264, {"-c:a", "aac"}, {"film.mkv"}}));
  const auto film = probe(folder_.write("cut.mkv", whole.substr(0, whole.size() / 4)));
  ASSERT_TRUE(film) << film.error();
  ASSERT_EQ(film->streams.size(), 2U);
  EXPECT_EQ(film->streams[0].video.width, 64);
}

TEST_F(Ffprobe, WhatIsNoMediaIsAnError) {
  for (const std::string& path :
       {folder_.write("empty.mkv", ""), folder_.write("text.mkv", "hello\n"), folder_ / "none.mkv"}) {
    const auto film = probe(path);
    ASSERT_FALSE(film) << path;
    EXPECT_NE(film.error(), "ffprobe failed and does not say why") << path;
    EXPECT_EQ(film.error().find("JSON"), std::string::npos) << path;
  }
}

TEST_F(Ffprobe, NamesThatLookLikeSomethingElse) {
  const std::string song = Folder::read(make({kTone, {"song.flac"}}));
  for (const char* name : {"-i.flac", "http:x.flac", "a%d.flac", "\xFF\xC3( \n.flac", "concat:a|b"}) {
    const auto facts = probe(folder_.write(name, song));
    ASSERT_TRUE(facts) << name << ": " << facts.error();
    EXPECT_EQ(facts->container, "flac") << name;
  }
}

// As a playlist that goes on it would be read again and again, for minutes.
TEST_F(Ffprobe, APlaylistIsNoMedia) {
  make({kTone, {"song.ts"}});
  for (const char* text : {"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsong.ts\n",
                           "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n",
                           "ffconcat version 1.0\nfile song.ts\n", "v=0\nm=video 9 RTP/AVP 96\n"}) {
    EXPECT_FALSE(probe(folder_.write("list.mkv", text))) << text;
  }
}

}  // namespace
}  // namespace library::media
