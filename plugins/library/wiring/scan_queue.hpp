// ScanQueue: the scans of all libraries on one thread, one after another, and what asks for them: the API, changes on disk, time.
#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include <revenge/plugin.hpp>
#include <revenge/sql.hpp>

#include "disk/watch.hpp"
#include "scan/scanner.hpp"
#include "wiring/scans.hpp"

namespace library {

struct ScanQueueOptions {
  std::int64_t rescan_ms = 0;  // between two looks at all of a library
  std::int64_t poll_ms = 0;    // the same where changes are not told
  bool watch = true;
  ScannerOptions scanner;
};

class ScanQueue final : public Scans {
 public:
  // `listed` is called after files came or changed: they want to be probed.
  ScanQueue(revenge::Host& host, revenge::Sql sql, ScanQueueOptions options, std::function<void()> listed);

  bool start(const Id& library) override;
  bool stop(const Id& library) override;
  ScanReport report(const Id& library) const override;
  void reconsider(const Id& library) override;

  // Something of a folder is to be looked at anew.
  void touch(std::int64_t root, std::int64_t folder);

  // The threads' functions; they return after close().
  void scanAll(const revenge::StopToken& stop, const revenge::Call& call);
  void watchAll(const revenge::StopToken& stop);
  void close();
  void use(const ScanQueueOptions& options);

  // What keeps libraries from being told of changes, and what is offline; empty: nothing.
  std::string trouble() const;
  std::size_t watched() const { return watch_.count(); }

 private:
  using PlaceKey = std::pair<std::int64_t, std::int64_t>;  // root and folder
  struct Touched {
    std::set<std::string> closed, came, went;
  };
  struct Work {
    std::string name;
    LibraryType type = LibraryType::kMovies;
    bool is_full = false;  // all of it is to be read
    std::map<PlaceKey, Touched> places;
    std::set<std::pair<std::int64_t, std::string>> waiting_in;
    std::int64_t next_look_ms = 0;  // at those
    std::int64_t next_full_ms = 0;
    int failures = 0;  // of scans, one after another
    std::unique_ptr<Unsettled> unsettled = std::make_unique<Unsettled>();
    std::set<std::int64_t> roots;
    ScanReport report;
    std::string trouble;
  };
  struct Job {
    Id library;
    std::string name{};
    LibraryType type = LibraryType::kMovies;
    bool is_full = false;
    std::map<PlaceKey, Touched> places{};
    std::set<std::pair<std::int64_t, std::string>> looks{};
    Unsettled* unsettled = nullptr;
  };

  bool loadLibraries(const revenge::Call& call);
  std::optional<Job> next(const revenge::StopToken& stop);
  std::optional<Job> due(std::int64_t now_ms);
  std::int64_t nextTime(std::int64_t now_ms) const;
  void run(const Job& job, const revenge::Call& call);
  Result<ScanTask> taskOf(const Job& job, Store& store, const revenge::Call& call) const;
  void finish(const Job& job, const ScanTally& tally, const Status& done, std::int64_t took_ms);
  void publishProgress(const Id& library, const ScanTally& tally, std::string_view kind);
  void take(const std::vector<disk::WatchEvent>& events);
  void flushTouched();
  std::int64_t nowMs() const;

  revenge::Host& host_;
  revenge::Sql sql_;
  std::function<void()> listed_;
  revenge::Clock clock_;
  const revenge::Counter scansTotal_;
  const revenge::Counter addedTotal_;
  const revenge::Counter missingTotal_;
  const revenge::Gauge watchedFolders_;
  disk::Watch watch_;
  IdMaker ids_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  ScanQueueOptions options_;
  std::map<Id, std::shared_ptr<Work>> libraries_;
  std::set<Id> to_reconsider_;
  bool is_loaded_ = false;
  bool is_closed_ = false;
  std::optional<Id> running_;
  bool stop_running_ = false;
  std::map<std::int64_t, Id> library_of_root_;

  // Of the watching thread.
  std::map<PlaceKey, Touched> touched_;
  bool has_lost_ = false;
  std::int64_t first_touch_ms_ = 0, last_touch_ms_ = 0;
  std::int64_t last_progress_ms_ = 0;
};

}  // namespace library
