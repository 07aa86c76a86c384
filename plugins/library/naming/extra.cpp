#include "extra.hpp"

#include <optional>

#include "path_parts.hpp"
#include "text.hpp"

namespace library::naming {
namespace {

// Which separators make the word at the end of a name the mark of an extra: a dash always does.
enum class Mark : std::uint8_t { kDash, kAny };

struct Suffix {
  std::string_view word;
  ExtraType type;
  Mark mark;
};
constexpr Suffix kSuffixes[] = {
    {"trailer", ExtraType::kTrailer, Mark::kAny},
    {"teaser", ExtraType::kTrailer, Mark::kDash},
    {"sample", ExtraType::kSample, Mark::kDash},
    {"behindthescenes", ExtraType::kBehindTheScenes, Mark::kAny},
    {"behind the scenes", ExtraType::kBehindTheScenes, Mark::kAny},
    {"makingof", ExtraType::kBehindTheScenes, Mark::kDash},
    {"making of", ExtraType::kBehindTheScenes, Mark::kDash},
    {"deletedscene", ExtraType::kDeletedScene, Mark::kAny},
    {"deletedscenes", ExtraType::kDeletedScene, Mark::kAny},
    {"deleted scene", ExtraType::kDeletedScene, Mark::kAny},
    {"deleted scenes", ExtraType::kDeletedScene, Mark::kAny},
    {"deleted", ExtraType::kDeletedScene, Mark::kDash},
    {"featurette", ExtraType::kFeaturette, Mark::kAny},
    {"interview", ExtraType::kInterview, Mark::kDash},
    {"scene", ExtraType::kScene, Mark::kDash},
    {"short", ExtraType::kShort, Mark::kDash},
    {"clip", ExtraType::kClip, Mark::kDash},
    {"extra", ExtraType::kOther, Mark::kDash},
    {"other", ExtraType::kOther, Mark::kDash},
    {"theme", ExtraType::kThemeSong, Mark::kDash},
};

// Whether a folder so named at the top of a library is of extras too; "Extras" and "Shorts" may be titles.
enum class AtTop : std::uint8_t { kNo, kYes };

struct Folder {
  std::string_view key;
  ExtraType type;
  AtTop at_top;
};
constexpr Folder kFolders[] = {
    {"trailers", ExtraType::kTrailer, AtTop::kYes},
    {"trailer", ExtraType::kTrailer, AtTop::kNo},
    {"teasers", ExtraType::kTrailer, AtTop::kYes},
    {"behindthescenes", ExtraType::kBehindTheScenes, AtTop::kYes},
    {"makingof", ExtraType::kBehindTheScenes, AtTop::kNo},
    {"deletedscenes", ExtraType::kDeletedScene, AtTop::kYes},
    {"deletedscene", ExtraType::kDeletedScene, AtTop::kNo},
    {"deleted", ExtraType::kDeletedScene, AtTop::kNo},
    {"featurettes", ExtraType::kFeaturette, AtTop::kYes},
    {"featurette", ExtraType::kFeaturette, AtTop::kNo},
    {"interviews", ExtraType::kInterview, AtTop::kNo},
    {"interview", ExtraType::kInterview, AtTop::kNo},
    {"scenes", ExtraType::kScene, AtTop::kNo},
    {"shorts", ExtraType::kShort, AtTop::kNo},
    {"clips", ExtraType::kClip, AtTop::kNo},
    {"samples", ExtraType::kSample, AtTop::kNo},
    {"sample", ExtraType::kSample, AtTop::kNo},
    {"backdrops", ExtraType::kThemeVideo, AtTop::kNo},
    {"thememusic", ExtraType::kThemeSong, AtTop::kNo},
    {"extras", ExtraType::kOther, AtTop::kNo},
    {"extra", ExtraType::kOther, AtTop::kNo},
    {"bonus", ExtraType::kOther, AtTop::kNo},
    {"bonusmaterial", ExtraType::kOther, AtTop::kNo},
    {"bonusdisc", ExtraType::kOther, AtTop::kNo},
    {"specialfeatures", ExtraType::kOther, AtTop::kNo},
    {"other", ExtraType::kOther, AtTop::kNo},
    {"others", ExtraType::kOther, AtTop::kNo},
};

// Letters alone, in lower case: "Behind The Scenes" and "behind-the-scenes" are one.
std::string folderKey(std::string_view name) {
  std::string key;
  if (name.size() > 24) return key;
  for (const char c : name) {
    if (isAsciiLetter(c))
      key += asciiLower(c);
    else if (!std::string_view(" ._-").contains(c))
      return {};
  }
  return key;
}

const Folder* findFolder(std::string_view name) {
  const std::string key = folderKey(name);
  if (key.empty()) return nullptr;
  for (const Folder& folder : kFolders) {
    if (folder.key == key) return &folder;
  }
  return nullptr;
}

struct Found {
  ExtraType type;
  std::size_t begin;  // of the mark, with its separator
};

std::optional<Found> findSuffix(std::string_view stem) {
  std::size_t end = stem.size();
  while (end > 0 && stem.size() - end < 3 && isDigit(stem[end - 1])) --end;
  while (end > 0 && end < stem.size() && std::string_view(" ._-").contains(stem[end - 1])) --end;
  const std::string_view body = stem.substr(0, end);
  for (const Suffix& suffix : kSuffixes) {
    if (body.size() < suffix.word.size()) continue;
    const std::size_t at = body.size() - suffix.word.size();
    if (!equalsIgnoringCase(body.substr(at), suffix.word)) continue;
    if (at == 0) {
      // "trailer.mkv": the name is the mark.
      if (suffix.mark == Mark::kAny || suffix.word == "sample" || suffix.word == "theme")
        return Found{suffix.type, 0};
      continue;
    }
    const std::size_t separator = body.find_last_not_of(' ', at - 1);
    if (separator == std::string_view::npos) continue;
    const char before = separator == at - 1 || body[separator] == '-' ? body[separator] : ' ';
    const bool any = suffix.mark == Mark::kAny && std::string_view(" ._").contains(before);
    if (before == '-' || any) return Found{suffix.type, before == '-' ? separator : at - 1};
  }
  return std::nullopt;
}

}  // namespace

std::string_view extraTypeName(ExtraType type) {
  switch (type) {
    case ExtraType::kNone:
      return {};
    case ExtraType::kTrailer:
      return "trailer";
    case ExtraType::kBehindTheScenes:
      return "behindthescenes";
    case ExtraType::kDeletedScene:
      return "deletedscene";
    case ExtraType::kFeaturette:
      return "featurette";
    case ExtraType::kInterview:
      return "interview";
    case ExtraType::kScene:
      return "scene";
    case ExtraType::kShort:
      return "short";
    case ExtraType::kClip:
      return "clip";
    case ExtraType::kSample:
      return "sample";
    case ExtraType::kThemeSong:
      return "themesong";
    case ExtraType::kThemeVideo:
      return "themevideo";
    case ExtraType::kOther:
      return "other";
  }
  return {};
}

ExtraType extraFolder(std::string_view name) {
  const Folder* folder = findFolder(name);
  return folder != nullptr ? folder->type : ExtraType::kNone;
}

ExtraType extraByName(std::string_view stem) {
  const auto found = findSuffix(stem);
  return found ? found->type : ExtraType::kNone;
}

std::string_view withoutExtraMark(std::string_view stem) {
  const auto found = findSuffix(stem);
  return found ? trimmed(stem.substr(0, found->begin), " ._-") : stem;
}

ExtraType extraOf(std::string_view path) {
  const PathParts parts = splitPath(path);
  for (std::size_t i = 0; i < parts.folders.size(); ++i) {
    const Folder* folder = findFolder(parts.folder(i));
    if (folder == nullptr) continue;
    const bool at_top = i + 1 == parts.folders.size();
    if (!at_top || folder->at_top == AtTop::kYes) return folder->type;
  }
  return extraByName(parts.stem);
}

}  // namespace library::naming
