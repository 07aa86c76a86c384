#include "episode.hpp"

#include <algorithm>

#include "counted_words.hpp"
#include "episode_scheme.hpp"
#include "extra.hpp"
#include "lexed_name.hpp"
#include "movie.hpp"
#include "part.hpp"
#include "path_parts.hpp"
#include "text.hpp"
#include "title_span.hpp"

namespace library::naming {
namespace {

struct Folders {
  ShowName show;
  std::optional<int> season;
};

bool isPassed(std::string_view folder) {
  return isDiscFolder(folder) || extraFolder(folder) != ExtraType::kNone;
}

// The season is of the innermost folder that names one, the show of the first that names none.
Folders readFolders(const PathParts& parts, LibraryKind kind) {
  Folders found;
  for (std::size_t i = 0; i < parts.folders.size(); ++i) {
    const std::string_view folder = parts.folder(i);
    const bool at_top = i + 1 == parts.folders.size();
    if (!at_top) {
      const auto season = seasonOfFolder(folder, parts.folder(i + 1), kind);
      if (season) {
        if (!found.season) found.season = season;
        continue;
      }
      if (isPassed(folder)) continue;
    } else {
      // "Season 02/S02E03.avi" where the root of the library is the show's own folder.
      const auto season = seasonOfFolder(folder, {}, kind);
      const LexedName name{displayForm(folder)};
      const auto phrase = findSeason(name, 0, Where::kInFile);
      const bool only_season = season && ((phrase && phrase->begin == 0) || *season == 0);
      if (only_season && !isAllDigits(folder)) {
        if (!found.season) found.season = season;
        break;
      }
    }
    found.show = parseShowFolder(folder);
    if (!found.season && at_top) {
      const LexedName name{displayForm(folder)};
      if (const auto phrase = findSeason(name)) found.season = phrase->number;
    }
    break;
  }
  return found;
}

// Behind the number: the title of the episode, up to the first tag.
std::string titleBehind(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" ._-:])}");
  if (begin == std::string_view::npos) return {};
  const LexedName name{std::string(text.substr(begin))};
  if (name.tokens().empty() || name.isTag(0, Strength::kStrong) || name.tokens()[0].bracket == '[') return {};
  std::size_t end = 0;
  while (end < name.tokens().size() && !name.isTag(end, Strength::kStrong) &&
         name.tokens()[end].bracket != '[')
    ++end;
  while (end > 0 && end < name.tokens().size() && name.isTag(end - 1)) --end;
  const std::size_t stop = end < name.tokens().size() ? name.tokens()[end].group_begin : name.text().size();
  return asTitle(trimmed(std::string_view(name.text()).substr(0, stop), " ([{"));
}

// The show in front of the number. A season said there is none of its title.
ShowName showBefore(std::string_view text) {
  ShowName show;
  const std::size_t begin = text.find_first_not_of(" _-");
  const std::size_t last = text.find_last_not_of(" ._-([{");
  if (begin == std::string_view::npos || last == std::string_view::npos || last < begin) return show;
  std::string before(text.substr(begin, last + 1 - begin));
  const LexedName name(std::move(before));
  std::size_t limit = kNone;
  if (const auto season = findSeason(name); season && season->begin > 0) limit = name.tokenAt(season->begin);
  if (const std::size_t bracket = name.titleBracket(); bracket != kNone) {
    show.title = asTitle(name.inBracket(bracket));
    return show;
  }
  const TitleSpan span = readTitle(name, limit);
  // "Part 2" counts the parts of a show that another name says.
  if (isPartWord(span.title)) return show;
  show.title = span.title;
  show.year = span.year;
  return show;
}

// A special without a number: "foo.special", "Title OVA", "Title - NCOP1".
bool readSpecial(const LexedName& name, const std::optional<int>& folder_season, EpisodeName& episode) {
  const auto& tokens = name.tokens();
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    std::string_view word = name.word(i);
    while (!word.empty() && isDigit(word.back())) word.remove_suffix(1);
    if (!isSpecialWord(word) || (word == "special" && folder_season.value_or(0) != 0)) continue;
    episode.season = 0;
    const std::string_view text = name.text();
    const std::string before = showBefore(text.substr(0, tokens[i].begin)).title;
    episode.special_title = before.empty() ? titleBehind(text.substr(tokens[i].end)) : before;
    if (episode.special_title.empty()) episode.special_title = asTitle(text);
    if (episode.show.empty()) episode.show = before;
    const std::string_view digits = name.word(i).substr(word.size());
    if (!digits.empty() && leadingNumber(digits) >= 0 &&
        (word == "sp" || word == "ova" || word == "oad" || word == "special")) {
      episode.episodes = {leadingNumber(digits)};
    }
    return true;
  }
  return false;
}

