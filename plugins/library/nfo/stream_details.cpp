#include "stream_details.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "naming/language.hpp"
#include "naming/text.hpp"
#include "values.hpp"

namespace library::nfo {
namespace {

constexpr std::int64_t kMostSide = 100'000;  // pixels

struct Mode {
  std::string_view word;
  Stereo half;
  Stereo full;
};
// As Matroska names how both pictures lie in one frame; which eye is first does not matter for the layout.
constexpr Mode kModes[] = {
    {"left_right", Stereo::kHalfSideBySide, Stereo::kSideBySide},
    {"right_left", Stereo::kHalfSideBySide, Stereo::kSideBySide},
    {"top_bottom", Stereo::kHalfTopBottom, Stereo::kTopBottom},
    {"bottom_top", Stereo::kHalfTopBottom, Stereo::kTopBottom},
};

struct Format {
  std::string_view key;
  Stereo stereo;
};
constexpr Format kFormats[] = {
    {"hsbs", Stereo::kHalfSideBySide},
    {"halfsidebyside", Stereo::kHalfSideBySide},
    {"sbs", Stereo::kHalfSideBySide},
    {"fsbs", Stereo::kSideBySide},
    {"fullsidebyside", Stereo::kSideBySide},
    {"htab", Stereo::kHalfTopBottom},
    {"halftopandbottom", Stereo::kHalfTopBottom},
    {"tab", Stereo::kHalfTopBottom},
    {"ftab", Stereo::kTopBottom},
    {"fulltopandbottom", Stereo::kTopBottom},
};

std::string_view textOf(const Element& element, std::string_view name) {
  const Element* child = element.child(name);
  return child == nullptr ? std::string_view() : withoutSpace(child->text);
}

Stereo stereoOf(const Element& video) {
  const std::string word = naming::asciiLowered(textOf(video, "stereomode").substr(0, 32));
  const std::int64_t width = wholeNumber(textOf(video, "width")).value_or(0);
  const std::int64_t height = wholeNumber(textOf(video, "height")).value_or(0);
  const bool has_size = width > 0 && height > 0 && width < kMostSide && height < kMostSide;
  if (const auto* mode = std::ranges::find(kModes, word, &Mode::word); mode != std::end(kModes)) {
    // Two whole pictures make a frame far wider, or taller, than any picture is; a frame of no known size is
    // that of most files, with two halves.
    const bool is_wide = has_size && width * 10 > height * 28;
    const bool is_tall = has_size && width * 100 < height * 125;
    const bool is_full = mode->full == Stereo::kSideBySide ? is_wide : is_tall;
    return is_full ? mode->full : mode->half;
  }
  const std::string key = naming::comparisonKey(textOf(video, "format3d").substr(0, 32));
  const auto* format = std::ranges::find(kFormats, key, &Format::key);
  return format == std::end(kFormats) ? Stereo::kNone : format->stereo;
}

std::optional<std::int64_t> durationOf(const Element& video) {
  if (const auto whole = decimal(textOf(video, "durationinseconds")); whole && *whole >= 1 && *whole < 1e8) {
    return static_cast<std::int64_t>(*whole);
  }
  return seconds(textOf(video, "duration"), 10);
}

void addLanguage(std::vector<std::string>& languages, const Element& stream) {
  std::string tag = naming::languageTag(oneLine(textOf(stream, "language")));
  if (tag.empty()) tag = "und";
  if (languages.size() < kMaxListed && std::ranges::find(languages, tag) == languages.end()) {
    languages.push_back(std::move(tag));
  }
}

}  // namespace

void fileInfo(Entry& entry, const Element& element) {
  const Element* details = element.child("streamdetails");
  if (details == nullptr) return;
  StreamDetails streams;
  for (const Element& stream : details->children) {
    if (stream.name == "video") {
      if (!streams.duration_s) streams.duration_s = durationOf(stream);
      if (streams.stereo == Stereo::kNone) streams.stereo = stereoOf(stream);
    } else if (stream.name == "audio") {
      addLanguage(streams.audio_languages, stream);
    } else if (stream.name == "subtitle") {
      addLanguage(streams.subtitle_languages, stream);
    }
  }
  if (!entry.nfo.streams && streams != StreamDetails()) entry.nfo.streams = std::move(streams);
}

}  // namespace library::nfo
