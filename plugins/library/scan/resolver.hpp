// Resolver: what is on disk in some folders against the rows of the catalogue: which files are new, changed, moved or gone, and
// which titles and items they are. Ids survive renames and moves: a file is known by device, inode, size and time, and takes its
// item along when nothing else is left of it. For one use, on one thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "catalogue/placing.hpp"
#include "disk/folder.hpp"
#include "scan/store.hpp"

namespace library {

// A folder as it is on disk, and its row, which may be one to be made.
struct ReadFolder {
  FolderRow row;
  bool is_new = false;
  std::vector<disk::MediaFile> files;
};

struct Tally {
  std::uint64_t added = 0, changed = 0, moved = 0, missing = 0;
  std::uint64_t described = 0;  // titles and items, as sidecars say now or no longer say
  std::uint64_t placed = 0;     // batches of folders whose files were looked at
  std::vector<Id> new_items;
};

class Resolver {
 public:
  struct Parts {
    Store& store;
    IdMaker& ids;
    std::function<std::int64_t()> now_ms;
    // Whether at a folder of a root there is a file of this name and inode now.
    std::function<bool(const PlacedRow&)> is_there;
    std::function<bool(std::int64_t root, const std::string& folder)> folder_is_there;
  };

  Resolver(LibraryType type, Parts parts) : type_(type), parts_(std::move(parts)) {}

  // `may_have_moved`: the catalogue had files before, of which new ones may be some.
  Result<Changes> resolve(std::vector<ReadFolder> folders, bool may_have_moved, Tally& tally);

 private:
  // A file that is there: its row as it is to be, and as it was.
  struct Present {
    FileRow row;
    std::optional<FileRow> before{};
    bool was_in_vanished_folder = false;
  };
  struct Folder {
    ReadFolder read;
    std::vector<Present> files{};
    std::vector<TitleSidecar> of_titles{};
  };
  struct Group {
    PlacedItem placed;
    std::vector<Present*> members;  // as placed.files
    const FolderRow* folder = nullptr;
    const Present* teller = nullptr;  // of placed.told
    Id title{};
  };

  // By sidecar, subject and part.
  using ToldRows = std::map<std::tuple<Id, Id, std::string>, ToldRow>;

  Status compare(std::vector<Folder>& folders, bool may_have_moved, Tally& tally);
  // `present_rows`: those whose files are where they were.
  Status claimMoved(const std::vector<Present*>& fresh, const std::set<Id>& present_rows, bool may_have_moved,
                    Tally& tally);
  std::vector<Group> placeAll(std::vector<Folder>& folders);
  Status load(const std::vector<Group>& groups);
  Status loadItems(const std::vector<Group>& groups);
  void assign(Group& group, Tally& tally);
  Status adoptInto(Folder& folder, std::span<const Folder> all);

  void keep(TitleRow title);
  ItemRow* keep(ItemRow item);
  TitleRow* findTitle(const Group& group) const;
  ItemRow* findItem(const Id& title, const std::string& slot) const;
  ItemRow* itemBefore(const Group& group) const;
  bool isAllIn(const ItemRow& item, const Group& group) const;
  bool isAbandoned(const TitleRow& title, const std::string& slot, std::int64_t folder) const;
  TitleRow& titleFor(const Group& group, const ItemRow* before);
  ItemRow& itemFor(const Group& group, const TitleRow& title, ItemRow* before, Tally& tally);
  Changes collect(std::vector<Folder>& folders, Tally& tally);

  // What sidecars say, in telling.cpp.
  Status loadTold(const std::vector<Folder>& folders);
  bool stillTells(const Id& sidecar, const Id& subject, const Group& group) const;
  // The title as the group's names and its sidecar say it is shown.
  void tell(TitleRow& title, const Group& group);
  // The item likewise, without its ids; `known` is its row, `is_whole`: all of it is the group.
  ItemRow shown(const ItemRow* known, bool is_whole, const TitleRow& title, const Group& group) const;
  Status tellTitles(std::vector<Folder>& folders, const std::vector<Group>& groups);
  Status tellWhole(TitleRow& title, const Present& teller, const SidecarEntry& says, const Folder& folder,
                   const std::vector<Group>& groups);
  Result<std::vector<TitleRow*>> titlesOf(const Folder& folder, TitleScope scope, std::span<const Folder> all,
                                          const std::vector<Group>& groups);
  Result<std::vector<TitleRow*>> titlesOf(std::span<const Id> ids);
  static void add(ToldRows& rows, ToldRow row);
  Status settleTold(const std::vector<Group>& groups, Changes& changes, Tally& tally);
  bool isToldBy(const Id& subject, const Id& sidecar) const;
  Status placeAnew(const Id& subject, const std::vector<Group>& groups);
  // A title came to be here: folders around may have what describes it.
  Status lookAround(const FolderRow& folder, std::set<std::pair<std::int64_t, std::string>>& looked);

  LibraryType type_;
  Parts parts_;
  // Of one call of resolve().
  bool may_have_moved_ = false;
  std::map<Id, FileRow> gone_;
  std::unordered_map<Id, std::int64_t, IdHash> gone_of_;  // main files of an item that are gone
  std::vector<std::unique_ptr<TitleRow>> titles_;
  std::unordered_map<std::string, std::vector<TitleRow*>> titles_by_match_;
  std::unordered_map<Id, TitleRow*, IdHash> titles_by_id_;
  std::vector<std::unique_ptr<ItemRow>> items_;
  std::map<std::pair<Id, std::string>, ItemRow*> items_by_slot_;
  std::unordered_map<Id, ItemRow*, IdHash> items_by_id_;
  std::set<Id> taken_;                             // items that have files of this call
  std::set<Id> claimed_;                           // items of titles that only these files are
  std::set<std::pair<Id, std::int64_t>> left_in_;  // items, and folders that had files of them
  std::set<Id> new_titles_, new_items_, changed_titles_, changed_items_, recount_;
  std::map<Id, const Present*> sidecars_;  // that are here
  std::set<Id> sidecars_of_titles_;        // of those
  std::set<Id> speaking_;                  // of those elsewhere
  ToldRows told_before_, told_;
  std::vector<const FolderRow*> titles_came_to_;
  std::map<std::int64_t, FolderRow> to_place_anew_;
};

}  // namespace library
