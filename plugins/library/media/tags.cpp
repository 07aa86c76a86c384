#include "tags.hpp"

#include <algorithm>
#include <optional>

#include "naming/text.hpp"

namespace library::media {
namespace {

struct TextTag {
  std::string_view key;  // as naming::comparisonKey() has it
  std::string Tags::* field;
};
constexpr TextTag kTexts[] = {
    {"title", &Tags::title}, {"artist", &Tags::artist}, {"albumartist", &Tags::album_artist},
    {"album", &Tags::album}, {"date", &Tags::date},     {"year", &Tags::date},
    {"genre", &Tags::genre},
};
// A track of MusicBrainz is a recording on a release; its own tag of old means the recording.
constexpr TextTag kIds[] = {
    {"musicbrainztrackid", &Tags::musicbrainz_recording},
    {"musicbrainzreleasetrackid", &Tags::musicbrainz_track},
    {"musicbrainzalbumid", &Tags::musicbrainz_album},
    {"musicbrainzartistid", &Tags::musicbrainz_artist},
    {"musicbrainzalbumartistid", &Tags::musicbrainz_album_artist},
    {"musicbrainzreleasegroupid", &Tags::musicbrainz_release_group},
};

struct NumberTag {
  std::string_view key;
  std::optional<int> Tags::* number;
  std::optional<int> Tags::* total;  // what follows the slash in "3/12"; null: no such thing
};
constexpr NumberTag kNumbers[] = {
    {"track", &Tags::track, &Tags::tracks}, {"tracknumber", &Tags::track, &Tags::tracks},
    {"tracktotal", &Tags::tracks, nullptr}, {"totaltracks", &Tags::tracks, nullptr},
    {"disc", &Tags::disc, &Tags::discs},    {"discnumber", &Tags::disc, &Tags::discs},
    {"disctotal", &Tags::discs, nullptr},   {"totaldiscs", &Tags::discs, nullptr},
};

constexpr std::size_t kIdLength = 36;  // 8-4-4-4-12 hexadecimal digits

bool isId(std::string_view text) {
  if (text.size() != kIdLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = naming::asciiLower(text[i]);
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !naming::isDigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

void setNumber(std::optional<int>& field, std::string_view text) {
  const int value = naming::leadingNumber(naming::trimmed(text));
  if (!field && value >= 0) field = value;
}

void setDate(Tags& tags, std::string text) {
  // The year stands first, or alone: "1979", "1979-11-30", "1979/11".
  const bool year = naming::countDigits(text) == 4;
  if (year && !tags.year) tags.year = naming::leadingNumber(text);
  if (tags.date.empty()) tags.date = std::move(text);
}

}  // namespace

void addTag(Tags& tags, std::string_view name, std::string_view value) {
  if (name.size() > 64) return;
  const std::string key = naming::comparisonKey(name);
  const auto named = [&key](const auto& tag) { return tag.key == key; };
  if (const auto* tag = std::ranges::find_if(kTexts, named); tag != std::end(kTexts)) {
    std::string text(naming::trimmed(naming::displayForm(value)));
    if (tag->field == &Tags::date) return setDate(tags, std::move(text));
    if ((tags.*tag->field).empty()) tags.*tag->field = std::move(text);
    return;
  }
  if (const auto* tag = std::ranges::find_if(kIds, named); tag != std::end(kIds)) {
    const std::string_view id = naming::trimmed(value).substr(0, kIdLength);
    if (isId(id) && (tags.*tag->field).empty()) tags.*tag->field = naming::asciiLowered(id);
    return;
  }
  if (const auto* tag = std::ranges::find_if(kNumbers, named); tag != std::end(kNumbers)) {
    setNumber(tags.*tag->number, value);
    const std::size_t slash = value.find('/');
    if (tag->total != nullptr && slash != std::string_view::npos)
      setNumber(tags.*tag->total, value.substr(slash + 1));
  }
}

}  // namespace library::media
