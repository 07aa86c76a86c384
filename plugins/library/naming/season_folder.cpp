#include "season_folder.hpp"

#include <algorithm>
#include <string>

#include "counted_words.hpp"
#include "lexed_name.hpp"
#include "path_parts.hpp"
#include "text.hpp"
#include "title_span.hpp"

namespace library::naming {
namespace {

// As comparison keys.
constexpr std::string_view kSpecialFolders[] = {"specials",
                                                "special",
                                                "extras",
                                                "extra",
                                                "sonderfolgen",
                                                "spéciaux",
                                                "speciaux",
                                                "horssaison",
                                                "especiales",
                                                "especial",
                                                "speciali",
                                                "especiais",
                                                "specjalne",
                                                "odcinkispecjalne",
                                                "спецвыпуски",
                                                "спешлы",
                                                "спэшлы",
                                                "ova",
                                                "ovas",
                                                "oad",
                                                "特典",
                                                "番外編",
                                                "特別編",
                                                "스페셜",
                                                "specialavsnitt",
                                                "specialer",
                                                "erikoisjaksot",
                                                "speciály",
                                                "épisodesspéciaux",
                                                "ovasspecials",
                                                "specialepisodes"};

// S04 as a word of its own: a release of a season.
std::optional<int> seasonTag(const LexedName& name) {
  for (std::size_t i = 0; i < name.tokens().size(); ++i) {
    const std::string_view word = name.word(i);
    if (word.size() < 2 || word.size() > 5 || word.front() != 's') continue;
    if (isAllDigits(word.substr(1))) return leadingNumber(word.substr(1));
  }
  return std::nullopt;
}

bool speaksOf(std::string_view prefix, std::string_view parent) {
  const std::string before = comparisonKey(prefix);
  const LexedName parent_name{displayForm(parent)};
  const std::string show = comparisonKey(readTitle(parent_name).title);
  if (before.empty() || show.empty()) return before.empty();
  return before.starts_with(show) || before.ends_with(show) || show.starts_with(before) ||
         show.ends_with(before);
}

}  // namespace

std::optional<int> seasonOfFolder(std::string_view bytes, std::string_view parent, LibraryKind kind) {
  const LexedName name{displayForm(bytes)};
  const std::string_view text = name.text();
  if (isAllDigits(text)) {
    if (kind == LibraryKind::kMixed || text.size() > 4) return std::nullopt;
    return leadingNumber(text);
  }
  const std::string key = comparisonKey(text);
  if (std::ranges::find(kSpecialFolders, key) != std::end(kSpecialFolders)) return 0;
  if (const auto season = findSeason(name, 0, Where::kInFolder)) {
    if (speaksOf(text.substr(0, season->begin), parent)) return season->number;
  }
  return seasonTag(name);
}

std::optional<int> seasonOfFolderPath(std::string_view path, LibraryKind kind) {
  const PathParts parts = splitFolderPath(path);
  if (parts.folders.empty()) return std::nullopt;
  return seasonOfFolder(parts.file, parts.folder(0), kind);
}

}  // namespace library::naming
