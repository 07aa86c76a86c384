// The records of all plugins of this host and the one lock order around them: `publishing` (one generation at a time)
// before `mutex` (the records). Shared by the operations (plugins.cpp), bring-up and take-down. Owned by Plugins.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "module/loader.hpp"
#include "module/retired.hpp"
#include "plugin/desired.hpp"
#include "plugin/instance.hpp"
#include "plugin/plugins.hpp"

namespace revenge::plugin {

// One plugin id. Fields are guarded by Roster::mutex unless an operation holds the record.
struct Record {
  std::string id;
  std::filesystem::path found;  // where the plugin folders have it; empty: only elsewhere, or nowhere
  std::string version;          // of the package as last seen
  std::string description;
  std::string rollback_version;  // of the package that rollback would load; empty: none
  std::string sha256;
  State state = State::kDiscovered;  // while there is no serving instance
  std::string note;
  base::WallTime since = {};
  std::uint64_t restarts = 0;
  std::shared_ptr<Instance> current;           // in the published generation
  std::vector<std::shared_ptr<Instance>> old;  // draining, retired, stuck; newest first
  std::string operation;                       // in progress; empty: none
};

class Roster {
 public:
  Roster(Plugins::Rooms rooms, PluginsOptions options, std::filesystem::path desired_file, Wishes wishes);

  // Between the beginning and the end of an operation nobody else changes the record.
  class Hold {
   public:
    Hold(Roster& roster, Record& record) : roster_(&roster), record_(&record) {}
    Hold(Hold&& other) noexcept : roster_(std::exchange(other.roster_, nullptr)), record_(other.record_) {}
    Hold& operator=(Hold&&) = delete;
    ~Hold();
    Record& record() const { return *record_; }

   private:
    Roster* roster_;
    Record* record_;
  };
  base::Result<Hold> hold(std::string_view id, std::string_view operation);
  // Waits instead of answering busy; for shutdown.
  Hold holdPatiently(Record& record, std::string_view operation);

  Record& add(std::string id);  // or the one that exists
  std::vector<std::string> ids() const;
  std::shared_ptr<Instance> serving(std::string_view id) const;  // null: none

  std::string provider(
      std::string_view interface) const;  // id of a serving plugin that offers it; empty: none

  // Keeps the operator's wish, and what it says about the way back.
  base::Result<> want(Record& record, const Wish& wish);
  void lookBack(Record& record);

  // Makes `next` (or nothing) the serving instance of the record and publishes the generation, or changes nothing.
  base::Result<std::uint64_t> publish(Record& record, std::shared_ptr<Instance> next);
  base::Result<std::uint64_t> publish();

  // The record's own state, told to log and events. Where the table has no move the state stays.
  void apply(Record& record, Event event, std::string_view note);

  // An instance that does not serve but is still here: shown among the old ones until it is dropped.
  void keep(Record& record, std::shared_ptr<Instance> instance);
  void drop(Record& record, const std::shared_ptr<Instance>& instance);

  revenge_host& newHost(const module::Manifest& manifest, std::string package);
  // Instances and libraries that are still mapped without serving.
  std::size_t lingering() const;

  Listing list() const;
  base::Result<PluginView> show(std::string_view id) const;

  Plugins::Rooms rooms;
  const PluginsOptions options;
  observe::Logger logger;
  Desired desired;
  module::Retired retired;
  std::atomic<bool> stopping = false;

 private:
  base::Result<std::uint64_t> publishLocked(Record* changed, std::shared_ptr<Instance> next);
  PluginView viewLocked(const Record& record) const;

  mutable std::mutex publishing_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, std::unique_ptr<Record>, std::less<>> records_;  // guarded by mutex_; never shrinks
  std::deque<std::unique_ptr<revenge_host>> hosts_;                      // guarded by mutex_; never shrinks
  std::uint64_t loads_ = 0;                                              // guarded by mutex_
};

}  // namespace revenge::plugin