void apply(const EpisodeMatch& match, const Folders& folders, EpisodeName& episode) {
  episode.date = match.date;
  episode.version = match.version;
  episode.sub = match.sub;
  episode.season = match.season ? match.season : folders.season;
  if (match.episodes.empty()) return;
  if (!match.is_absolute || episode.season) episode.episodes = match.episodes;
  if (!match.is_absolute || match.season) return;
  episode.absolute = match.episodes.front();
  if (match.episodes.size() > 1) episode.absolute_last = match.episodes.back();
}

}  // namespace

ShowName parseShowFolder(std::string_view bytes) {
  std::string text = displayForm(bytes);
  ShowName show;
  show.ids = takeMarks(text).ids;
  const std::string whole = text;
  const LexedName name(std::move(text));
  EpisodeContext context;
  context.kind = LibraryKind::kMixed;
  std::size_t limit = kNone;
  if (const auto match = findEpisodeMatch(name, context); match && match->begin > 0)
    limit = name.tokenAt(match->begin);
  if (limit == kNone) {
    for (std::size_t i = 1; i < name.tokens().size() && limit == kNone; ++i) {
      const std::string_view word = name.word(i);
      if (word.size() >= 2 && word.size() <= 3 && word[0] == 's' && isAllDigits(word.substr(1))) limit = i;
    }
  }
  const TitleSpan span = readTitle(name, limit);
  show.title = span.title.empty() ? asTitle(whole) : span.title;
  show.year = span.year;
  return show;
}

EpisodeName parseEpisode(std::string_view path, LibraryKind kind) {
  const PathParts parts = splitPath(path);
  const Folders folders = readFolders(parts, kind);
  EpisodeName episode;
  std::string text = displayForm(parts.stem);
  episode.ids = takeMarks(text).ids;
  episode.ids.fillFrom(folders.show.ids);
  if (const auto part = partAtEnd(text); part && std::string_view("cdCD").contains(part->word.front())) {
    episode.part = part->number;
    text.resize(part->begin);
  }
  const LexedName name(std::move(text));
  for (std::size_t i = 0; i < name.tokens().size() && episode.resolution.empty(); ++i) {
    const ReleaseWord* word = name.tokens()[i].word;
    if (word == nullptr || word->tag != Tag::kResolution) continue;
    const std::string_view named = resolutionName(name.word(i));
    episode.resolution = named.empty() ? word->value : named;
  }
  const EpisodeContext context{kind, folders.season, comparisonKey(folders.show.title)};
  const auto match = findEpisodeMatch(name, context);
  if (match) {
    apply(*match, folders, episode);
    const ShowName show = showBefore(std::string_view(name.text()).substr(0, match->begin));
    episode.show = show.title;
    episode.show_year = show.year;
    episode.title = titleBehind(std::string_view(name.text()).substr(match->end));
  } else {
    episode.season = folders.season;
    if (!readSpecial(name, folders.season, episode) && folders.season == 0) {
      episode.special_title = readTitle(name).title;
    }
  }
  if (episode.show.empty()) episode.show = folders.show.title;
  if (!episode.show_year && comparisonKey(episode.show) == context.show_key)
    episode.show_year = folders.show.year;
  return episode;
}

}  // namespace library::naming
