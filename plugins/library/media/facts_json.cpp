#include "facts_json.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace library::media {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

// One object: its members in the order they are written.
class Object {
 public:
  explicit Object(std::string& out) : out_(out) { out_ += '{'; }
  ~Object() { out_ += '}'; }
  Object(const Object&) = delete;
  Object& operator=(const Object&) = delete;

  // What stands after it is the member's value.
  void name(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
  void number(std::string_view name, std::int64_t value) {
    this->name(name);
    out_ += std::to_string(value);
  }
  template <typename Number>
  void number(std::string_view name, const std::optional<Number>& value) {
    if (value) number(name, *value);
  }
  void boolean(std::string_view name, const std::optional<bool>& value) {
    if (!value) return;
    this->name(name);
    out_ += *value ? "true" : "false";
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    this->name(name);
    out_ += '"';
    for (const char c : value) character(c);
    out_ += '"';
  }
  void ratio(std::string_view name, const std::optional<Rational>& value) {
    if (value) text(name, std::to_string(value->numerator) + "/" + std::to_string(value->denominator));
  }

 private:
  void character(char c) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20) {
      out_ += "\\u00";
      out_ += kDigits[code >> 4U];
      out_ += kDigits[code & 0xFU];
      return;
    }
    if (c == '"' || c == '\\') out_ += '\\';
    out_ += c;
  }

  std::string& out_;
  bool first_ = true;
};

std::string_view nameOf(StreamKind kind) {
  switch (kind) {
    case StreamKind::kVideo:
      return "video";
    case StreamKind::kAudio:
      return "audio";
    case StreamKind::kSubtitle:
      return "subtitle";
    case StreamKind::kAttachment:
      return "attachment";
    case StreamKind::kOther:
      return "other";
  }
  return "other";
}

std::string_view nameOf(Hdr hdr) {
  switch (hdr) {
    case Hdr::kSdr:
      return "sdr";
    case Hdr::kHdr10:
      return "hdr10";
    case Hdr::kHlg:
      return "hlg";
    case Hdr::kDolbyVision:
      return "dolby_vision";
  }
  return "sdr";
}

void writeVideo(Object& object, const Stream& stream) {
  const VideoFacts& video = stream.video;
  object.number("width", video.width);
  object.number("height", video.height);
  object.ratio("sample_aspect", video.sample_aspect);
  object.number("rotation", video.rotation);
  object.ratio("frame_rate", video.frame_rate);
  object.text("pixel_format", video.pixel_format);
  if (stream.kind != StreamKind::kVideo) return;
  object.text("hdr", nameOf(video.hdr));
  object.number("dolby_vision_profile", video.dolby_vision_profile);
  object.number("dolby_vision_compatibility", video.dolby_vision_compatibility);
  object.number("level", video.level);
  object.boolean("interlaced", video.interlaced);
}

void writeStream(std::string& out, const Stream& stream) {
  Object object(out);
  object.number("index", stream.index);
  object.text("kind", nameOf(stream.kind));
  object.text("codec", stream.codec);
  object.text("profile", stream.profile);
  object.text("language", stream.language);
  object.text("title", stream.title);
  object.boolean("default", stream.is_default);
  object.boolean("forced", stream.is_forced);
  object.boolean("hearing_impaired", stream.is_hearing_impaired);
  object.boolean("attached_picture", stream.is_attached_picture);
  object.number("bit_rate", stream.bit_rate);
  object.number("bit_depth", stream.bit_depth);
  if (stream.kind == StreamKind::kVideo || stream.is_attached_picture) writeVideo(object, stream);
  if (stream.kind != StreamKind::kAudio) return;
  object.number("channels", stream.audio.channels);
  object.text("layout", stream.audio.layout);
  object.number("sample_rate", stream.audio.sample_rate);
}

void writeChapter(std::string& out, const Chapter& chapter) {
  Object object(out);
  object.number("start_ms", chapter.start_ms);
  object.number("end_ms", chapter.end_ms);
  object.text("title", chapter.title);
}

void writeTags(std::string& out, const Tags& tags) {
  Object object(out);
  object.text("title", tags.title);
  object.text("artist", tags.artist);
  object.text("album_artist", tags.album_artist);
  object.text("album", tags.album);
  object.text("date", tags.date);
  object.number("year", tags.year);
  object.number("disc", tags.disc);
  object.number("discs", tags.discs);
  object.number("track", tags.track);
  object.number("tracks", tags.tracks);
  object.text("genre", tags.genre);
  object.text("musicbrainz_recording", tags.musicbrainz_recording);
  object.text("musicbrainz_track", tags.musicbrainz_track);
  object.text("musicbrainz_album", tags.musicbrainz_album);
  object.text("musicbrainz_artist", tags.musicbrainz_artist);
  object.text("musicbrainz_album_artist", tags.musicbrainz_album_artist);
  object.text("musicbrainz_release_group", tags.musicbrainz_release_group);
}

template <typename Items, typename Write>
void writeList(std::string& out, const Items& items, Write write) {
  out += '[';
  for (const auto& item : items) {
    if (&item != &items.front()) out += ',';
    write(out, item);
  }
  out += ']';
}

}  // namespace

std::string toJson(const MediaFacts& facts) {
  std::string out;
  {
    Object object(out);
    object.text("container", facts.container);
    object.number("duration_ms", facts.duration_ms);
    object.number("bit_rate", facts.bit_rate);
    object.name("streams");
    writeList(out, facts.streams, writeStream);
    object.name("chapters");
    writeList(out, facts.chapters, writeChapter);
    object.name("tags");
    writeTags(out, facts.tags);
  }
  return out;
}

}  // namespace library::media
