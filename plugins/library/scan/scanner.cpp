#include "scan/scanner.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>
#include <unordered_map>
#include <utility>

#include <fmt/format.h>

#include "scan/signature.hpp"

namespace library {

namespace {

constexpr std::size_t kToldProblems = 10;

std::string errorText(int error) { return std::generic_category().message(error); }

// A path among those of one root.
struct PathKey {
  std::uint64_t high = 0, low = 0;
  bool operator==(const PathKey&) const = default;
};
struct PathKeyHash {
  std::size_t operator()(const PathKey& key) const { return key.low; }
};
PathKey keyOf(std::string_view path) {
  PathKey key{0x9e3779b97f4a7c15U, 0xcbf29ce484222325U};
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    key.low = (key.low ^ byte) * 0x100000001b3U;
    key.high = mixed(key.high + byte);
  }
  return key;
}

}  // namespace

// One walk below a root: folders whose signature is known are passed over, the others collected into batches.
class Scanner::RootScan final : public disk::WalkSink {
 public:
  RootScan(Scanner& owner, std::int64_t root, const disk::Root& disk)
      : scanner_(owner), root_(root), disk_(disk) {}

  // Reads all folders of the root at once; without it each is asked for.
  Status preload() {
    is_loaded_ = true;
    return scanner_.parts_.store.folders(root_, "", [this](const FolderRow& row) {
      known_.emplace(keyOf(row.path), Known{.id = row.id, .signature = row.signature});
    });
  }

  Status walk(const std::string& from, bool below) {
    const disk::WalkOptions options{.follow_links = scanner_.options_.follow_links, .below = below};
    disk::walk(disk_, from, options, scanner_.visited_, *this);
    if (error_) return std::unexpected(std::move(*error_));
    return flush();
  }

  // What was known and not found, but for what lies below folders that could not be read.
  Status loseUnseen() {
    std::vector<std::int64_t> lost;
    const auto seen = static_cast<std::size_t>(
        std::ranges::count_if(known_, [](const auto& one) { return one.second.is_seen; }));
    if (seen == known_.size()) return {};
    const Status listed = scanner_.parts_.store.folders(root_, "", [&](const FolderRow& row) {
      const auto known = known_.find(keyOf(row.path));
      if (known == known_.end() || known->second.is_seen) return;
      const bool is_protected = std::ranges::any_of(
          unreadable_, [&](const std::string& folder) { return disk::isWithin(row.path, folder); });
      if (!is_protected) lost.push_back(row.id);
    });
    if (!listed) return listed;
    return scanner_.lose(lost);
  }

  void entering(const std::string& path) override {
    const Known& known = findOrMake(path);
    if (!error_) scanner_.parts_.entering(root_, known.id, disk::joined(disk_.path(), path));
  }

  bool folder(const std::string& path, const std::vector<disk::MediaFile>& files) override {
    ScanTally& tally = *scanner_.tally_;
    ++tally.folders;
    tally.files += files.size();
    ReadFolder read{.row = {.id = 0, .root = root_, .path = path}, .files = files};
    const std::int64_t now = scanner_.parts_.now_ms();
    std::erase_if(read.files, [&](const disk::MediaFile& file) {
      const std::string place = placeOf(path, file.name);
      if (!scanner_.parts_.unsettled.holds(place, file, now)) return false;
      if (disk_.isClosed(disk::joined(path, file.name))) {
        scanner_.parts_.unsettled.settle(place);
        return false;
      }
      ++tally.waiting;
      tally.waiting_in.emplace(root_, path);
      return true;
    });
    read.row.signature = signatureOf(read.files);
    Known& known = findOrMake(path);
    if (error_) return false;
    known.is_seen = true;
    read.row.id = known.id;
    read.is_new = std::exchange(known.is_new, false);
    const bool is_as_known = !read.is_new && known.signature == read.row.signature;
    if (!is_as_known) {
      batch_files_ += read.files.size();
      batch_.push_back(std::move(read));
      const std::size_t most = scanner_.options_.batch_files;
      if (batch_files_ >= most || batch_.size() >= most) keepError(flush());
    }
    if (scanner_.parts_.cancelled()) tally.cancelled = true;
    return !error_ && !tally.cancelled;
  }

