#include "media/probe.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "answers.hpp"
#include "naming/text.hpp"

namespace library::media {
namespace {

MediaFacts read(std::string_view answer) {
  const auto facts = readProbe(answer);
  EXPECT_TRUE(facts) << (facts ? "" : facts.error());
  return facts.value_or(MediaFacts());
}

Stream only(std::string_view stream) {
  const MediaFacts facts = read(R"({"format":{},"streams":[)" + std::string(stream) + "]}");
  EXPECT_EQ(facts.streams.size(), 1U);
  return facts.streams.empty() ? Stream() : facts.streams.front();
}

std::string refusal(std::string_view answer) {
  const auto facts = readProbe(answer);
  return facts ? "read" : facts.error();
}

TEST(Probe, AFileIsNoOptionAndNoAddress) {
  const auto arguments = probeArguments("-http://x.mkv");
  EXPECT_EQ(arguments.back(), "file:-http://x.mkv");
  EXPECT_EQ(*(arguments.end() - 2), "-i");
  const auto list = std::ranges::find(arguments, "-protocol_whitelist");
  ASSERT_NE(list, arguments.end());
  EXPECT_EQ(*(list + 1), "file");
}

TEST(Probe, AFilm) {
  const MediaFacts film = read(kFilm);
  EXPECT_EQ(film.container, "matroska,webm");
  EXPECT_EQ(film.duration_ms, 1024);
  EXPECT_EQ(film.bit_rate, 192265);
  EXPECT_EQ(film.tags, (Tags{.title = "A Film"}));
  const std::vector<Chapter> chapters{{0, 500, "Opening"}, {500, 1000, "End"}};
  EXPECT_EQ(film.chapters, chapters);
  const Stream video{.index = 0,
                     .kind = StreamKind::kVideo,
                     .codec = "h264",
                     .profile = "Constrained Baseline",
                     .is_default = true,
                     .bit_rate = 82000,
                     .bit_depth = 8,
                     .video = {.width = 64,
                               .height = 48,
                               .sample_aspect = Rational{1, 1},
                               .frame_rate = Rational{24000, 1001},
                               .pixel_format = "yuv420p",
                               .level = 10,
                               .interlaced = false}};
  const Stream audio{.index = 1,
                     .kind = StreamKind::kAudio,
                     .codec = "aac",
                     .profile = "LC",
                     .language = "en",
                     .audio = {.channels = 1, .layout = "mono", .sample_rate = 44100}};
  const Stream subtitle{.index = 2,
                        .kind = StreamKind::kSubtitle,
                        .codec = "subrip",
                        .language = "ja",
                        .title = "Signs",
                        .is_forced = true,
                        .is_hearing_impaired = true};
  EXPECT_EQ(film.streams, (std::vector<Stream>{video, audio, subtitle}));
}

TEST(Probe, ASongAndItsCover) {
  const MediaFacts song = read(kSong);
  EXPECT_EQ(song.tags, (Tags{.title = "Song",
                             .artist = "Some",
                             .date = "1979-11-30",
                             .year = 1979,
                             .track = 3,
                             .tracks = 12,
                             .musicbrainz_album = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee"}));
  ASSERT_EQ(song.streams.size(), 2U);
  EXPECT_EQ(song.duration_ms, 1045);  // of the sound: the cover's is none
  EXPECT_EQ(song.streams[0].bit_depth, std::nullopt);
  const Stream& cover = song.streams[1];
  EXPECT_EQ(cover.kind, StreamKind::kAttachment);
  EXPECT_TRUE(cover.is_attached_picture);
  EXPECT_EQ(cover.video.width, 32);
  EXPECT_EQ(cover.video.level, std::nullopt);
  EXPECT_EQ(cover.video.frame_rate, std::nullopt);
}

TEST(Probe, TheTagsOfAnOggAreWithItsStream) {
  EXPECT_EQ(read(kOpus).tags, (Tags{.title = "Song",
                                    .artist = "Some",
                                    .album_artist = "AA",
                                    .date = "1979-11-30",
                                    .year = 1979,
                                    .disc = 1,
                                    .track = 3,
                                    .tracks = 12}));
}

TEST(Probe, DolbyVisionHeldUpright) {
  const MediaFacts phone = read(kPhone);
  ASSERT_EQ(phone.streams.size(), 2U);
  const VideoFacts& video = phone.streams[0].video;
  EXPECT_EQ(video.rotation, 90);
  EXPECT_EQ(video.hdr, Hdr::kDolbyVision);
  EXPECT_EQ(video.dolby_vision_profile, 8);
  EXPECT_EQ(video.dolby_vision_compatibility, 4);
  EXPECT_EQ(video.frame_rate, (Rational{8490, 143}));
  EXPECT_EQ(phone.streams[0].bit_depth, 10);
  EXPECT_EQ(phone.streams[0].language, "");
  EXPECT_EQ(phone.streams[1].kind, StreamKind::kOther);
}

TEST(Probe, ABroadcastIsInterlacedAndWide) {
  const MediaFacts broadcast = read(kBroadcast);
  ASSERT_EQ(broadcast.streams.size(), 1U);
  EXPECT_EQ(broadcast.streams[0].video.interlaced, true);
  EXPECT_EQ(broadcast.streams[0].video.sample_aspect, (Rational{64, 45}));
  EXPECT_EQ(broadcast.duration_ms, 200);
}

TEST(Probe, KindsOfHdr) {
  const auto hdr = [](const std::string& transfer) {
    return only(R"({"codec_type":"video","color_transfer":")" + transfer + "\"}").video.hdr;
  };
  EXPECT_EQ(hdr("smpte2084"), Hdr::kHdr10);
  EXPECT_EQ(hdr("arib-std-b67"), Hdr::kHlg);
  EXPECT_EQ(hdr("bt709"), Hdr::kSdr);
  EXPECT_EQ(hdr(""), Hdr::kSdr);
}

TEST(Probe, Rotations) {
  const auto rotation = [](const std::string& degrees) {
    return only(R"({"codec_type":"video","side_data_list":[{"side_data_type":"Display Matrix","rotation":)" +
                degrees + "}]}")
        .video.rotation;
  };
  EXPECT_EQ(rotation("90"), 270);
  EXPECT_EQ(rotation("-180"), 180);
  EXPECT_EQ(rotation("0"), 0);
  EXPECT_EQ(rotation("\"nan\""), std::nullopt);
  EXPECT_EQ(rotation("1e99"), std::nullopt);
  EXPECT_EQ(only(R"({"codec_type":"video","tags":{"rotate":"90"}})").video.rotation, 90);
}

TEST(Probe, WhatCannotBeIsNotSet) {
  const Stream video =
      only(R"({"codec_type":"video","width":-1,"height":99999999999,"level":"N/A","pix_fmt":"unknown",
      "avg_frame_rate":"0/0","r_frame_rate":"0/1","sample_aspect_ratio":"0:1","profile":"unknown",
      "bit_rate":"-5","codec_name":7,"index":18446744073709551615,"disposition":[],"tags":"none",
      "side_data_list":"none"})");
  EXPECT_EQ(video, (Stream{.kind = StreamKind::kVideo}));
  const Stream audio =
      only(R"({"codec_type":"audio","channels":0,"sample_rate":"fast","bits_per_raw_sample":"N/A"})");
  EXPECT_EQ(audio, (Stream{.kind = StreamKind::kAudio}));
}

TEST(Probe, DurationsThatAreNone) {
  const auto duration = [](const std::string& value) {
    return read(R"({"format":{"duration":)" + value + "}}").duration_ms;
  };
  EXPECT_EQ(duration(R"("12.3456")"), 12346);
  EXPECT_EQ(duration("2.5"), 2500);
  EXPECT_EQ(duration(R"("0.000000")"), 0);
  for (const char* none : {R"("-9223372036854.775808")", R"("N/A")", R"("nan")", R"("inf")", R"("1e300")",
                           R"("")", R"("1s")", "null", "{}", "[1]", "true", "-1"}) {
    EXPECT_EQ(duration(none), std::nullopt) << none;
  }
}

TEST(Probe, WithoutADurationOfItsOwnAFileIsAsLongAsItsLongestStream) {
  const MediaFacts facts =
      read(R"({"format":{},"streams":[{"duration":"2.0"},{"tags":{"DURATION":"00:01:02.5"}},
      {"duration":"99","disposition":{"attached_pic":1}}]})");
  EXPECT_EQ(facts.duration_ms, 62'500);
}

TEST(Probe, ChaptersWithoutAPlaceAreLeftOut) {
  const MediaFacts facts =
      read(R"({"format":{},"chapters":[{"start_time":"2.0","end_time":"1.0"},{"end_time":"1.0"},7,
      {"start_time":"3.0","end_time":"4.0","tags":{"TITLE":"Last"}}]})");
  EXPECT_EQ(facts.chapters, (std::vector<Chapter>{{2000, 2000, ""}, {3000, 4000, "Last"}}));
}

