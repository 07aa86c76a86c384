// What sidecars say of titles and items. One that describes an item lies beside its files; one of a title may lie in a folder
// around them, and be placed in another call than they are: then the folders of the title are placed anew.
#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "catalogue/sidecar_placing.hpp"
#include "naming/episode.hpp"
#include "naming/movie.hpp"
#include "scan/resolver.hpp"

namespace library {

namespace {

std::string_view lastOf(std::string_view folder) { return folder.substr(folder.rfind('/') + 1); }

// As the names say, of what has this id.
TitleRow asNamed(const TitleRow& title, const TitleRow& names) {
  TitleRow named = names;
  named.id = title.id;
  named.match = title.match;
  if (!named.year) named.year = title.matchYear();
  return named;
}

// What the name of the folder says of the title that is below it.
TitleRow namedByFolder(const TitleRow& title, std::string_view folder) {
  TitleRow named = title;
  named.ids = {};
  if (title.kind == "show") {
    naming::ShowName show = naming::parseShowFolder(lastOf(folder));
    named.ids = std::move(show.ids);
    if (!show.title.empty()) named.name = std::move(show.title);
  } else if (title.kind == "movie") {
    naming::MovieName film = naming::parseMovieFolder(lastOf(folder));
    named.ids = std::move(film.ids);
    if (!film.title.empty()) named.name = std::move(film.title);
  }
  named.sort = sortKey(named.name);
  return named;
}

bool isSame(const TitleRow& a, const TitleRow& b) {
  const auto all = [](const TitleRow& row) {
    return std::tie(row.name, row.sort, row.artist, row.year, row.told_by, row.named_year);
  };
  return all(a) == all(b) && a.ids == b.ids;
}

}  // namespace

// Before anything is assigned: what the sidecars that are here, were here, or describe what is here, described so far.
Status Resolver::loadTold(const std::vector<Folder>& folders) {
  std::vector<Id> asked;
  for (const Folder& folder : folders) {
    for (const Present& present : folder.files) {
      if (!present.row.isSidecar()) continue;
      sidecars_.emplace(present.row.id, &present);
      const bool may_tell = present.before && (present.before->is_read || !present.before->tags.empty());
      if (may_tell) asked.push_back(present.row.id);
    }
    for (const TitleSidecar& sidecar : folder.of_titles)
      sidecars_of_titles_.insert(folder.files[sidecar.file].row.id);
  }
  for (const auto& [id, row] : gone_)
    if (row.isSidecar()) asked.push_back(id);
  std::set<Id> elsewhere;
  const auto isElsewhere = [this](const std::optional<Id>& id) {
    return id && !sidecars_.contains(*id) && !gone_.contains(*id);
  };
  for (const auto& title : titles_)
    if (isElsewhere(title->told_by)) elsewhere.insert(*title->told_by);
  for (const auto& item : items_)
    if (isElsewhere(item->told_by)) elsewhere.insert(*item->told_by);
  if (!elsewhere.empty()) {
    const std::vector<Id> ids(elsewhere.begin(), elsewhere.end());
    auto speaking = parts_.store.speaking(ids);
    if (!speaking) return std::unexpected(std::move(speaking.error()));
    speaking_.insert(speaking->begin(), speaking->end());
    asked.insert(asked.end(), ids.begin(), ids.end());
  }
  if (asked.empty()) return {};
  auto told = parts_.store.told(asked);
  if (!told) return std::unexpected(std::move(told.error()));
  for (ToldRow& row : *told) add(told_before_, std::move(row));
  return {};
}

void Resolver::add(ToldRows& rows, ToldRow row) {
  auto key = std::tuple(row.file, row.subject, row.part);
  rows.emplace(std::move(key), std::move(row));
}

// Of what has no sidecar in the group's own folder.
bool Resolver::stillTells(const Id& sidecar, const Id& subject, const Group& group) const {
  if (!told_before_.contains(std::tuple(sidecar, subject, std::string()))) return false;
  const auto here = sidecars_.find(sidecar);
  if (here == sidecars_.end()) return speaking_.contains(sidecar);
  const FileRow& row = here->second->row;
  return !row.tags.empty() && (row.folder != group.folder->id || sidecars_of_titles_.contains(sidecar));
}

void Resolver::tell(TitleRow& title, const Group& group) {
  TitleRow next = title;
  if (group.teller != nullptr && title.kind == "movie") {
    next = asNamed(title, group.placed.title);
    next.named_year = next.year;
    next.told_by = group.teller->row.id;
    describe(next, group.placed.told->says);
  } else if (title.told_by && !stillTells(*title.told_by, title.id, group)) {
    next = asNamed(title, group.placed.title);
  }
  if (isSame(next, title)) return;
  title = std::move(next);
  if (!new_titles_.contains(title.id)) changed_titles_.insert(title.id);
}

ItemRow Resolver::shown(const ItemRow* known, bool is_whole, const TitleRow& title,
                        const Group& group) const {
  const ItemRow& names = group.placed.item;
  ItemRow next = is_whole ? names : *known;
  const bool was_told = known != nullptr && known->told_by;
  const auto take = [&next](const ItemRow& from) {
    next.name = from.name;
    next.sort = from.sort;
    next.year = from.year;
    next.air_date = from.air_date;
    next.told_by = from.told_by;
  };
  if (names.kind == "movie") {  // called as its title is
    if (was_told) take(names);
    if (!title.told_by) return next;
    next.name = title.name;
    next.sort = title.sort;
    next.year = title.year;
    next.told_by = title.told_by;
    return next;
  }
  ItemRow named = names;
  const std::string& below = group.placed.title.sort;
  const bool is_below = is_whole || known->sort.starts_with(title.sort + " ");
  if ((title.told_by || !is_below) && named.sort.starts_with(below))
    named.sort.replace(0, below.size(), title.sort);
  if (group.teller != nullptr) {
    describe(named, title.sort, group.placed.told->says);
    named.told_by = group.teller->row.id;
    take(named);
  } else if (was_told && stillTells(*known->told_by, known->id, group)) {
    take(*known);
  } else if (was_told || is_whole) {
    take(named);
  } else if (!is_below) {
    next.sort = named.sort;
  }
  return next;
}

Result<std::vector<TitleRow*>> Resolver::titlesOf(std::span<const Id> ids) {
  std::vector<Id> unknown;
  std::ranges::copy_if(ids, std::back_inserter(unknown),
                       [&](const Id& id) { return !titles_by_id_.contains(id); });
  if (!unknown.empty()) {
    auto loaded = parts_.store.titlesById(unknown);
    if (!loaded) return std::unexpected(std::move(loaded.error()));
    for (TitleRow& title : *loaded) keep(std::move(title));
  }
  std::vector<TitleRow*> titles;
  for (const Id& id : ids)
    if (const auto title = titles_by_id_.find(id); title != titles_by_id_.end())
      titles.push_back(title->second);
  return titles;
}

Result<std::vector<TitleRow*>> Resolver::titlesOf(const Folder& folder, TitleScope scope,
                                                  std::span<const Folder> all,
                                                  const std::vector<Group>& groups) {
  const FolderRow& at = folder.read.row;
  std::vector<Id> ids;
  std::set<Id> known;
  const auto add = [&](const Id& id) {
    if (known.insert(id).second) ids.push_back(id);
  };
  for (const Group& group : groups) {
    if (group.folder->root != at.root) continue;
    if (group.folder == &at || (scope != TitleScope::kFolder && disk::isWithin(group.folder->path, at.path)))
      add(group.title);
  }
  if (scope != TitleScope::kFolder && may_have_moved_) {
    const auto below = parts_.store.titlesBelow(at.root, at.path);
    if (!below) return std::unexpected(below.error());
    // Of folders that are here the rows are those of before.
    for (const auto& [holder, id] : *below)
      if (std::ranges::none_of(all, [&](const Folder& one) { return one.read.row.id == holder; })) add(id);
  }
  // At the root of a library it is of nothing.
  constexpr std::size_t kMostTitles = 500;
  if (ids.size() > kMostTitles) return std::vector<TitleRow*>();
  auto found = titlesOf(ids);
  if (!found) return found;
  std::vector<TitleRow*>& titles = *found;
  if (scope == TitleScope::kEach || titles.size() < 2) return found;
  // One that is called as the folder is.
  std::erase_if(titles, [&](const TitleRow* title) {
    return title->match != matchKey(naming::parseShowFolder(lastOf(at.path)).title);
  });
  if (titles.size() > 1) titles.clear();
  return found;
}

Status Resolver::tellTitles(std::vector<Folder>& folders, const std::vector<Group>& groups) {
  std::set<std::pair<Id, std::string>> described;
  for (Folder& folder : folders) {
    for (const TitleSidecar& sidecar : folder.of_titles) {
      Present& present = folder.files[sidecar.file];
      if (!present.row.is_read && present.row.tags.empty()) continue;
      auto titles = titlesOf(folder, sidecar.scope, folders, groups);
      if (!titles) return std::unexpected(std::move(titles.error()));
      if (titles->empty()) continue;
      present.row.title = titles->front()->id;
      const std::vector<SidecarEntry> entries = readSidecar(present.row.tags);
      const auto entry = entryFor(sidecar, entries);
      if (!entry) continue;
      const SidecarEntry& says = entries[*entry];
      const auto season = says.season ? says.season : sidecar.season;
      if (sidecar.of == SidecarEntry::Of::kSeason && !season) continue;
      for (TitleRow* title : *titles) {
        ToldRow told{.file = present.row.id, .subject = title->id, .entry = *entry};
        if (sidecar.of == SidecarEntry::Of::kSeason) told.part = "season " + std::to_string(*season);
        if (sidecar.of == SidecarEntry::Of::kArtist) told.part = "artist";
        if (!described.emplace(told.subject, told.part).second) continue;
        add(told_, told);
        if (!told.part.empty()) continue;
        if (Status done = tellWhole(*title, present, says, folder, groups); !done) return done;
      }
    }
  }
  return {};
}

Status Resolver::tellWhole(TitleRow& title, const Present& teller, const SidecarEntry& says,
                           const Folder& folder, const std::vector<Group>& groups) {
  TitleRow next = title.told_by ? namedByFolder(title, folder.read.row.path) : title;
  next.named_year = title.matchYear();
  next.year = next.named_year;
  next.told_by = teller.row.id;
  describe(next, says);
  if (isSame(next, title)) return {};
  const bool is_of_items = title.kind == "movie" || next.sort != title.sort;
  title = std::move(next);
  if (!new_titles_.contains(title.id)) changed_titles_.insert(title.id);
  return is_of_items ? placeAnew(title.id, groups) : Status();
}

bool Resolver::isToldBy(const Id& subject, const Id& sidecar) const {
  if (const auto title = titles_by_id_.find(subject); title != titles_by_id_.end())
    return title->second->told_by == sidecar;
  const auto item = items_by_id_.find(subject);
  return item != items_by_id_.end() && item->second->told_by == sidecar;
}

Status Resolver::placeAnew(const Id& subject, const std::vector<Group>& groups) {
  for (const Group& group : groups)
    if (group.title == subject) to_place_anew_.emplace(group.folder->id, *group.folder);
  auto folders = parts_.store.foldersOf(subject);
  if (!folders) return std::unexpected(std::move(folders.error()));
  for (FolderRow& folder : *folders) to_place_anew_.emplace(folder.id, std::move(folder));
  return {};
}

// Last of all: what is described now, and what no longer is, against what was.
Status Resolver::settleTold(const std::vector<Group>& groups, Changes& changes, Tally& tally) {
  std::erase_if(told_, [&](const auto& one) {
    return one.second.part.empty() && !isToldBy(one.second.subject, one.second.file);
  });
  for (const auto& [key, before] : told_before_) {
    const bool is_here = sidecars_.contains(before.file) || gone_.contains(before.file);
    if (!is_here || told_.contains(key)) continue;
    const bool is_loaded = titles_by_id_.contains(before.subject) || items_by_id_.contains(before.subject);
    if (before.part.empty() && (!is_loaded || isToldBy(before.subject, before.file)))
      if (Status done = placeAnew(before.subject, groups); !done) return done;
    changes.no_longer_told.push_back(before);
  }
  for (const auto& [key, row] : told_) {
    const auto before = told_before_.find(key);
    if (before == told_before_.end() || before->second != row) changes.told.push_back(row);
  }
  tally.described += changes.told.size() + changes.no_longer_told.size();
  std::set<std::pair<std::int64_t, std::string>> looked;
  for (const FolderRow* folder : titles_came_to_)
    if (Status done = lookAround(*folder, looked); !done) return done;
  for (auto& [id, folder] : to_place_anew_) changes.to_place_anew.push_back(std::move(folder));
  return {};
}

Status Resolver::lookAround(const FolderRow& folder, std::set<std::pair<std::int64_t, std::string>>& looked) {
  constexpr int kFoldersAround = 2;  // of a season, and of a disc's part
  const bool may_be_described = type_ != LibraryType::kMovies || isOfDisc(folder.path);
  if (!may_have_moved_ || !may_be_described) return {};
  std::string path = folder.path;
  for (int i = 0; i < kFoldersAround && !path.empty(); ++i) {
    path = disk::folderOf(path);
    if (!looked.emplace(folder.root, path).second) continue;
    auto around = parts_.store.describingFolder(folder.root, path);
    if (!around) return std::unexpected(std::move(around.error()));
    if (*around) to_place_anew_.emplace((*around)->id, *std::move(*around));
  }
  return {};
}

}  // namespace library
