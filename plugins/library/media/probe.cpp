#include "probe.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include <nlohmann/json.hpp>

#include "naming/language.hpp"
#include "naming/text.hpp"
#include "tags.hpp"
#include "values.hpp"

namespace library::media {
namespace {

using Json = nlohmann::json;

// Containers and bare streams of picture, sound and subtitles, as ffmpeg names them. Not there: playlists and descriptions
// that have it open other files and wait for them (hls, dash, concat, sdp, imf), devices, and text drawn as pictures.
constexpr const char* kFormats =
    "aac,ac3,act,aiff,amr,amrnb,amrwb,ape,asf,asf_o,ass,au,av1,avi,avs2,avs3,caf,cavsvideo,dirac,dsf,dts,"
    "dtshd,dv,eac3,flac,flv,gxf,h261,h263,h264,hevc,iff,ivf,jacosub,live_flv,loas,m4v,matroska,microdvd,"
    "mjpeg,mlp,mov,mp3,mpc,mpc8,mpeg,mpegts,mpegtsraw,mpegvideo,mpl2,mpsub,mxf,nsv,nut,nuv,obu,ogg,oma,pjs,"
    "pmp,pva,realtext,rm,sami,shn,srt,stl,subviewer,subviewer1,sup,swf,tak,truehd,tta,ty,vc1,vobsub,voc,"
    "vplayer,w64,wav,webvtt,wtv,wv,xwma,yuv4mpegpipe";

// Passes over a text before anything of it is kept.
class Bounds : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool key(string_t&) override { return value(); }
  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) override {
    why_ = "the answer of ffprobe is no JSON at byte " + std::to_string(at);
    return false;
  }

  const std::string& why() const { return why_; }

 private:
  bool value() {
    if (++values_ <= kMaxProbeValues) return true;
    why_ = "the answer of ffprobe has too many values";
    return false;
  }
  bool open() {
    if (++depth_ <= kMaxProbeDepth) return value();
    why_ = "the answer of ffprobe is nested too deeply";
    return false;
  }
  bool close() {
    --depth_;
    return true;
  }

  std::size_t values_ = 0;
  std::size_t depth_ = 0;
  std::string why_;
};

