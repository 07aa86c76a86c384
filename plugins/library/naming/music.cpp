#include "music.hpp"

#include <algorithm>
#include <vector>

#include "ids.hpp"
#include "lexed_name.hpp"
#include "path_parts.hpp"
#include "text.hpp"
#include "title_span.hpp"

namespace library::naming {
namespace {

constexpr std::string_view kDiscWords[] = {"digital media", "volume", "part", "disc",
                                           "disk",          "vol",    "act",  "cd"};

std::vector<std::string> splitDashes(std::string_view text) {
  std::vector<std::string> pieces;
  while (pieces.size() < 16) {
    const std::size_t dash = text.find(" - ");
    const std::string piece = asTitle(text.substr(0, dash));
    if (!piece.empty()) pieces.push_back(piece);
    if (dash == std::string_view::npos) break;
    text.remove_prefix(dash + 3);
  }
  return pieces;
}

struct Numbered {
  std::optional<int> disc;
  std::optional<int> track;
  std::size_t end = 0;  // behind the number and what separates it
};

// "01 - ", "01. ", "1-01 ", "103 " of disc one, "A1 ".
Numbered readNumber(std::string_view text) {
  Numbered found;
  const std::size_t digits = countDigits(text);
  if (digits == 0 || digits > 3) return found;
  const std::string_view rest = text.substr(digits);
  if (digits <= 2 && rest.size() > 2 && (rest[0] == '-' || rest[0] == '.') &&
      countDigits(rest.substr(1)) == 2 && rest.size() > 3 && !isDigit(rest[3])) {
    found.disc = leadingNumber(text);
    found.track = leadingNumber(rest.substr(1));
    found.end = digits + 3;
  } else {
    const int number = leadingNumber(text);
    if (digits == 3 && (number < 101 || number % 100 == 0)) return found;
    found.track = digits == 3 ? number % 100 : number;
    if (digits == 3) found.disc = number / 100;
    found.end = digits;
  }
  const std::size_t separators = text.find_first_not_of(" ._-)", found.end);
  if (separators == std::string_view::npos) {
    found.end = text.size();
    return found;
  }
  // "99 Luftballons" has one digit run and a space: a number without a dash or a dot needs its leading zero.
  const std::string_view between = text.substr(found.end, separators - found.end);
  const bool plain = between == " " && text.front() != '0' && digits != 3 && !found.disc;
  if (between.empty() || (plain && digits < 2)) return {};
  found.end = separators;
  return found;
}

// "Album (1999) [FLAC]", "1999 - Album", "Artist - Album"; the artist may be said by the folder above already.
void readAlbum(std::string_view folder, TrackName& track) {
  std::string text = displayForm(folder);
  takeMarks(text);
  constexpr std::string_view kDash = " - ";
  if (const std::size_t dash = text.find(kDash); dash != std::string::npos) {
    const std::string before = asTitle(std::string_view(text).substr(0, dash));
    const bool repeats = comparisonKey(before) == comparisonKey(track.artist);
    if (repeats || (track.artist.empty() && !isAllDigits(before))) {
      track.artist = before;
      text.erase(0, dash + kDash.size());
    }
  }
  const LexedName name(std::move(text));
  const TitleSpan span = readTitle(name);
  track.album = span.title.empty() ? asTitle(name.text()) : span.title;
  track.year = span.year;
}

}  // namespace

std::optional<int> discOfFolder(std::string_view bytes) {
  const std::string name = folded(displayForm(bytes));
  for (const std::string_view word : kDiscWords) {
    if (!name.starts_with(word)) continue;
    const std::size_t at = name.find_first_not_of(" ._-#", word.size());
    if (at == std::string::npos || !isDigit(name[at])) return std::nullopt;
    const std::string_view number = std::string_view(name).substr(at);
    const std::size_t digits = countDigits(number);
    if (digits > 3) return std::nullopt;
    const bool ends = digits == number.size() || !isAsciiLetter(number[digits]);
    return ends ? std::optional(leadingNumber(number)) : std::nullopt;
  }
  return std::nullopt;
}

TrackName parseTrack(std::string_view path) {
  const PathParts parts = splitPath(path);
  TrackName track;
  std::size_t level = 0;
  if (const auto disc = discOfFolder(parts.folder(0)); disc && parts.folders.size() > 1) {
    track.disc = disc;
    level = 1;
  }
  if (!parts.folder(level + 1).empty()) {
    std::string artist = displayForm(parts.folder(level + 1));
    takeMarks(artist);
    track.artist = asTitle(artist);
  }
  if (!parts.folder(level).empty()) readAlbum(parts.folder(level), track);
  const std::string stem = displayForm(parts.stem);
  const Numbered number = readNumber(stem);
  if (number.disc && !track.disc) track.disc = number.disc;
  track.track = number.track;
  std::vector<std::string> pieces = splitDashes(std::string_view(stem).substr(number.end));
  if (pieces.empty()) {
    track.title = asTitle(stem);
    if (track.title.empty()) track.title = stem;
    return track;
  }
  // "Artist - Album - 01 - Title" and "Artist - 01 - Title"
  for (std::size_t i = 0; i + 1 < pieces.size() && !track.track; ++i) {
    if (!isAllDigits(pieces[i]) || pieces[i].size() > 2) continue;
    track.track = leadingNumber(pieces[i]);
    if (i >= 1 && track.artist.empty()) track.artist = pieces[0];
    if (i >= 2 && track.album.empty()) track.album = pieces[1];
    pieces.erase(pieces.begin(), pieces.begin() + static_cast<std::ptrdiff_t>(i) + 1);
  }
  // "Artist - Title"; a title may have a dash of its own.
  if (pieces.size() >= 2) {
    const bool is_artist = track.artist.empty() || comparisonKey(pieces[0]) == comparisonKey(track.artist);
    if (is_artist) {
      track.artist = pieces[0];
      pieces.erase(pieces.begin());
      if (pieces.size() >= 2 && !track.album.empty() &&
          comparisonKey(pieces[0]) == comparisonKey(track.album)) {
        pieces.erase(pieces.begin());
      }
    }
  }
  for (const std::string& piece : pieces) track.title += (track.title.empty() ? "" : " - ") + piece;
  return track;
}

}  // namespace library::naming
