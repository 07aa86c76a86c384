#include "grouping.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>
#include <utility>

#include "episode.hpp"
#include "lexed_name.hpp"
#include "movie.hpp"
#include "part.hpp"
#include "path_parts.hpp"
#include "stack.hpp"
#include "text.hpp"

namespace library::naming {
namespace {

// How a file joins others: by its key, under the name of the item. No key: it stands alone.
struct Membership {
  std::string key;
  std::string name;
  std::string label;
  std::string resolution;
};
using Join = std::function<Membership(const Stack&)>;

bool isBalanced(std::string_view text) {
  for (const auto& [open, close] : {std::pair{'[', ']'}, {'(', ')'}, {'{', '}'}}) {
    int depth = 0;
    for (const char c : text) {
      depth += c == open ? 1 : c == close ? -1 : 0;
      if (depth < 0) return false;
    }
    if (depth != 0) return false;
  }
  return true;
}

bool hasPartWithin(std::string_view text) {
  const LexedName name{std::string(text)};
  for (std::size_t i = 0; i < name.tokens().size(); ++i) {
    if (partAtEnd("x " + std::string(text.substr(0, name.tokens()[i].end)))) return true;
  }
  return false;
}

// What follows the name of the film tells a version apart, and nothing more.
bool isLabel(std::string_view text) {
  if (text.empty()) return true;
  const bool separated = text.starts_with(" - ") || std::string_view("_.-[").contains(text.front()) ||
                         text.starts_with(" [") || text.starts_with(" {");
  if (!separated || !isBalanced(text)) return false;
  const std::string_view body = trimmed(text, " ._-[]");
  if (isAllDigits(body)) return resolutionName(std::string(body) + "p") != "";
  return !hasPartWithin(text);
}

std::string labelText(std::string_view text) {
  std::string plain(text);
  std::erase_if(plain, [](char c) { return c == '[' || c == ']' || c == '(' || c == ')'; });
  return asTitle(plain);
}

std::vector<NamedFile> sorted(std::span<const std::string_view> names) {
  std::vector<NamedFile> files;
  files.reserve(names.size());
  for (std::size_t i = 0; i < names.size(); ++i) {
    const PathParts parts = splitPath(names[i]);
    files.push_back({displayForm(parts.stem), std::string(parts.extension), i});
  }
  const auto order = [&](const NamedFile& a, const NamedFile& b) {
    return std::tie(a.stem, a.extension, names[a.place]) < std::tie(b.stem, b.extension, names[b.place]);
  };
  std::ranges::sort(files, order);
  return files;
}

int height(std::string_view resolution) { return std::max(0, leadingNumber(resolution)); }

void sortVersions(std::vector<FileVersion>& versions) {
  std::vector<std::size_t> order(versions.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto rank = [&](std::size_t at) {
    return std::tuple(-height(versions[at].resolution), std::string_view(versions[at].label), at);
  };
  std::ranges::sort(order, {}, rank);
  std::vector<FileVersion> ranked;
  ranked.reserve(versions.size());
  for (const std::size_t at : order) ranked.push_back(versions[at]);
  versions = std::move(ranked);
}

// The item whose name the extra's begins with, the longest; alone in its folder an item has all extras.
std::size_t ownerOf(std::string_view extra_stem, const std::vector<Item>& items) {
  if (items.size() == 1) return 0;
  const std::string key = comparisonKey(withoutExtraMark(extra_stem));
  std::size_t owner = kNoItem;
  std::size_t longest = 0;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string name = comparisonKey(items[i].name);
    const bool related = key.starts_with(name) || (key.size() > 3 && name.starts_with(key));
    if (!related || name.size() <= longest) continue;
    owner = i;
    longest = name.size();
  }
  return owner;
}

Grouping group(std::span<const std::string_view> names, const Join& join) {
  std::vector<NamedFile> files = sorted(names);
  std::vector<NamedFile> extras;
  const auto is_extra = [](const NamedFile& file) { return extraByName(file.stem) != ExtraType::kNone; };
  std::ranges::copy_if(files, std::back_inserter(extras), is_extra);
  std::erase_if(files, is_extra);
  Grouping grouping;
  std::map<std::string, std::size_t> known;
  for (Stack& stack : findStacks(files)) {
    Membership member = join(stack);
    std::size_t item = grouping.items.size();
    if (!member.key.empty()) item = known.try_emplace(member.key, item).first->second;
    if (item == grouping.items.size()) grouping.items.push_back({std::move(member.name), {}});
    grouping.items[item].versions.push_back(
        {std::move(member.label), std::move(member.resolution), std::move(stack.places)});
  }
  for (Item& item : grouping.items) sortVersions(item.versions);
  for (const NamedFile& extra : extras) {
    grouping.extras.push_back({extra.place, extraByName(extra.stem), ownerOf(extra.stem, grouping.items)});
  }
  return grouping;
}

std::string fileName(const Stack& stack) {
  return stack.extension.empty() ? stack.stem : stack.stem + "." + stack.extension;
}

std::string filmKey(const MovieName& film) {
  return comparisonKey(film.title) + '\n' + std::to_string(*film.year);
}

// What stands behind the year, in the stem as it is spelled.
std::string_view behindYear(std::string_view stem, int year) {
  const std::string digits = std::to_string(year);
  const std::size_t at = stem.rfind(digits);
  if (at == std::string_view::npos) return stem;
  std::string_view rest = stem.substr(at + digits.size());
  if (!rest.empty() && (rest.front() == ')' || rest.front() == ']')) rest.remove_prefix(1);
  return rest;
}

}  // namespace

Grouping groupMovies(std::string_view folder, std::span<const std::string_view> names) {
  const PathParts parts = splitFolderPath(folder);
  const std::string folder_name = displayForm(parts.file);
  const std::string folder_folded = folded(folder_name);
  const MovieName folder_film = parseMovieFolder(parts.file);
  return group(names, [&](const Stack& stack) -> Membership {
    const MovieName film = parseMovieFolder(stack.stem);
    Membership alone{{}, asTitle(stack.stem), {}, film.resolution};
    if (alone.name.empty()) alone.name = stack.stem;
    const std::string stem_folded = folded(stack.stem);
    const bool begins_as_folder = !folder_folded.empty() && stem_folded.starts_with(folder_folded) &&
                                  stack.stem.size() >= folder_name.size();
    if (begins_as_folder) {
      const std::string_view rest = std::string_view(stack.stem).substr(folder_name.size());
      if (isLabel(rest)) {
        const std::string key = folder_film.year ? filmKey(folder_film) : "folder";
        return {key, folder_name, labelText(rest), film.resolution};
      }
    }
    if (!film.year) return alone;
    const std::string_view rest = behindYear(stack.stem, *film.year);
    if (!isBalanced(rest) || hasPartWithin(rest)) return alone;
    const bool is_folders = folder_film.year == film.year && filmKey(folder_film) == filmKey(film);
    std::string name = is_folders ? folder_name : film.title + " (" + std::to_string(*film.year) + ")";
    return {filmKey(film), std::move(name), film.label, film.resolution};
  });
}

Grouping groupEpisodes(std::string_view folder, std::span<const std::string_view> names, LibraryKind kind) {
  const std::string prefix = folder.empty() ? std::string() : std::string(folder) + "/";
  return group(names, [&](const Stack& stack) -> Membership {
    const EpisodeName episode = parseEpisode(prefix + fileName(stack), kind);
    Membership member{{}, asTitle(stack.stem), {}, episode.resolution};
    if (member.name.empty()) member.name = stack.stem;
    if (episode.episodes.empty() && !episode.absolute && !episode.date) return member;
    std::string key = comparisonKey(episode.show) + '\n' + std::to_string(episode.season.value_or(-1)) +
                      '\n' + std::to_string(episode.absolute.value_or(-1)) + '\n' + episode.sub;
    for (const int number : episode.episodes) key += '\n' + std::to_string(number);
    if (episode.date) {
      key +=
          '\n' + std::to_string(episode.date->year * 10000 + episode.date->month * 100 + episode.date->day);
    }
    member.key = std::move(key);
    member.label = episode.resolution;
    if (episode.version > 1)
      member.label += (member.label.empty() ? "v" : " v") + std::to_string(episode.version);
    return member;
  });
}

}  // namespace library::naming