std::string repaired(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = naming::characterLength(text);
    out += length == 0 ? "\xEF\xBF\xBD" : text.substr(0, length);
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

const Json& member(const Json& object, std::string_view name) {
  static const Json kNothing;
  if (!object.is_object()) return kNothing;
  const auto found = object.find(name);
  return found == object.end() ? kNothing : *found;
}

// Empty: there is no text.
std::string_view rawText(const Json& object, std::string_view name) {
  const auto* text = member(object, name).get_ptr<const std::string*>();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

std::string text(const Json& object, std::string_view name) {
  return std::string(naming::trimmed(naming::displayForm(rawText(object, name))));
}

// Tags are written in the case of their container.
std::string_view tag(const Json& object, std::string_view name) {
  const Json& tags = member(object, "tags");
  if (!tags.is_object()) return {};
  for (const auto& [key, value] : tags.items()) {
    if (value.is_string() && naming::equalsIgnoringCase(key, name))
      return value.get_ref<const std::string&>();
  }
  return {};
}

std::optional<double> real(const Json& object, std::string_view name) {
  const Json& value = member(object, name);
  if (value.is_number()) {
    const auto number = value.get<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
  }
  return decimal(rawText(object, name));
}

std::optional<std::int64_t> whole(const Json& object, std::string_view name) {
  const Json& value = member(object, name);
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
    return std::nullopt;
  }
  if (value.is_number_integer()) return value.get<std::int64_t>();
  return wholeNumber(rawText(object, name));
}

std::optional<int> within(const Json& object, std::string_view name, int least, int most) {
  const auto value = whole(object, name);
  return value && *value >= least && *value <= most ? std::optional(static_cast<int>(*value)) : std::nullopt;
}

std::optional<std::int64_t> bitRate(const Json& object) {
  auto rate = whole(object, "bit_rate");
  if (!rate) rate = wholeNumber(tag(object, "BPS"));  // as mkvmerge counts it
  return rate && *rate > 0 ? rate : std::nullopt;
}

std::optional<std::int64_t> time(const Json& object, std::string_view name) {
  const auto seconds = real(object, name);
  return seconds ? milliseconds(*seconds) : std::nullopt;
}

bool isSet(const Json& stream, std::string_view disposition) {
  return within(member(stream, "disposition"), disposition, 0, 1) == 1;
}

// Words ffprobe has for what it does not know.
std::string known(const std::string& word) {
  return word == "unknown" || word == "N/A" || word == "none" ? std::string() : word;
}

StreamKind kindOf(const Json& stream) {
  const std::string_view type = rawText(stream, "codec_type");
  if (type == "attachment" || isSet(stream, "attached_pic")) return StreamKind::kAttachment;
  if (type == "video") return StreamKind::kVideo;
  if (type == "audio") return StreamKind::kAudio;
  return type == "subtitle" ? StreamKind::kSubtitle : StreamKind::kOther;
}

std::optional<int> rotationOf(const Json& stream, const Json& side_data) {
  // Counter-clockwise in the matrix, clockwise in the tag that files of old have.
  auto degrees = real(side_data, "rotation");
  if (degrees) degrees = -*degrees;
  if (!degrees) degrees = decimal(tag(stream, "rotate"));
  if (!degrees || std::abs(*degrees) > 360) return std::nullopt;
  return (static_cast<int>(std::lround(*degrees)) + 720) % 360;
}

std::optional<bool> interlacedOf(const Json& stream) {
  const std::string_view order = rawText(stream, "field_order");
  if (order.empty() || order == "unknown") return std::nullopt;
  return order != "progressive";
}

Hdr hdrOf(const Json& stream) {
  const std::string_view transfer = rawText(stream, "color_transfer");
  if (transfer == "smpte2084") return Hdr::kHdr10;
  return transfer == "arib-std-b67" ? Hdr::kHlg : Hdr::kSdr;
}

VideoFacts videoOf(const Json& stream) {
  VideoFacts video;
  video.width = within(stream, "width", 1, 1'000'000);
  video.height = within(stream, "height", 1, 1'000'000);
  video.sample_aspect = rational(rawText(stream, "sample_aspect_ratio"));
  video.frame_rate = rational(rawText(stream, "avg_frame_rate"));
  if (!video.frame_rate) video.frame_rate = rational(rawText(stream, "r_frame_rate"));
  video.pixel_format = known(text(stream, "pix_fmt"));
  video.level = within(stream, "level", 0, 10'000);
  video.interlaced = interlacedOf(stream);
  video.hdr = hdrOf(stream);
  video.rotation = rotationOf(stream, Json());
  for (const Json& data : member(stream, "side_data_list")) {
    const std::string_view type = rawText(data, "side_data_type");
    if (type == "Display Matrix") video.rotation = rotationOf(stream, data);
    if (type != "DOVI configuration record") continue;
    video.hdr = Hdr::kDolbyVision;
    video.dolby_vision_profile = within(data, "dv_profile", 0, 255);
    video.dolby_vision_compatibility = within(data, "dv_bl_signal_compatibility_id", 0, 255);
  }
  return video;
}

AudioFacts audioOf(const Json& stream) {
  return {.channels = within(stream, "channels", 1, 1'000),
          .layout = known(text(stream, "channel_layout")),
          .sample_rate = within(stream, "sample_rate", 1, 100'000'000)};
}

std::optional<int> depthOf(const Json& stream, const std::string& pixel_format) {
  for (const std::string_view name : {"bits_per_raw_sample", "bits_per_sample"}) {
    if (const auto bits = within(stream, name, 1, 64)) return bits;
  }
  return bitDepthOf(pixel_format);
}

std::string titleOf(const Json& stream, StreamKind kind) {
  const std::string_view title = tag(stream, "title");
  const bool named = !title.empty() || kind != StreamKind::kAttachment;
  return naming::displayForm(naming::trimmed(named ? title : tag(stream, "filename")));
}

Stream streamOf(const Json& json, std::size_t position) {
  Stream stream;
  stream.index = within(json, "index", 0, 1'000'000).value_or(static_cast<int>(position));
  stream.kind = kindOf(json);
  stream.codec = known(text(json, "codec_name"));
  stream.profile = known(text(json, "profile"));
  stream.language = naming::languageTag(tag(json, "language"));
  if (stream.language.starts_with("und")) stream.language.clear();
  stream.title = titleOf(json, stream.kind);
  stream.is_default = isSet(json, "default");
  stream.is_forced = isSet(json, "forced");
  stream.is_hearing_impaired = isSet(json, "hearing_impaired");
  stream.is_attached_picture = isSet(json, "attached_pic");
  stream.bit_rate = bitRate(json);
  if (stream.kind == StreamKind::kVideo || stream.is_attached_picture) stream.video = videoOf(json);
  if (stream.is_attached_picture) stream.video.frame_rate.reset();  // ffmpeg makes one up
  if (stream.kind == StreamKind::kAudio) stream.audio = audioOf(json);
  stream.bit_depth = depthOf(json, stream.video.pixel_format);
  return stream;
}

std::optional<Chapter> chapterOf(const Json& json) {
  const auto start = time(json, "start_time");
  const auto end = time(json, "end_time");
  if (!start) return std::nullopt;
  return Chapter{*start, std::max(*start, end.value_or(*start)), naming::displayForm(tag(json, "title"))};
}

void addTags(Tags& tags, const Json& object) {
  const Json& pairs = member(object, "tags");
  if (!pairs.is_object()) return;
  for (const auto& [name, value] : pairs.items()) {
    if (value.is_string()) addTag(tags, name, value.get_ref<const std::string&>());
  }
}

// Where the container does not say: the longest of what its streams say.
std::optional<std::int64_t> longest(const Json& streams) {
  std::optional<std::int64_t> duration;
  for (const Json& stream : streams) {
    auto of_stream = time(stream, "duration");
    if (!of_stream) of_stream = clockMilliseconds(tag(stream, "DURATION"));
    if (of_stream && !isSet(stream, "attached_pic")) duration = std::max(duration.value_or(0), *of_stream);
  }
  return duration;
}

std::expected<MediaFacts, std::string> factsOf(const Json& answer) {
  const Json& error = member(answer, "error");
  if (error.is_object()) {
    const std::string why = text(error, "string");
    return std::unexpected(why.empty() ? "ffprobe failed and does not say why" : why);
  }
  const Json& format = member(answer, "format");
  const Json& streams = member(answer, "streams");
  const Json& chapters = member(answer, "chapters");
  if (!format.is_object()) return std::unexpected("the answer of ffprobe names no format");
  if (streams.size() > kMaxStreams) return std::unexpected("the file has too many streams");
  if (chapters.size() > kMaxChapters) return std::unexpected("the file has too many chapters");

  MediaFacts facts;
  facts.container = known(text(format, "format_name"));
  facts.duration_ms = time(format, "duration");
  if (!facts.duration_ms) facts.duration_ms = longest(streams);
  facts.bit_rate = bitRate(format);
  addTags(facts.tags, format);
  const Json* sound = nullptr;
  for (const Json& json : streams) {
    facts.streams.push_back(streamOf(json, facts.streams.size()));
    if (facts.streams.back().kind == StreamKind::kAudio && sound == nullptr) sound = &json;
  }
  for (const Json& json : chapters) {
    if (auto chapter = chapterOf(json)) facts.chapters.push_back(*std::move(chapter));
  }
  // Ogg keeps the tags of a song with its stream; in a film they are those of one language.
  const auto moves = [](const Stream& stream) { return stream.kind == StreamKind::kVideo; };
  if (sound != nullptr && std::ranges::none_of(facts.streams, moves)) addTags(facts.tags, *sound);
  return facts;
}

}  // namespace

std::vector<std::string> probeArguments(const std::string& path) {
  return {"-v",
          "error",
          "-hide_banner",
          "-print_format",
          "json",
          "-show_format",
          "-show_streams",
          "-show_chapters",
          "-show_error",
          "-protocol_whitelist",
          "file",
          "-format_whitelist",
          kFormats,
          "-i",
          "file:" + path};
}

std::expected<MediaFacts, std::string> readProbe(std::string_view json) {
  if (json.size() > kMaxProbeBytes) return std::unexpected("the answer of ffprobe is too long");
  std::string legible;
  if (!naming::isUtf8(json)) json = legible = repaired(json);
  Bounds bounds;
  if (!Json::sax_parse(json, &bounds)) return std::unexpected(bounds.why());
  return factsOf(Json::parse(json, nullptr, false));
}

}  // namespace library::media