TEST(Probe, BytesThatAreNoUtf8BecomeReplacements) {
  const MediaFacts facts = read("{\"format\":{\"tags\":{\"title\":\"A\xFF\xC3(\\u0007B\"}}}");
  EXPECT_EQ(facts.tags.title, "A\uFFFD\uFFFD( B");
}

TEST(Probe, AnErrorIsWhatFfprobeSays) {
  EXPECT_EQ(refusal(kNoMedia), "Invalid data found when processing input");
  EXPECT_EQ(refusal(R"({"error":{}})"), "ffprobe failed and does not say why");
  EXPECT_EQ(refusal("{\n\n}\n"), "the answer of ffprobe names no format");
}

TEST(Probe, WhatIsNoAnswer) {
  for (const char* text : {"", " ", "null", "[]", "7", "{}", R"("format")", R"({"format":7})"}) {
    EXPECT_FALSE(readProbe(text)) << text;
  }
  EXPECT_EQ(refusal("{\"format\""), "the answer of ffprobe is no JSON at byte 10");
  EXPECT_FALSE(readProbe(R"({"format":{"duration":1e999}})"));
  EXPECT_FALSE(readProbe(R"({"format":{"x":"\ud800"}})"));
}

TEST(Probe, EveryPrefixOfAnAnswerIsRefused) {
  for (std::size_t length = 0; length < kFilm.size(); ++length) {
    EXPECT_FALSE(readProbe(kFilm.substr(0, length))) << length;
  }
}

