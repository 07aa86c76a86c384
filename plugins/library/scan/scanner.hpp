// Scanner: reads the folders of a library and brings the catalogue to what is there. Each batch is written as one, so that a scan
// that ends anywhere leaves a whole catalogue, and the next goes on. On the caller's thread; one scan of a library at a time.
//
// Nothing is forgotten for being away: a root that cannot be read, is empty though it was not, or is another disk, is offline and
// keeps all it had; a folder that cannot be read keeps what is in it; what is gone is missing, and deleted only when it has
// been so for two complete scans and long enough, and never much at once.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "disk/walk.hpp"
#include "scan/resolver.hpp"
#include "scan/unsettled.hpp"

namespace library {

struct ScannerOptions {
  bool follow_links = false;
  std::int64_t keep_missing_us = 0;
  std::size_t batch_files = 1000;
};

// What a scan is of.
struct ScanTask {
  struct Place {
    std::int64_t root = 0;
    std::string folder{};
    bool below = false;                   // also what is in its folders
    std::vector<std::string> vanished{};  // folders, below the root, that are no longer there
    std::vector<std::string> closed{};    // files of it, by name, whose writers are done
  };
  std::vector<Place> places;  // empty: all of the library
};

struct ScanTally : Tally {
  std::uint64_t folders = 0, files = 0, waiting = 0, failed = 0;
  std::vector<std::string> problems;  // the first few
  std::string trouble;                // the first that kept something from being read; empty: all was
  std::int64_t next_look_ms = 0;      // when what is being written may be done; 0: nothing is
  std::set<std::pair<std::int64_t, std::string>> waiting_in;  // root and folder of what is being written
  bool complete = false;
  bool cancelled = false;
};

class Scanner {
 public:
  struct Parts {
    Store& store;
    IdMaker& ids;
    Unsettled& unsettled;
    std::function<std::int64_t()> now_ms;  // since 1970 UTC
    std::function<bool()> cancelled;
    std::function<void(const ScanTally&)> progress;  // after each batch
    // Each folder, before it is read, by its absolute path.
    std::function<void(std::int64_t root, std::int64_t folder, const std::string& path)> entering;
    std::function<std::string(const std::string&)> shown;  // a path for people
    // Sees the sample of a file's content.
    std::function<std::string(const disk::Root& root, const std::string& path, std::uint64_t bytes)> sample;
  };

  Scanner(LibraryType type, const ScannerOptions& options, Parts parts)
      : type_(type), options_(options), parts_(std::move(parts)) {}

  // The tally is complete up to where an error ended it.
  Status run(const ScanTask& task, ScanTally& tally);

 private:
  class RootScan;

  Status scanAll(const std::vector<RootRow>& roots);
  Status scanPlaces(const std::vector<RootRow>& roots, const ScanTask& task);
  Status scanRoot(const RootRow& root);
  Status scanPlace(const disk::Root& root, std::int64_t id, const ScanTask::Place& place);
  // Why the root cannot be trusted to be what it was; empty: it can.
  Result<std::string> doubtOf(const RootRow& root, const disk::Root& disk);
  Status setOffline(const RootRow& root, const std::string& why);
  Status lose(const std::vector<std::int64_t>& folders);
  Status loseBelow(std::int64_t root, const std::string& folder);
  Status pairUp();
  Status placeAnew();
  bool isThere(const PlacedRow& row) const;
  bool isFolderThere(std::int64_t root, const std::string& folder) const;
  void tell(std::string problem);
  void tellTrouble(const std::string& trouble);

  LibraryType type_;
  ScannerOptions options_;
  Parts parts_;
  ScanTally* tally_ = nullptr;
  std::map<std::int64_t, disk::Root> open_;  // roots
  disk::Visited visited_;
  std::set<std::pair<std::int64_t, std::string>> to_place_anew_;  // root and folder
  bool had_files_ = false;                                        // the library, before this scan
  std::int64_t began_us_ = 0;
};

}  // namespace library
