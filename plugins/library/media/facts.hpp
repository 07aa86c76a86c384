// What a media file is by its content, as ffprobe tells it. A value; safe from any thread.
//
// A number that is not set, a text or list that is empty: the file does not say, or says what cannot be. Texts are UTF-8 in
// display form (naming/text.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace library::media {

// A picture of a cover is an attachment, whatever its codec is.
enum class StreamKind : std::uint8_t { kVideo, kAudio, kSubtitle, kAttachment, kOther };

enum class Hdr : std::uint8_t { kSdr, kHdr10, kHlg, kDolbyVision };

struct Rational {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;  // more than 0

  bool operator==(const Rational&) const = default;
};

struct VideoFacts {
  std::optional<int> width = {};   // as coded, before the aspect and the rotation
  std::optional<int> height = {};  // likewise
  std::optional<Rational> sample_aspect = {};
  std::optional<int> rotation = {};  // degrees that a player turns the picture clockwise: 0 to 359
  std::optional<Rational> frame_rate = {};
  std::string pixel_format = {};  // "yuv420p10le"
  Hdr hdr = Hdr::kSdr;
  std::optional<int> dolby_vision_profile = {};
  std::optional<int> dolby_vision_compatibility = {};  // of its base layer: 0 none, 1 HDR10, 2 SDR, 4 HLG
  std::optional<int> level = {};  // as its codec counts: 41 is 4.1 of H.264, 123 is 4.1 of HEVC
  std::optional<bool> interlaced = {};

  bool operator==(const VideoFacts&) const = default;
};

struct AudioFacts {
  std::optional<int> channels = {};
  std::string layout = {};              // "5.1(side)"
  std::optional<int> sample_rate = {};  // in Hz

  bool operator==(const AudioFacts&) const = default;
};

struct Stream {
  int index = 0;  // as ffmpeg counts, over all kinds
  StreamKind kind = StreamKind::kOther;
  std::string codec = {};
  std::string profile = {};
  std::string language = {};  // BCP 47; empty also for a language that nobody knows
  std::string title = {};
  bool is_default = false;
  bool is_forced = false;
  bool is_hearing_impaired = false;
  bool is_attached_picture = false;
  std::optional<std::int64_t> bit_rate = {};  // bits a second
  std::optional<int> bit_depth = {};          // of a sample of picture or sound
  VideoFacts video = {};                      // of a video and of an attached picture
  AudioFacts audio = {};                      // of a sound

  bool operator==(const Stream&) const = default;
};

struct Chapter {
  std::int64_t start_ms = 0;
  std::int64_t end_ms = 0;  // at least start_ms
  std::string title = {};

  bool operator==(const Chapter&) const = default;
};

struct Tags {
  std::string title = {};
  std::string artist = {};
  std::string album_artist = {};
  std::string album = {};
  std::string date = {};         // as it stands there: "1979-11-30"
  std::optional<int> year = {};  // of the date
  std::optional<int> disc = {};
  std::optional<int> discs = {};
  std::optional<int> track = {};
  std::optional<int> tracks = {};
  std::string genre = {};
  // Identifiers of MusicBrainz, in lower case; of several, the first.
  std::string musicbrainz_recording = {};
  std::string musicbrainz_track = {};
  std::string musicbrainz_album = {};
  std::string musicbrainz_artist = {};
  std::string musicbrainz_album_artist = {};
  std::string musicbrainz_release_group = {};

  bool operator==(const Tags&) const = default;
};

struct MediaFacts {
  std::string container = {};  // ffmpeg's names of it: "matroska,webm"
  std::optional<std::int64_t> duration_ms = {};
  std::optional<std::int64_t> bit_rate = {};  // bits a second, of the whole file
  std::vector<Stream> streams = {};
  std::vector<Chapter> chapters = {};
  Tags tags = {};

  bool operator==(const MediaFacts&) const = default;
};

}  // namespace library::media