TEST(Probe, AnyByteOfAnAnswerMayBeAnother) {
  std::string text(kPhone);
  for (char& byte : text) {
    for (const char other : {'\0', '"', '}', '9', '\xFF'}) {
      const char kept = std::exchange(byte, other);
      if (const auto facts = readProbe(text)) {
        for (const Stream& stream : facts->streams) EXPECT_TRUE(naming::isUtf8(stream.codec));
      }
      byte = kept;
    }
  }
}

std::string repeated(std::string_view item, std::size_t count) {
  std::string list;
  for (std::size_t i = 0; i < count; ++i) list.append(i == 0 ? "" : ",").append(item);
  return list;
}

TEST(Probe, Bounds) {
  const auto streams = [](std::size_t count) {
    return R"({"format":{},"streams":[)" + repeated("{}", count) + "]}";
  };
  EXPECT_EQ(read(streams(kMaxStreams)).streams.size(), kMaxStreams);
  EXPECT_EQ(refusal(streams(kMaxStreams + 1)), "the file has too many streams");

  const auto chapters = [](std::size_t count) {
    return R"({"format":{},"chapters":[)" + repeated(R"({"start_time":"1"})", count) + "]}";
  };
  EXPECT_EQ(read(chapters(kMaxChapters)).chapters.size(), kMaxChapters);
  EXPECT_EQ(refusal(chapters(kMaxChapters + 1)), "the file has too many chapters");

  const auto nested = [](std::size_t depth) {
    return R"({"format":{},"x":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
  };
  EXPECT_EQ(refusal(nested(kMaxProbeDepth)), "read");
  EXPECT_EQ(refusal(nested(kMaxProbeDepth + 1)), "the answer of ffprobe is nested too deeply");
  EXPECT_EQ(refusal(std::string(1U << 20U, '[')), "the answer of ffprobe is nested too deeply");

  EXPECT_EQ(refusal(R"({"format":{},"x":[)" + repeated("0", kMaxProbeValues) + "]}"),
            "the answer of ffprobe has too many values");
  EXPECT_EQ(refusal(std::string(kMaxProbeBytes + 1, ' ')), "the answer of ffprobe is too long");
}

}  // namespace
}  // namespace library::media