  void unreadable(const std::string& path, int error) override {
    ++scanner_.tally_->failed;
    unreadable_.push_back(path);
    scanner_.tellTrouble(
        fmt::format("{}: {}", scanner_.parts_.shown(disk::joined(disk_.path(), path)), errorText(error)));
  }
  void refused(const std::string& link, const std::string& target) override {
    scanner_.tell(fmt::format(
        "link {} is not followed to {}: it leads out of the library (follow_links), or there a second time",
        scanner_.parts_.shown(disk::joined(disk_.path(), link)), scanner_.parts_.shown(target)));
  }

 private:
  struct Known {
    std::int64_t id = 0;
    Signature signature{};
    bool is_seen = false;
    bool is_new = false;  // no row yet
  };

  std::string placeOf(const std::string& folder, const std::string& name) const {
    return disk::joined(disk_.path(), disk::joined(folder, name));
  }

  Known& findOrMake(const std::string& path) {
    const PathKey key = keyOf(path);
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    if (!is_loaded_) {
      const auto row = scanner_.parts_.store.folder(root_, path);
      if (!row) error_ = row.error();
      if (row && *row)
        return known_.emplace(key, Known{.id = (*row)->id, .signature = (*row)->signature}).first->second;
    }
    Known made{.id = scanner_.parts_.ids.key(scanner_.parts_.now_ms()), .is_new = true};
    return known_.emplace(key, made).first->second;
  }

  void keepError(Status status) {
    if (!status && !error_) error_ = std::move(status.error());
  }

  Status flush() {
    if (batch_.empty()) return {};
    Resolver resolver(scanner_.type_,
                      {.store = scanner_.parts_.store,
                       .ids = scanner_.parts_.ids,
                       .now_ms = scanner_.parts_.now_ms,
                       .is_there = [this](const PlacedRow& row) { return scanner_.isThere(row); },
                       .folder_is_there =
                           [this](std::int64_t root, const std::string& folder) {
                             return scanner_.isFolderThere(root, folder);
                           }});
    auto changes = resolver.resolve(std::exchange(batch_, {}), scanner_.had_files_, *scanner_.tally_);
    batch_files_ = 0;
    ++scanner_.tally_->placed;
    if (!changes) return std::unexpected(std::move(changes.error()));
    if (Status applied = scanner_.parts_.store.apply(*changes); !applied) return applied;
    for (FolderRow& folder : changes->to_place_anew)
      scanner_.to_place_anew_.emplace(folder.root, std::move(folder.path));
    scanner_.parts_.progress(*scanner_.tally_);
    scanner_.tally_->new_items.clear();
    return {};
  }

  Scanner& scanner_;
  const std::int64_t root_;
  const disk::Root& disk_;
  bool is_loaded_ = false;
  std::unordered_map<PathKey, Known, PathKeyHash> known_;
  std::vector<std::string> unreadable_;
  std::vector<ReadFolder> batch_;
  std::size_t batch_files_ = 0;
  std::optional<revenge::Error> error_;
};

Status Scanner::run(const ScanTask& task, ScanTally& tally) {
  tally_ = &tally;
  constexpr std::int64_t kThousand = 1000;
  began_us_ = parts_.now_ms() * kThousand;
  auto roots = parts_.store.roots();
  if (!roots) return std::unexpected(std::move(roots.error()));
  for (const RootRow& root : *roots) {
    auto has = parts_.store.hasFiles(root.id, Store::Files::kAny);
    if (!has) return std::unexpected(std::move(has.error()));
    had_files_ = had_files_ || *has;
  }
  Status done = task.places.empty() ? scanAll(*roots) : scanPlaces(*roots, task);
  tally.next_look_ms = parts_.unsettled.nextLook(parts_.now_ms());
  return done;
}

