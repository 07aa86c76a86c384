#include <nlohmann/json.hpp>

#include "nfo.hpp"

namespace library::nfo {
namespace {

using Json = nlohmann::ordered_json;

const char* nameOf(Root root) {
  switch (root) {
    case Root::kMovie:
      return "movie";
    case Root::kShow:
      return "show";
    case Root::kSeason:
      return "season";
    case Root::kEpisode:
      return "episode";
    case Root::kMusicVideo:
      return "music_video";
    case Root::kArtist:
      return "artist";
    case Root::kAlbum:
      return "album";
    case Root::kAddress:
      break;
  }
  return "address";
}

const char* nameOf(ImageKind kind) {
  switch (kind) {
    case ImageKind::kPoster:
      return "poster";
    case ImageKind::kFanart:
      return "fanart";
    case ImageKind::kLogo:
      return "logo";
    case ImageKind::kBanner:
      return "banner";
    case ImageKind::kLandscape:
      return "landscape";
    case ImageKind::kClearArt:
      return "clear_art";
    case ImageKind::kDisc:
      return "disc";
    case ImageKind::kStill:
      break;
  }
  return "still";
}

// Null: not known, and left out.
const char* nameOf(Status status) {
  switch (status) {
    case Status::kContinuing:
      return "continuing";
    case Status::kEnded:
      return "ended";
    case Status::kUpcoming:
      return "upcoming";
    case Status::kCancelled:
      return "cancelled";
    case Status::kUnknown:
      break;
  }
  return nullptr;
}

const char* nameOf(Stereo stereo) {
  switch (stereo) {
    case Stereo::kSideBySide:
      return "side_by_side";
    case Stereo::kHalfSideBySide:
      return "half_side_by_side";
    case Stereo::kTopBottom:
      return "top_bottom";
    case Stereo::kHalfTopBottom:
      return "half_top_bottom";
    case Stereo::kNone:
      break;
  }
  return nullptr;
}

void put(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}
void put(Json& json, const char* name, const char* word) {
  if (word != nullptr) json[name] = word;
}
template <typename Number>
void put(Json& json, const char* name, const std::optional<Number>& number) {
  if (number) json[name] = *number;
}
void put(Json& json, const char* name, bool truth) {
  if (truth) json[name] = true;
}
void put(Json& json, const char* name, const std::vector<std::string>& texts) {
  if (!texts.empty()) json[name] = texts;
}
void put(Json& json, const char* name, Json value) {
  if (!value.empty()) json[name] = std::move(value);
}

Json toJsonValue(const Rating& rating) {
  Json json = Json::object();
  put(json, "source", rating.source);
  json["value"] = rating.value;
  put(json, "votes", rating.votes);
  put(json, "default", rating.is_default);
  return json;
}

Json toJsonValue(const Person& person) {
  Json json = Json::object();
  put(json, "name", person.name);
  put(json, "role", person.role);
  put(json, "type", person.type);
  put(json, "image", person.image);
  return json;
}

Json toJsonValue(const Image& image) { return {{"kind", nameOf(image.kind)}, {"place", image.place}}; }

Json toJsonValue(const Collection& collection) {
  Json json = Json::object();
  put(json, "name", collection.name);
  put(json, "overview", collection.overview);
  put(json, "tmdb", collection.tmdb);
  return json;
}

Json toJsonValue(const std::pair<const int, NamedSeason>& season) {
  Json json = {{"number", season.first}};
  put(json, "name", season.second.name);
  put(json, "plot", season.second.plot);
  return json;
}

Json toJsonValue(const StreamDetails& streams) {
  Json json = Json::object();
  put(json, "duration_s", streams.duration_s);
  put(json, "stereo", nameOf(streams.stereo));
  put(json, "audio_languages", streams.audio_languages);
  put(json, "subtitle_languages", streams.subtitle_languages);
  return json;
}

template <typename Items>
Json toJsonList(const Items& items) {
  Json json = Json::array();
  for (const auto& item : items) json.push_back(toJsonValue(item));
  return json;
}

}  // namespace

std::string toJson(const Nfo& nfo) {
  Json json = Json::object();
  put(json, "root", nameOf(nfo.root));
  put(json, "title", nfo.title);
  put(json, "original_title", nfo.original_title);
  put(json, "sort_title", nfo.sort_title);
  put(json, "show_title", nfo.show_title);
  put(json, "artist", nfo.artist);
  put(json, "year", nfo.year);
  put(json, "date", nfo.date);
  put(json, "plot", nfo.plot);
  put(json, "outline", nfo.outline);
  put(json, "tagline", nfo.tagline);
  put(json, "certification", nfo.certification);
  put(json, "runtime_min", nfo.runtime_min);
  put(json, "season", nfo.season);
  put(json, "episode", nfo.episode);
  put(json, "display_season", nfo.display_season);
  put(json, "display_episode", nfo.display_episode);
  put(json, "status", nameOf(nfo.status));
  put(json, "seasons", toJsonList(nfo.seasons));
  put(json, "ids", Json(nfo.ids));
  if (nfo.collection) put(json, "collection", toJsonValue(*nfo.collection));
  put(json, "ratings", toJsonList(nfo.ratings));
  put(json, "user_rating", nfo.user_rating);
  put(json, "genres", nfo.genres);
  put(json, "studios", nfo.studios);
  put(json, "countries", nfo.countries);
  put(json, "tags", nfo.tags);
  put(json, "directors", nfo.directors);
  put(json, "writers", nfo.writers);
  put(json, "actors", toJsonList(nfo.actors));
  put(json, "images", toJsonList(nfo.images));
  if (nfo.streams) put(json, "streams", toJsonValue(*nfo.streams));
  put(json, "locked", nfo.is_locked);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace library::nfo
