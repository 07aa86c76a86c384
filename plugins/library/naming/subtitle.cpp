#include "subtitle.hpp"

#include <algorithm>
#include <vector>

#include "episode.hpp"
#include "language.hpp"
#include "path_parts.hpp"
#include "text.hpp"

namespace library::naming {
namespace {

enum class Flag { kNone, kForced, kDefault, kHearingImpaired };

struct FlagWord {
  std::string_view word;
  Flag flag;
};
constexpr FlagWord kFlags[] = {{"forced", Flag::kForced},       {"foreign", Flag::kForced},
                               {"force", Flag::kForced},        {"default", Flag::kDefault},
                               {"sdh", Flag::kHearingImpaired}, {"cc", Flag::kHearingImpaired},
                               {"hoh", Flag::kHearingImpaired}, {"hearing impaired", Flag::kHearingImpaired}};

constexpr std::size_t kMaxPieces = 64;

Flag flagOf(std::string_view word) {
  for (const FlagWord& known : kFlags) {
    if (equalsIgnoringCase(known.word, word)) return known.flag;
  }
  return Flag::kNone;
}

void set(SubtitleName& subtitle, Flag flag) {
  subtitle.is_forced = subtitle.is_forced || flag == Flag::kForced;
  subtitle.is_default = subtitle.is_default || flag == Flag::kDefault;
  subtitle.is_hearing_impaired = subtitle.is_hearing_impaired || flag == Flag::kHearingImpaired;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> pieces;
  while (!text.empty() && pieces.size() < kMaxPieces) {
    const std::size_t end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) pieces.push_back(text.substr(0, end));
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return pieces;
}

// Whether nothing but a flag, a language or a number is said; a second language is not one.
bool readPiece(std::string_view piece, SubtitleName& subtitle) {
  if (const Flag flag = flagOf(piece); flag != Flag::kNone) {
    set(subtitle, flag);
    return true;
  }
  if (isAllDigits(piece)) return true;
  const std::string language = languageTag(piece);
  if (language.empty()) return false;
  // "hi" beside a language is "hearing impaired".
  if (subtitle.language == "hi" && language != "hi") {
    subtitle.is_hearing_impaired = true;
    subtitle.language = language;
    return true;
  }
  if (!subtitle.language.empty()) return false;
  subtitle.language = language;
  return true;
}

bool readWords(std::string_view piece, SubtitleName& subtitle) {
  const std::vector<std::string_view> words = split(piece, " _-[](),+");
  if (words.size() < 2) return words.size() == 1 && readPiece(words.front(), subtitle);
  SubtitleName tried = subtitle;
  for (std::size_t i = words.size(); i > 0; --i) {
    if (!readPiece(words[i - 1], tried)) return false;
  }
  subtitle = std::move(tried);
  return true;
}

bool isBoundary(char c) { return std::string_view(" ._-[(+").contains(c); }

// The part of the stem behind the name of its video; nothing: it is named otherwise.
std::optional<std::string> behindVideo(std::string_view stem, std::string_view video_stem) {
  const std::string name = displayForm(stem);
  const std::string video = displayForm(video_stem);
  if (video.empty() || name.size() < video.size() || folded(name.substr(0, video.size())) != folded(video)) {
    return std::nullopt;
  }
  if (name.size() > video.size() && !isBoundary(name[video.size()])) return std::nullopt;
  return name.substr(video.size());
}

std::string keyOf(const EpisodeName& episode) {
  if (episode.episodes.empty() && !episode.absolute) return {};
  std::string key = std::to_string(episode.season.value_or(-1));
  for (const int number : episode.episodes) key += "," + std::to_string(number);
  return key + ";" + std::to_string(episode.absolute.value_or(-1));
}

std::optional<std::size_t> onlyOne(std::span<const std::string_view> videos, auto matches) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < videos.size(); ++i) {
    if (!matches(videos[i])) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

}  // namespace

bool isSubtitleFolder(std::string_view name) {
  for (const std::string_view known :
       {"subs", "sub", "subtitles", "subtitle", "vobsubs", "vobsub", "legendas", "sottotitoli", "untertitel",
        "sous-titres", "subtitulos"}) {
    if (equalsIgnoringCase(name, known)) return true;
  }
  return false;
}

SubtitleName parseSubtitle(std::string_view file_name, std::string_view video_stem) {
  const PathParts parts = splitPath(file_name);
  const auto behind = behindVideo(parts.stem, video_stem);
  const std::string text = behind ? *behind : displayForm(parts.stem);
  const std::vector<std::string_view> pieces = split(text, ".");
  SubtitleName subtitle;
  std::vector<std::string_view> title;
  for (std::size_t i = pieces.size(); i > 0; --i) {
    const std::string_view piece = trimmed(pieces[i - 1], " _-");
    if (piece.empty() || readPiece(piece, subtitle) || readWords(piece, subtitle)) continue;
    if (!behind) break;
    title.push_back(piece);
  }
  for (auto piece = title.rbegin(); piece != title.rend(); ++piece) {
    if (!subtitle.title.empty()) subtitle.title += ' ';
    subtitle.title += trimmed(*piece, " _-[]()");
  }
  return subtitle;
}

std::optional<std::size_t> matchSubtitle(std::string_view subtitle_path,
                                         std::span<const std::string_view> videos) {
  const PathParts parts = splitPath(subtitle_path);
  const auto longest = [&](std::string_view stem) {
    std::optional<std::size_t> found;
    std::size_t length = 0;
    for (std::size_t i = 0; i < videos.size(); ++i) {
      const std::string_view video = splitPath(videos[i]).stem;
      if (video.size() <= length || !behindVideo(stem, video)) continue;
      found = i;
      length = video.size();
    }
    return found;
  };
  if (const auto found = longest(parts.stem)) return found;
  for (std::size_t i = 0; i < parts.folders.size(); ++i) {
    const std::string key = comparisonKey(parts.folder(i));
    if (isSubtitleFolder(parts.folder(i))) continue;
    const auto found =
        onlyOne(videos, [&](std::string_view video) { return comparisonKey(splitPath(video).stem) == key; });
    if (found) return found;
  }
  const std::string episode = keyOf(parseEpisode(parts.file));
  if (!episode.empty()) {
    const auto found =
        onlyOne(videos, [&](std::string_view video) { return keyOf(parseEpisode(video)) == episode; });
    if (found) return found;
  }
  const bool in_folder = std::ranges::any_of(parts.folders, isSubtitleFolder);
  return videos.size() == 1 && in_folder ? std::optional<std::size_t>(0) : std::nullopt;
}

}  // namespace library::naming
