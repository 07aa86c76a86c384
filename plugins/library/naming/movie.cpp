#include "movie.hpp"

#include <algorithm>
#include <array>

#include "extra.hpp"
#include "lexed_name.hpp"
#include "part.hpp"
#include "path_parts.hpp"
#include "text.hpp"
#include "title_span.hpp"

namespace library::naming {
namespace {

// Names that say nothing of what is in the file.
constexpr std::string_view kPlaceholders[] = {"movie",   "film",  "video", "index",  "main",
                                              "feature", "title", "vts",   "stream", "mainfeature",
                                              "file",    "avseq", "bdmv",  "videots"};

bool isPlaceholder(std::string_view stem) {
  const std::string key = comparisonKey(stem);
  if (key.size() <= 5 && key.starts_with("00") && isAllDigits(key)) return true;
  return std::ranges::any_of(kPlaceholders, [&](std::string_view word) {
    if (!key.starts_with(word)) return false;
    const std::string_view rest = std::string_view(key).substr(word.size());
    return rest.empty() || isAllDigits(rest);
  });
}

void append(std::string& list, std::string_view value) {
  if (value.empty() || list.contains(value)) return;
  if (!list.empty()) list += ' ';
  list += value;
}

bool isOrdinal(std::string_view word) {
  const std::size_t digits = countDigits(word);
  const std::string_view suffix = word.substr(digits);
  return digits > 0 && digits < 4 && (suffix == "th" || suffix == "st" || suffix == "nd" || suffix == "rd");
}

// "25th Anniversary Edition", of any number.
std::size_t readAnniversary(const LexedName& name, std::size_t at, std::string& edition) {
  const std::size_t count = name.tokens().size();
  if (at + 1 >= count || !isOrdinal(name.word(at)) || name.word(at + 1) != "anniversary") return 0;
  const bool has_edition = at + 2 < count && name.word(at + 2) == "edition";
  append(edition, std::string(name.word(at)) + " Anniversary" + (has_edition ? " Edition" : ""));
  return has_edition ? 3 : 2;
}

void readTags(const LexedName& name, const TitleSpan& span, MovieName& movie) {
  const auto& tokens = name.tokens();
  bool is_3d = false;
  std::string_view format;
  std::string_view asked;  // a word that means a format only beside "3d"
  for (std::size_t i = std::min(span.end, tokens.size()); i < tokens.size();) {
    if (const std::size_t taken = readAnniversary(name, i, movie.edition); taken > 0) {
      i += taken;
      continue;
    }
    const ReleaseWord* word = tokens[i].word;
    if (word == nullptr) {
      ++i;
      continue;
    }
    if (word->tag == Tag::kResolution && movie.resolution.empty()) {
      const std::string_view named = resolutionName(name.word(i));
      movie.resolution = named.empty() ? word->value : named;
    }
    if (word->tag == Tag::kEdition && i >= span.end) append(movie.edition, word->value);
    if (word->tag == Tag::kThreeD) {
      is_3d = is_3d || word->value.empty();
      const bool certain = word->strength == Strength::kStrong || word->value == "sbs";
      std::string_view& place = certain ? format : asked;
      if (place.empty()) place = word->value;
    }
    i += std::max<std::size_t>(1, tokens[i].phrase_tokens);
  }
  if (format.empty() && is_3d) format = asked;
  movie.format_3d = format;
}

// What follows title and year, without brackets and separators around it.
std::string labelOf(const LexedName& name, std::size_t rest) {
  if (rest >= name.tokens().size()) return {};
  const Token& token = name.tokens()[rest];
  std::string label(name.text().substr(std::min(token.group_begin, token.begin)));
  std::erase_if(label,
                [](char c) { return c == '[' || c == ']' || c == '(' || c == ')' || c == '{' || c == '}'; });
  return asTitle(label);
}

// A recording begins with its time: "2026年01月10日23時00分00秒-".
void cutRecordingTime(std::string& text) {
  if (text.size() < 8 || leadingNumber(text) < 0 || text.compare(4, 3, "年") != 0) return;
  const std::size_t end = text.find_first_of("- _");
  if (end != std::string::npos && end + 1 < text.size()) text.erase(0, end + 1);
}

MovieName parseName(std::string_view bytes) {
  std::string text = displayForm(bytes);
  cutRecordingTime(text);
  Marks marks = takeMarks(text);
  MovieName movie;
  movie.ids = std::move(marks.ids);
  const auto part = partAtEnd(text);
  const std::string whole = text;
  bool is_cut = false;
  if (part) {
    movie.part = part->number;
    // "Film Part 1" may well be the title of a film; "Film cd1" is not.
    const char first = asciiLower(part->word.front());
    is_cut = first == 'c' || first == 'd';
    if (is_cut) text.resize(part->begin);
  }
  const LexedName name(std::move(text));
  const TitleSpan span = readTitle(name);
  movie.title = span.title;
  movie.year = span.year;
  readTags(name, span, movie);
  if (!marks.edition.empty()) movie.edition = std::move(marks.edition);
  movie.label = labelOf(name, span.rest);
  if (movie.title.empty()) movie.title = asTitle(whole);
  if (movie.title.empty()) movie.title = whole;
  return movie;
}

// "Film (2019)" and "Film.2019.1080p" are of one film; "Movies 2019" holds many.
bool isOfOneFilm(const MovieName& folder, std::string_view folder_name) {
  if (!folder.ids.empty()) return true;
  if (!folder.year) return false;
  const std::size_t at = folder_name.find(std::to_string(*folder.year));
  const bool bracketed =
      at != std::string_view::npos && at > 0 && std::string_view("([").contains(folder_name[at - 1]);
  return bracketed || !folder.label.empty();
}

// Whether the folder speaks of the file in it alone, and better than its name.
bool folderKnowsMore(const MovieName& folder, std::string_view folder_name, const MovieName& file,
                     std::string_view stem) {
  if (isPlaceholder(stem)) return true;
  if (file.year || !file.ids.empty()) return false;
  return isOfOneFilm(folder, folder_name) ||
         (folder.year && comparisonKey(folder.title) == comparisonKey(file.title));
}

}  // namespace

bool isDiscFolder(std::string_view name) {
  for (const std::string_view disc :
       {"BDMV", "STREAM", "VIDEO_TS", "AUDIO_TS", "HVDVD_TS", "PLAYLIST", "MPEGAV"}) {
    if (equalsIgnoringCase(name, disc)) return true;
  }
  const std::string probe = "x " + displayForm(name);
  const auto part = partAtEnd(probe);
  return part && part->begin == 1 && !part->is_letter;
}

MovieName parseMovieFolder(std::string_view name) { return parseName(name); }

MovieName parseMovie(std::string_view path) {
  const PathParts parts = splitPath(path);
  std::size_t own = 0;
  while (own < parts.folders.size() &&
         (isDiscFolder(parts.folder(own)) || extraFolder(parts.folder(own)) != ExtraType::kNone)) {
    ++own;
  }
  MovieName file = parseName(parts.stem);
  const std::string_view folder_name = parts.folder(own);
  if (folder_name.empty()) return file;
  MovieName folder = parseName(folder_name);
  if (folderKnowsMore(folder, folder_name, file, parts.stem)) {
    file.title = folder.title;
    file.year = folder.year;
  }
  const bool same_film = file.year == folder.year && comparisonKey(file.title) == comparisonKey(folder.title);
  if (!file.year || same_film) file.ids.fillFrom(folder.ids);
  if (same_film) {
    if (file.edition.empty()) file.edition = folder.edition;
    if (file.format_3d.empty()) file.format_3d = folder.format_3d;
    if (file.resolution.empty()) file.resolution = folder.resolution;
  }
  return file;
}

}  // namespace library::naming