Status Scanner::scanAll(const std::vector<RootRow>& roots) {
  tally_->complete = true;
  // All are open before the first is read: what moved between them is looked for in each.
  for (const RootRow& root : roots) {
    auto disk = disk::Root::open(root.path);
    if (!disk) {
      if (Status set = setOffline(root, errorText(disk.error())); !set) return set;
      continue;
    }
    auto doubt = doubtOf(root, *disk);
    if (!doubt) return std::unexpected(std::move(doubt.error()));
    if (!doubt->empty()) {
      if (Status set = setOffline(root, *doubt); !set) return set;
      continue;
    }
    open_.emplace(root.id, std::move(*disk));
  }
  for (const RootRow& root : roots) {
    if (!open_.contains(root.id)) continue;
    if (Status scanned = scanRoot(root); !scanned) return scanned;
    if (tally_->cancelled) break;
  }
  tally_->complete = tally_->complete && tally_->failed == 0 && !tally_->cancelled;
  if (tally_->cancelled) return {};
  if (tally_->added > 0)
    if (Status paired = pairUp(); !paired) return paired;
  if (Status placed = placeAnew(); !placed) return placed;
  if (tally_->complete) {
    auto held_back = parts_.store.conclude(options_.keep_missing_us);
    if (!held_back) return std::unexpected(std::move(held_back.error()));
    if (*held_back > 0)
      tell(fmt::format(
          "{} files have been missing for long; so many are deleted only by `revengectl run library purge`",
          *held_back));
  }
  return tally_->placed + tally_->missing > 0 ? parts_.store.dropUnused() : Status();
}

Status Scanner::scanRoot(const RootRow& root) {
  const disk::Root& disk = open_.at(root.id);
  RootScan scan(*this, root.id, disk);
  if (Status loaded = scan.preload(); !loaded) return loaded;
  if (Status walked = scan.walk("", true); !walked) return walked;
  if (tally_->cancelled) return {};
  if (Status lost = scan.loseUnseen(); !lost) return lost;
  return parts_.store.setRoot(root.id, "online", "", disk.device());
}

Result<std::string> Scanner::doubtOf(const RootRow& root, const disk::Root& disk) {
  const auto has = parts_.store.hasFiles(root.id, Store::Files::kThere);
  if (!has) return std::unexpected(has.error());
  if (!*has) return std::string();
  const auto listing = disk.list("");
  if (!listing) return errorText(listing.error());
  if (listing->files.empty() && listing->folders.empty() && listing->links.empty()) {
    const auto count = parts_.store.countFiles(root.id);
    if (!count) return std::unexpected(count.error());
    return fmt::format("it is empty, and held {} files", *count);
  }
  if (!root.device || *root.device == disk.device()) return std::string();
  // Another device number may be the same disk after a start of the system: what it holds decides.
  const std::set<std::string> there(listing->folders.begin(), listing->folders.end());
  std::size_t known = 0;
  std::size_t found = 0;
  const Status listed = parts_.store.folders(root.id, "", [&](const FolderRow& row) {
    if (row.path.empty() || row.path.contains('/')) return;
    ++known;
    found += there.contains(row.path) ? 1 : 0;
  });
  if (!listed) return std::unexpected(listed.error());
  if (known > 0 && found * 2 < known)
    return fmt::format("another disk is there: {} of {} folders are not", known - found, known);
  return std::string();
}

Status Scanner::setOffline(const RootRow& root, const std::string& why) {
  tally_->complete = false;
  ++tally_->failed;
  tellTrouble(fmt::format("{} is offline: {}", parts_.shown(root.path), why));
  return parts_.store.setRoot(root.id, "offline", why, std::nullopt);
}

Status Scanner::scanPlaces(const std::vector<RootRow>& roots, const ScanTask& task) {
  for (const RootRow& root : roots) {
    if (root.state == "offline") continue;
    auto disk = disk::Root::open(root.path);
    if (!disk) {
      if (Status set = setOffline(root, errorText(disk.error())); !set) return set;
      continue;
    }
    open_.emplace(root.id, std::move(*disk));
  }
  for (const ScanTask::Place& place : task.places) {
    const auto root = open_.find(place.root);
    if (root == open_.end()) continue;
    visited_.clear();
    if (Status scanned = scanPlace(root->second, place.root, place); !scanned) return scanned;
    if (tally_->cancelled) return {};
  }
  // After what came: a folder that was moved is no longer missed then.
  for (const ScanTask::Place& place : task.places) {
    const auto root = open_.find(place.root);
    if (root == open_.end()) continue;
    for (const std::string& folder : place.vanished) {
      if (root->second.inspect(folder)) continue;
      if (Status lost = loseBelow(place.root, folder); !lost) return lost;
    }
  }
  // What went and came within one look may still be one file.
  if (tally_->added > 0)
    if (Status paired = pairUp(); !paired) return paired;
  if (Status placed = placeAnew(); !placed) return placed;
  return tally_->placed > 0 ? parts_.store.dropUnused() : Status();
}

