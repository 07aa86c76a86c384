#include "scan/resolver.hpp"

#include <algorithm>
#include <utility>

#include "scan/signature.hpp"

namespace library {

namespace {

// What a file keeps when it is renamed or moved.
using Likeness = std::tuple<std::uint64_t, std::uint64_t, std::int64_t>;
Likeness likenessOf(const FileRow& row) { return {row.inode, row.bytes, row.modified_ns}; }

FileRow rowOf(const disk::MediaFile& file, std::int64_t folder) {
  FileRow row;
  row.folder = folder;
  row.name = file.name;
  row.kind = file.kind;
  row.bytes = file.bytes;
  row.modified_ns = file.modified_ns;
  row.device = file.device;
  row.inode = file.inode;
  return row;
}

// Versions of one item in several folders are not parts of each other.
std::int64_t versionOf(std::int64_t folder, std::size_t version) {
  constexpr std::uint64_t kOfFolder = (std::uint64_t{1} << 54U) - 1;
  constexpr std::uint64_t kMostVersions = 255;
  const std::uint64_t base = mixed(static_cast<std::uint64_t>(folder)) & kOfFolder;
  return static_cast<std::int64_t>(base << 8U | std::min<std::uint64_t>(version, kMostVersions));
}

std::vector<NamedFile> namesOf(std::span<const FileRow* const> rows) {
  std::vector<NamedFile> names;
  names.reserve(rows.size());
  for (const FileRow* row : rows) names.push_back({row->name, row->kind, row->tags});
  return names;
}

bool wants(LibraryType type, naming::Kind kind) {
  if (kind == naming::Kind::kNfo) return true;
  return (kind == naming::Kind::kAudio) == (type == LibraryType::kMusic);
}

bool isSameContent(const FileRow& row, const FileRow& before) {
  const bool is_same_file = !row.isSidecar() || row.inode == before.inode;
  return is_same_file && row.bytes == before.bytes && row.modified_ns == before.modified_ns;
}

// As long as the content is what they were read from; what a sidecar said holds until it is read again.
void keepTags(FileRow& row, const FileRow& before) {
  const bool is_as_it_was = isSameContent(row, before);
  if (is_as_it_was || row.isSidecar()) row.tags = before.tags;
  row.is_read = is_as_it_was && before.is_read;
}

void put(FileRow& row, const PlacedFile& placed) {
  row.version = versionOf(row.folder, placed.version);
  row.part = placed.part;
  row.label = placed.label;
  row.resolution = placed.resolution;
  row.extra = placed.extra;
  row.facts = placed.facts;
}

}  // namespace

Result<Changes> Resolver::resolve(std::vector<ReadFolder> folders, bool may_have_moved, Tally& tally) {
  std::vector<Folder> all;
  all.reserve(folders.size());
  for (ReadFolder& folder : folders) {
    std::erase_if(folder.files, [this](const disk::MediaFile& file) { return !wants(type_, file.kind); });
    all.push_back({std::move(folder)});
  }
  may_have_moved_ = may_have_moved;
  if (Status compared = compare(all, may_have_moved, tally); !compared)
    return std::unexpected(std::move(compared.error()));
  std::vector<Group> groups = placeAll(all);
  if (Status loaded = load(groups); !loaded) return std::unexpected(std::move(loaded.error()));
  // What was there all the time has the first word.
  std::ranges::stable_partition(groups, [](const Group& group) {
    return std::ranges::any_of(group.members, [](const Present* one) {
      return one->row.isMain() && one->before && !one->before->is_missing;
    });
  });
  if (Status loaded = loadTold(all); !loaded) return std::unexpected(std::move(loaded.error()));
  for (Group& group : groups) assign(group, tally);
  for (Folder& folder : all) {
    if (type_ == LibraryType::kMusic || !belongsToFolderAround(folder.read.row.path)) continue;
    if (Status adopted = adoptInto(folder, all); !adopted) return std::unexpected(std::move(adopted.error()));
  }
  if (Status told = tellTitles(all, groups); !told) return std::unexpected(std::move(told.error()));
  Changes changes = collect(all, tally);
  if (Status told = settleTold(groups, changes, tally); !told)
    return std::unexpected(std::move(told.error()));
  return changes;
}

Status Resolver::compare(std::vector<Folder>& folders, bool may_have_moved, Tally& tally) {
  std::vector<std::int64_t> known;
  for (const Folder& folder : folders)
    if (!folder.read.is_new) known.push_back(folder.read.row.id);
  std::map<std::pair<std::int64_t, std::string>, FileRow> rows;
  if (!known.empty()) {
    auto files = parts_.store.files(known);
    if (!files) return std::unexpected(std::move(files.error()));
    for (FileRow& row : *files) {
      auto key = std::pair(row.folder, row.name);
      rows.emplace(std::move(key), std::move(row));
    }
  }
  std::vector<Present*> fresh;
  for (Folder& folder : folders) {
    folder.files.reserve(folder.read.files.size());
    for (const disk::MediaFile& file : folder.read.files) {
      Present& present = folder.files.emplace_back(Present{.row = rowOf(file, folder.read.row.id)});
      const auto before = rows.find(std::pair(present.row.folder, present.row.name));
      if (before == rows.end()) {
        fresh.push_back(&present);
        continue;
      }
      present.row.id = before->second.id;
      keepTags(present.row, before->second);
      present.before = std::move(before->second);
      rows.erase(before);
    }
  }
  for (auto& [key, row] : rows) {
    if (row.item && row.isMain()) left_in_.emplace(*row.item, row.folder);
    if (row.item && row.isMain() && !row.is_missing) ++gone_of_[*row.item];
    const Id id = row.id;
    gone_.emplace(id, std::move(row));
  }
  std::set<Id> present;
  for (const Folder& folder : folders)
    for (const Present& one : folder.files)
      if (one.before) present.insert(one.row.id);
  return claimMoved(fresh, present, may_have_moved, tally);
}

Status Resolver::claimMoved(const std::vector<Present*>& fresh, const std::set<Id>& present_rows,
                            bool may_have_moved, Tally& tally) {
  std::multimap<Likeness, PlacedRow> candidates;
  for (const auto& [id, row] : gone_) candidates.emplace(likenessOf(row), PlacedRow{.file = row});
  if (may_have_moved && !fresh.empty()) {
    std::vector<std::uint64_t> inodes;
    inodes.reserve(fresh.size());
    for (const Present* present : fresh) inodes.push_back(present->row.inode);
    auto found = parts_.store.filesByInode(inodes);
    if (!found) return std::unexpected(std::move(found.error()));
    for (PlacedRow& row : *found) {
      if (gone_.contains(row.file.id) || present_rows.contains(row.file.id)) continue;
      const Likeness likeness = likenessOf(row.file);
      candidates.emplace(likeness, std::move(row));
    }
  }
  std::set<Id> claimed;
  for (Present* present : fresh) {
    const auto [begin, end] = candidates.equal_range(likenessOf(present->row));
    const auto source = std::find_if(begin, end, [&](const auto& candidate) {
      const PlacedRow& row = candidate.second;
      if (claimed.contains(row.file.id) || row.file.isSidecar() != present->row.isSidecar()) return false;
      return gone_.contains(row.file.id) || row.file.is_missing || !parts_.is_there(row);
    });
    if (source == end) {
      present->row.id = parts_.ids.id(parts_.now_ms());
      ++tally.added;
      continue;
    }
    const PlacedRow& row = source->second;
    claimed.insert(row.file.id);
    present->before = row.file;
    present->row.id = row.file.id;
    keepTags(present->row, row.file);
    present->was_in_vanished_folder =
        !gone_.contains(row.file.id) && !parts_.folder_is_there(row.root, row.path);
    gone_.erase(row.file.id);
    ++tally.moved;
  }
  return {};
}

std::vector<Resolver::Group> Resolver::placeAll(std::vector<Folder>& folders) {
  std::vector<Group> groups;
  for (Folder& folder : folders) {
    if (type_ != LibraryType::kMusic && belongsToFolderAround(folder.read.row.path)) continue;
    std::vector<const FileRow*> rows;
    rows.reserve(folder.files.size());
    for (const Present& present : folder.files) rows.push_back(&present.row);
    Placement placement = place(type_, folder.read.row.path, namesOf(rows));
    for (PlacedItem& item : placement.items) {
      Group& group = groups.emplace_back(Group{std::move(item), {}, &folder.read.row});
      if (group.placed.told) group.teller = &folder.files[group.placed.told->file];
      for (const PlacedFile& file : group.placed.files) {
        Present& present = folder.files[file.file];
        put(present.row, file);
        group.members.push_back(&present);
      }
    }
    for (const PlacedFile& file : placement.loose) put(folder.files[file.file].row, file);
    folder.of_titles = std::move(placement.of_titles);
  }
  return groups;
}

void Resolver::keep(TitleRow title) {
  if (titles_by_id_.contains(title.id)) return;
  TitleRow* const kept = titles_.emplace_back(std::make_unique<TitleRow>(std::move(title))).get();
  titles_by_match_[kept->match].push_back(kept);
  titles_by_id_.emplace(kept->id, kept);
}

ItemRow* Resolver::keep(ItemRow item) {
  if (const auto known = items_by_id_.find(item.id); known != items_by_id_.end()) return known->second;
  ItemRow* const kept = items_.emplace_back(std::make_unique<ItemRow>(std::move(item))).get();
  items_by_slot_.emplace(std::pair(kept->title, kept->slot), kept);
  items_by_id_.emplace(kept->id, kept);
  return kept;
}

Status Resolver::load(const std::vector<Group>& groups) {
  std::set<std::string> matches;
  std::set<Id> before;
  for (const Group& group : groups) {
    matches.insert(group.placed.title.match);
    for (const Present* present : group.members)
      if (present->row.isMain() && present->before && present->before->item)
        before.insert(*present->before->item);
  }
  if (!matches.empty()) {
    auto titles = parts_.store.titles(std::vector(matches.begin(), matches.end()));
    if (!titles) return std::unexpected(std::move(titles.error()));
    for (TitleRow& title : *titles) keep(std::move(title));
  }
  taken_ = before;
  if (!before.empty()) {
    auto items = parts_.store.itemsById(std::vector(before.begin(), before.end()));
    if (!items) return std::unexpected(std::move(items.error()));
    std::vector<Id> titles;
    for (ItemRow& item : *items) {
      if (!titles_by_id_.contains(item.title)) titles.push_back(item.title);
      keep(std::move(item));
    }
    if (!titles.empty()) {
      auto loaded = parts_.store.titlesById(titles);
      if (!loaded) return std::unexpected(std::move(loaded.error()));
      for (TitleRow& title : *loaded) keep(std::move(title));
    }
  }
  return loadItems(groups);
}

Status Resolver::loadItems(const std::vector<Group>& groups) {
  std::map<Id, std::set<std::string>> wanted;
  for (const Group& group : groups) {
    const auto candidates = titles_by_match_.find(group.placed.title.match);
    if (candidates == titles_by_match_.end()) continue;
    for (const TitleRow* title : candidates->second) {
      if (!items_by_slot_.contains(std::pair(title->id, group.placed.item.slot)))
        wanted[title->id].insert(group.placed.item.slot);
    }
  }
  for (const auto& [title, slots] : wanted) {
    auto items = parts_.store.items(title, std::vector(slots.begin(), slots.end()));
    if (!items) return std::unexpected(std::move(items.error()));
    for (ItemRow& item : *items) keep(std::move(item));
  }
  return {};
}

TitleRow* Resolver::findTitle(const Group& group) const {
  const PlacedItem& placed = group.placed;
  const auto candidates = titles_by_match_.find(placed.title.match);
  if (candidates == titles_by_match_.end()) return nullptr;
  TitleRow* alike = nullptr;
  int count = 0;
  for (TitleRow* title : candidates->second) {
    if (title->kind != placed.title.kind) continue;
    if (!placed.joins && !isAbandoned(*title, placed.item.slot, group.folder->id)) continue;
    if (title->matchYear() == placed.title.year) return title;
    alike = title;
    ++count;
  }
  // One of both says no year: then they are the same if there is no other they could be.
  const bool certain = count == 1 && (!alike->matchYear() || !placed.title.year);
  return certain ? alike : nullptr;
}

ItemRow* Resolver::findItem(const Id& title, const std::string& slot) const {
  const auto found = items_by_slot_.find(std::pair(title, slot));
  return found == items_by_slot_.end() ? nullptr : found->second;
}

// It had files in this folder, and nothing of it is left: what has its name there now is it.
bool Resolver::isAbandoned(const TitleRow& title, const std::string& slot, std::int64_t folder) const {
  if (new_titles_.contains(title.id)) return false;
  const ItemRow* const item = findItem(title.id, slot);
  if (item == nullptr || taken_.contains(item->id) || !left_in_.contains({item->id, folder})) return false;
  const auto gone = gone_of_.find(item->id);
  return item->files <= (gone == gone_of_.end() ? 0 : gone->second);
}

ItemRow* Resolver::itemBefore(const Group& group) const {
  for (const Present* present : group.members) {
    if (!present->before || !present->before->item || !present->row.isMain()) continue;
    const auto item = items_by_id_.find(*present->before->item);
    if (item != items_by_id_.end()) return item->second;
  }
  return nullptr;
}

bool Resolver::isAllIn(const ItemRow& item, const Group& group) const {
  const auto members = std::ranges::count_if(group.members, [&](const Present* present) {
    const auto& before = present->before;
    return before && before->item == item.id && before->isMain() && !before->is_missing;
  });
  return members >= item.files;
}

TitleRow& Resolver::titleFor(const Group& group, const ItemRow* before) {
  const TitleRow& wanted = group.placed.title;
  TitleRow* own = nullptr;
  if (before != nullptr) {
    const auto found = titles_by_id_.find(before->title);
    if (found != titles_by_id_.end() && found->second->kind == wanted.kind) own = found->second;
  }
  if (own != nullptr && own->match == wanted.match && own->matchYear() == wanted.year) {
    tell(*own, group);
    return *own;
  }
  TitleRow* title = findTitle(group);
  if (title == nullptr && own != nullptr) {
    const bool follows = wanted.kind == "movie"
                             ? isAllIn(*before, group)
                             : std::ranges::any_of(group.members, [](const Present* present) {
                                 return present->was_in_vanished_folder;
                               });
    if (follows) {
      std::erase(titles_by_match_[own->match], own);
      const Id id = own->id;
      *own = wanted;
      own->id = id;
      titles_by_match_[own->match].push_back(own);
      if (!new_titles_.contains(id)) changed_titles_.insert(id);
      titles_came_to_.push_back(group.folder);
      tell(*own, group);
      return *own;
    }
  }
  if (title == nullptr) {
    TitleRow made = wanted;
    made.id = parts_.ids.id(parts_.now_ms());
    const Id id = made.id;
    new_titles_.insert(id);
    keep(std::move(made));
    title = titles_by_id_.at(id);
    titles_came_to_.push_back(group.folder);
  }
  const bool is_told = title->told_by.has_value();
  naming::Ids ids = is_told ? title->ids : wanted.ids;
  ids.fillFrom(is_told ? wanted.ids : title->ids);
  std::optional<int>& year = is_told ? title->named_year : title->year;
  const bool says_more = ids != title->ids || (!year && wanted.year);
  if (says_more) {
    title->ids = ids;
    if (!year) year = wanted.year;
    if (!new_titles_.contains(title->id)) changed_titles_.insert(title->id);
  }
  tell(*title, group);
  return *title;
}

ItemRow& Resolver::itemFor(const Group& group, const TitleRow& title, ItemRow* before, Tally& tally) {
  ItemRow* item = findItem(title.id, group.placed.item.slot);
  if (item == nullptr && before != nullptr && isAllIn(*before, group)) {
    item = before;
    items_by_slot_.erase(std::pair(item->title, item->slot));
  }
  if (item == nullptr) {
    ItemRow made = shown(nullptr, true, title, group);
    made.id = parts_.ids.id(parts_.now_ms());
    made.title = title.id;
    new_items_.insert(made.id);
    tally.new_items.push_back(made.id);
    return *keep(std::move(made));
  }
  const bool is_whole = !new_items_.contains(item->id) && isAllIn(*item, group);
  ItemRow next = shown(item, is_whole, title, group);
  next.id = item->id;
  next.title = title.id;
  next.files = item->files;
  const auto told = [](const ItemRow& row) {
    return std::tie(row.title, row.slot, row.name, row.sort, row.year, row.season, row.episode,
                    row.episode_last, row.air_date, row.disc, row.track, row.told_by);
  };
  if (told(next) != told(*item)) {
    *item = std::move(next);
    if (!new_items_.contains(item->id)) changed_items_.insert(item->id);
  }
  items_by_slot_[std::pair(item->title, item->slot)] = item;
  return *item;
}

void Resolver::assign(Group& group, Tally& tally) {
  ItemRow* before = itemBefore(group);
  const bool is_alone = !group.placed.joins;
  if (before != nullptr && is_alone && claimed_.contains(before->id)) before = nullptr;
  const TitleRow& title = titleFor(group, before);
  group.title = title.id;
  ItemRow& item = itemFor(group, title, before, tally);
  if (group.teller != nullptr)
    add(told_, {.file = group.teller->row.id,
                .subject = item.kind == "movie" ? title.id : item.id,
                .is_item = item.kind != "movie",
                .entry = group.placed.told->entry});
  const bool is_new = new_items_.contains(item.id);
  taken_.insert(item.id);
  if (is_alone) claimed_.insert(item.id);
  for (Present* present : group.members) {
    present->row.item = item.id;
    if (is_new && present->row.isMain()) ++item.files;
    if (!is_new) recount_.insert(item.id);
  }
}

Status Resolver::adoptInto(Folder& folder, std::span<const Folder> all) {
  const std::string around(disk::folderOf(folder.read.row.path));
  std::vector<FileRow> rows;
  const auto parent = std::ranges::find_if(all, [&](const Folder& other) {
    return other.read.row.root == folder.read.row.root && other.read.row.path == around;
  });
  if (parent != all.end()) {
    for (const Present& present : parent->files) rows.push_back(present.row);
  } else {
    const auto known = parts_.store.folder(folder.read.row.root, around);
    if (!known) return std::unexpected(known.error());
    if (*known) {
      auto files = parts_.store.files(std::array{(*known)->id});
      if (!files) return std::unexpected(std::move(files.error()));
      rows = std::move(*files);
    }
  }
  std::erase_if(rows, [](const FileRow& row) { return !row.isMain() || !row.item || row.is_missing; });
  std::vector<const FileRow*> owners;
  owners.reserve(rows.size());
  for (const FileRow& row : rows) owners.push_back(&row);
  std::vector<const FileRow*> own;
  own.reserve(folder.files.size());
  for (const Present& present : folder.files) own.push_back(&present.row);
  // Whichever of them it is of, they may all be one item.
  const bool is_one_item = !rows.empty() && std::ranges::all_of(rows, [&](const FileRow& row) {
    return row.item == rows.front().item;
  });
  for (Adopted& adopted : adopt(folder.read.row.path, namesOf(own), namesOf(owners))) {
    FileRow& row = folder.files[adopted.file.file].row;
    put(row, adopted.file);
    if (adopted.owner != kNoOwner || is_one_item)
      row.item = owners[adopted.owner == kNoOwner ? 0 : adopted.owner]->item;
  }
  return {};
}

Changes Resolver::collect(std::vector<Folder>& folders, Tally& tally) {
  Changes changes;
  for (Folder& folder : folders) {
    if (folder.read.is_new)
      changes.new_folders.push_back(folder.read.row);
    else
      changes.signatures.emplace_back(folder.read.row.id, folder.read.row.signature);
    for (Present& present : folder.files) {
      if (!present.before) {
        changes.new_files.push_back(std::move(present.row));
        continue;
      }
      const FileRow& before = *present.before;
      if (before.item && before.item != present.row.item) recount_.insert(*before.item);
      const bool is_where_it_was = before.folder == present.row.folder && before.name == present.row.name;
      if (before.is_missing && is_where_it_was) ++tally.added;
      if (!isSameContent(present.row, before)) {
        ++tally.changed;
        changes.changed_files.push_back(std::move(present.row));
      } else if (present.row != before) {
        changes.moved_files.push_back(std::move(present.row));
      }
    }
  }
  for (const auto& [id, row] : gone_) {
    if (row.is_missing) continue;
    changes.missing_files.push_back(id);
    ++tally.missing;
    if (row.item) recount_.insert(*row.item);
  }
  for (const Id& id : new_titles_) changes.new_titles.push_back(*titles_by_id_.at(id));
  for (const Id& id : changed_titles_) changes.changed_titles.push_back(*titles_by_id_.at(id));
  for (const Id& id : new_items_) changes.new_items.push_back(*items_by_id_.at(id));
  for (const Id& id : changed_items_) changes.changed_items.push_back(*items_by_id_.at(id));
  for (const Id& id : recount_)
    if (!new_items_.contains(id)) changes.recount.push_back(id);
  return changes;
}

}  // namespace library
