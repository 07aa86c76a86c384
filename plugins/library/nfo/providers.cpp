#include "providers.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "naming/text.hpp"
#include "values.hpp"

namespace library::nfo {
namespace {

enum class Shape : std::uint8_t { kNumber, kImdb, kUuid, kWord };

struct Provider {
  std::string_view name;  // without '_', '-' and space, and without "id" behind it
  std::string_view provider;
  Shape shape;
};
constexpr Provider kProviders[] = {
    {"imdb", "imdb", Shape::kImdb},
    {"tmdb", "tmdb", Shape::kNumber},
    {"themoviedb", "tmdb", Shape::kNumber},
    {"moviedb", "tmdb", Shape::kNumber},
    {"tvdb", "tvdb", Shape::kNumber},
    {"thetvdb", "tvdb", Shape::kNumber},
    {"tmdbcol", kCollection, Shape::kNumber},
    {"tmdbcollection", kCollection, Shape::kNumber},
    {"tmdbset", kCollection, Shape::kNumber},
    {"tvmaze", "tvmaze", Shape::kNumber},
    {"tvrage", "tvrage", Shape::kNumber},
    {"anidb", "anidb", Shape::kNumber},
    {"anilist", "anilist", Shape::kNumber},
    {"myanimelist", "myanimelist", Shape::kNumber},
    {"mal", "myanimelist", Shape::kNumber},
    {"trakt", "trakt", Shape::kWord},
    {"wikidata", "wikidata", Shape::kWord},
    {"zap2it", "zap2it", Shape::kWord},
    {"audiodbartist", "audiodb_artist", Shape::kNumber},
    {"audiodbalbum", "audiodb_album", Shape::kNumber},
    {"musicbrainzalbum", "musicbrainz_album", Shape::kUuid},
    {"musicbrainzartist", "musicbrainz_artist", Shape::kUuid},
    {"musicbrainzalbumartist", "musicbrainz_album_artist", Shape::kUuid},
    {"musicbrainzreleasegroup", "musicbrainz_release_group", Shape::kUuid},
    {"musicbrainzrecording", "musicbrainz_recording", Shape::kUuid},
    {"musicbrainztrack", "musicbrainz_recording", Shape::kUuid},
};

constexpr std::size_t kMaxProvider = 40;
constexpr std::size_t kMaxId = 128;
constexpr std::size_t kMaxNumber = 10;
constexpr std::size_t kUuidLength = 36;  // 8-4-4-4-12 hexadecimal digits

bool isUuid(std::string_view text) {
  if (text.size() != kUuidLength) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !naming::isDigit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

bool isWord(std::string_view text, std::size_t most) {
  const auto is_plain = [](char c) {
    return naming::isDigit(c) || naming::isAsciiLetter(c) || std::string_view("_-.:/").contains(c);
  };
  return !text.empty() && text.size() <= most && std::ranges::all_of(text, is_plain);
}

std::optional<std::string> numberOf(std::string_view text) {
  if (!naming::isAllDigits(text)) return std::nullopt;
  text.remove_prefix(std::min(text.find_first_not_of('0'), text.size()));
  if (text.empty() || text.size() > kMaxNumber) return std::nullopt;
  return std::string(text);
}

std::optional<std::string> imdbOf(std::string_view lower) {
  const std::string_view digits = lower.substr(lower.starts_with("tt") ? 2 : 0);
  // People and companies have other letters before the number.
  if (!naming::isAllDigits(digits) || digits.size() > kMaxNumber ||
      digits.find_first_not_of('0') == std::string_view::npos) {
    return std::nullopt;
  }
  return "tt" + std::string(digits.size() < 7 ? 7 - digits.size() : 0, '0') + std::string(digits);
}

const Provider* find(std::string_view name) {
  const auto* found = std::ranges::find(kProviders, name, &Provider::name);
  return found == std::end(kProviders) ? nullptr : found;
}

}  // namespace

std::string_view knownProvider(std::string_view name) {
  if (name.size() > kMaxProvider) return {};
  std::string key = naming::asciiLowered(name);
  std::erase_if(key, [](char c) { return c == '_' || c == '-' || c == ' '; });
  if (key == "collectionnumber") return kCollection;
  const Provider* found = find(key);
  if (found == nullptr && key.ends_with("id")) found = find(std::string_view(key).substr(0, key.size() - 2));
  return found == nullptr ? std::string_view() : found->provider;
}

std::string providerOf(std::string_view name) {
  name = withoutSpace(name);
  if (const std::string_view known = knownProvider(name); !known.empty()) return std::string(known);
  return isWord(name, kMaxProvider) ? naming::asciiLowered(name) : std::string();
}

std::optional<std::string> idOf(std::string_view provider, std::string_view text) {
  text = withoutSpace(text);
  const auto* known = std::ranges::find(kProviders, provider, &Provider::provider);
  switch (known == std::end(kProviders) ? Shape::kWord : known->shape) {
    case Shape::kNumber:
      return numberOf(text);
    case Shape::kImdb:
      return imdbOf(naming::asciiLowered(text.substr(0, kMaxId)));
    case Shape::kUuid: {
      // Of several, the first.
      std::string id = naming::asciiLowered(text.substr(0, kUuidLength));
      return isUuid(id) ? std::optional(std::move(id)) : std::nullopt;
    }
    case Shape::kWord:
      break;
  }
  return isWord(text, kMaxId) ? std::optional(std::string(text)) : std::nullopt;
}

}  // namespace library::nfo