Status Scanner::scanPlace(const disk::Root& root, std::int64_t id, const ScanTask::Place& place) {
  if (!place.folder.empty()) {
    const auto status = root.inspect(place.folder);
    if (!status && (status.error() == ENOENT || status.error() == ENOTDIR))
      return loseBelow(id, place.folder);
  }
  for (const std::string& name : place.closed)
    parts_.unsettled.closed(disk::joined(root.path(), disk::joined(place.folder, name)));
  return RootScan(*this, id, root).walk(place.folder, place.below);
}

Status Scanner::loseBelow(std::int64_t root, const std::string& folder) {
  std::vector<std::int64_t> lost;
  if (Status listed =
          parts_.store.folders(root, folder, [&](const FolderRow& row) { lost.push_back(row.id); });
      !listed)
    return listed;
  return lose(lost);
}

Status Scanner::lose(const std::vector<std::int64_t>& folders) {
  auto lost = parts_.store.loseFolders(folders);
  if (!lost) return std::unexpected(std::move(lost.error()));
  tally_->missing += lost->files;
  for (FolderRow& folder : lost->to_place_anew) to_place_anew_.emplace(folder.root, std::move(folder.path));
  return {};
}

Status Scanner::pairUp() {
  auto pairs = parts_.store.pairs(began_us_);
  if (!pairs) return std::unexpected(std::move(pairs.error()));
  std::set<Id> paired;
  std::map<std::pair<std::int64_t, std::string>, bool> folders;
  for (const Store::Pair& pair : *pairs) {
    const auto root = open_.find(pair.found.root);
    if (root == open_.end() || paired.contains(pair.missing.file.id) || paired.contains(pair.found.file.id))
      continue;
    const std::string path = disk::joined(pair.found.path, pair.found.file.name);
    const std::string sample = parts_.sample(root->second, path, pair.found.file.bytes);
    if (sample.empty() || sample != pair.sample) continue;
    if (Status merged = parts_.store.merge(pair.missing.file, pair.found.file); !merged) return merged;
    paired.insert({pair.missing.file.id, pair.found.file.id});
    folders.emplace(std::pair(pair.found.root, pair.found.path), true);
    ++tally_->moved;
    --tally_->added;
  }
  visited_.clear();
  for (const auto& [place, once] : folders) {
    const auto& [root, folder] = place;
    if (Status again = RootScan(*this, root, open_.at(root)).walk(folder, false); !again) return again;
  }
  return {};
}

// What is left after so many rounds waits for the next scan: the folders have no signature meanwhile.
Status Scanner::placeAnew() {
  constexpr int kMostRounds = 4;
  for (int round = 0; round < kMostRounds && !to_place_anew_.empty(); ++round) {
    for (const auto& [id, folder] : std::exchange(to_place_anew_, {})) {
      const auto root = open_.find(id);
      if (root == open_.end()) continue;
      const auto status = root->second.inspect(folder);
      if (!status || !S_ISDIR(status->st_mode)) continue;
      visited_.clear();
      if (Status placed = RootScan(*this, id, root->second).walk(folder, false); !placed) return placed;
      if (tally_->cancelled) return {};
    }
  }
  return {};
}

bool Scanner::isThere(const PlacedRow& row) const {
  const auto root = open_.find(row.root);
  if (root == open_.end()) return true;  // nothing is known of it
  const auto status = root->second.inspect(disk::joined(row.path, row.file.name));
  return status && status->st_ino == row.file.inode;
}

bool Scanner::isFolderThere(std::int64_t root, const std::string& folder) const {
  const auto open = open_.find(root);
  return open == open_.end() || open->second.inspect(folder).has_value();
}

void Scanner::tellTrouble(const std::string& trouble) {
  if (tally_->trouble.empty()) tally_->trouble = trouble;
  tell(trouble);
}

void Scanner::tell(std::string problem) {
  if (tally_->problems.size() < kToldProblems) tally_->problems.push_back(std::move(problem));
}

}  // namespace library
