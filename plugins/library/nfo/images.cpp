#include "images.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <optional>

#include "naming/text.hpp"
#include "values.hpp"

namespace library::nfo {
namespace {

constexpr std::size_t kMaxPlace = 2048;

struct Word {
  std::string_view word;
  ImageKind kind;
};
constexpr Word kWords[] = {
    {"poster", ImageKind::kPoster},     {"cover", ImageKind::kPoster},
    {"fanart", ImageKind::kFanart},     {"backdrop", ImageKind::kFanart},
    {"clearlogo", ImageKind::kLogo},    {"logo", ImageKind::kLogo},
    {"banner", ImageKind::kBanner},     {"landscape", ImageKind::kLandscape},
    {"clearart", ImageKind::kClearArt}, {"discart", ImageKind::kDisc},
    {"disc", ImageKind::kDisc},         {"cdart", ImageKind::kDisc},
    {"still", ImageKind::kStill},
};

// What a picture is that is only called one.
ImageKind plainKind(Root root) { return root == Root::kEpisode ? ImageKind::kStill : ImageKind::kPoster; }

// A "thumb" is the cover or portrait of music, a frame of an episode, and a wide picture of all else.
ImageKind thumbKind(Root root) {
  switch (root) {
    case Root::kEpisode:
      return ImageKind::kStill;
    case Root::kArtist:
    case Root::kAlbum:
      return ImageKind::kPoster;
    default:
      return ImageKind::kLandscape;
  }
}

std::optional<ImageKind> kindOf(Root root, std::string_view word) {
  if (word == "thumb") return thumbKind(root);
  const auto* found = std::ranges::find(kWords, word, &Word::word);
  return found == std::end(kWords) ? std::nullopt : std::optional(found->kind);
}

void add(Entry& entry, ImageKind kind, std::string place) {
  auto& images = entry.nfo.images;
  if (place.empty() || std::ranges::find(images, kind, &Image::kind) != images.end()) return;
  images.push_back({kind, std::move(place)});
}

// A picture of one season, in the file of the show.
bool isOfSeason(const Element& element) {
  return element.attribute("type") == "season" || wholeNumber(element.attribute("season")).has_value();
}

}  // namespace

std::string placeOf(Entry& entry, const Element& element) {
  const std::string_view place = withoutSpace(element.text);
  if (place.size() > kMaxPlace || place.find_first_of("\t\r\n") != std::string_view::npos) {
    entry.refuse(element, "is no place of a picture");
    return {};
  }
  return std::string(place);
}

void thumb(Entry& entry, const Element& element) {
  const Root root = entry.nfo.root;
  if (isOfSeason(element) && root != Root::kSeason) return;
  const std::string aspect = naming::asciiLowered(withoutSpace(element.attribute("aspect")));
  const auto kind = aspect.empty() ? plainKind(root) : kindOf(root, aspect);
  if (kind) add(entry, *kind, placeOf(entry, element));
}

void fanart(Entry& entry, const Element& element) {
  if (element.children.empty()) return add(entry, ImageKind::kFanart, placeOf(entry, element));
  for (const Element& child : element.children) {
    if (child.name != "thumb") continue;
    std::string place = placeOf(entry, child);
    if (place.empty()) continue;
    // Where the pictures have one address up to there, some write it once.
    if (!place.contains("://")) place.insert(0, withoutSpace(element.attribute("url")));
    return add(entry, ImageKind::kFanart, std::move(place));
  }
}

void art(Entry& entry, const Element& element) {
  for (const Element& child : element.children) {
    if (const auto kind = kindOf(entry.nfo.root, child.name)) add(entry, *kind, placeOf(entry, child));
  }
}

bool addNamedImage(Entry& entry, const Element& element) {
  const auto* found = std::ranges::find(kWords, element.name, &Word::word);
  if (found == std::end(kWords) || !element.children.empty()) return false;
  add(entry, found->kind, placeOf(entry, element));
  return true;
}

}  // namespace library::nfo
