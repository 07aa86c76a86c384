// The records of all plugins of this host and the one lock order around them: `publishing` (one generation at a time)
// before `mutex` (the records). Shared by the operations (operations.cpp), bring-up and take-down. Owned by Plugins.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "flags/closed.hpp"
#include "module/loader.hpp"
#include "module/retired.hpp"
#include "plugin/desired.hpp"
#include "plugin/graph.hpp"
#include "plugin/instance.hpp"
#include "plugin/plugins.hpp"
#include "runtime/lanes.hpp"

namespace revenge::plugin {

// Whether a plugin is one of this host's.
enum class Standing : std::uint8_t {
  kUnknown,  // shown to nobody: its first swap failed, or was only planned
  kTried,    // no plugin folder has it, and an operation tries to take it from another folder
  kKnown,
};

// One plugin id. Fields are guarded by Roster::mutex unless an operation holds the record.
struct Record {
  std::string id;
  Standing standing = Standing::kUnknown;
  std::filesystem::path found;  // where the plugin folders have it; empty: only elsewhere, or nowhere
  std::string version;          // of the package as last seen
  std::string description;
  std::string rollback_version;  // of the package that rollback would load; empty: none
  std::string sha256;
  std::string signature;                  // the verdict on it
  std::vector<module::Interface> offers;  // of the package as last seen, the host's own tables left out
  std::vector<module::Interface> needs;
  std::string gate;                  // flag; empty: its package was never read, so that its id is taken
  bool gated = false;                // disabled by its flag: whoever asks for its routes is none of its users
  State state = State::kDiscovered;  // while there is no serving instance
  std::string note;
  base::WallTime since = {};
  std::uint64_t restarts = 0;
  runtime::Lanes::Hold hold = runtime::Lanes::Hold::kShare;  // of its lanes
  std::shared_ptr<Instance> current;                         // in the published generation
  std::vector<std::shared_ptr<Instance>> old;                // draining, retired, stuck; newest first
  std::string operation;                                     // in progress; empty: none
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
    bool triesNew() const { return record_->standing == Standing::kTried; }

   private:
    Roster* roster_;
    Record* record_;
  };
  base::Result<Hold> hold(std::string_view id, std::string_view operation);
  // The operation of whoever only looks: nobody is refused for it, only kept waiting.
  static constexpr std::string_view kLooking = "plan";
  // Waits instead of answering busy; for shutdown.
  Hold holdPatiently(Record& record, std::string_view operation);
  // All of them or none. Those that `taken` names may be unknown: they are known once they serve.
  base::Result<std::vector<Hold>> holdAll(std::span<const std::string> ids, std::string_view operation,
                                          std::span<const std::string> taken = {});

  Record& add(const std::string& id);                            // or the one that exists
  std::vector<std::string> ids() const;                          // known or tried
  std::shared_ptr<Instance> serving(std::string_view id) const;  // null: none
  std::filesystem::path found(std::string_view id) const;        // by the plugin folders; empty: nowhere

  void learn(Record& record, const module::Manifest& manifest);
  // Why its flag lets nobody in; nothing: it may run, as far as that goes.
  std::optional<flags::Closed> closed(const Record& record) const;
  // What is said of a plugin that its flag keeps from running.
  static std::string noteOf(const flags::Closed& closed);
  // The record's state, when its flag keeps it from running.
  void disableByFlag(Record& record, const flags::Closed& closed);
  // Of what serves (kServing), or of all that is wanted, from their manifests.
  enum class Whose : std::uint8_t { kServing, kWanted };
  Graph graph(Whose whose) const;
  // Why nobody provides `interface` to `consumer` now, every candidate with what is against it; empty: one serves.
  std::string absence(std::string_view consumer, const module::Interface& interface) const;

  // A required interface that nobody provides to `id`, and the plugins that could.
  struct Lack {
    std::string why;
    std::vector<std::string> candidates;
  };
  std::vector<Lack> lacks(std::string_view id) const;
  std::vector<GraphView::Link> links() const;
  // Versions of the consumers that keep an old provider ("reader 1.0.0").
  std::vector<std::string> pinnedBy(std::uint64_t load) const;

  void admit(Record& record);  // one of this host's from now on
  // No longer one of this host's. Requires: an operation holds it, and it serves nothing.
  void dismiss(Record& record);
  // Keeps the operator's wish, and what it says about the way back.
  base::Result<> want(Record& record, const Wish& wish);
  void lookBack(Record& record);

  // One plugin's part of a publication: `next` (or nothing) becomes the serving instance of the record.
  struct Change {
    Record* record;
    std::shared_ptr<Instance> next;
    std::string disabled = {};  // without a next one: why it shall not run
    bool by_flag = false;       // its flag says so, not the operator
    Event how = Event::kDisable;
  };
  // All of it in one generation, which also opens every gate of the instances that go; or nothing of it. What is shown of
  // the plugins changes with it. Old consumers stay with the old providers that leave with them.
  // `decided_on`: the generation it was decided on; refused (kStale) when another runs by now.
  base::Result<std::uint64_t> publish(std::span<const Change> changes,
                                      std::optional<std::uint64_t> decided_on = {});
  base::Result<> checkStill(std::optional<std::uint64_t> decided_on) const;
  base::Result<std::uint64_t> publish(Record& record, std::shared_ptr<Instance> next);
  base::Result<std::uint64_t> publish();
  // Where the slots of an instance lead that is about to start; `together`: the others of its set.
  base::Result<> bind(std::span<const std::shared_ptr<Instance>> together);
  void unbind(std::span<const std::shared_ptr<Instance>> together);
  // The gate: nobody new enters `instances` from here on; who may wait does. Until publish() or openGate().
  base::Result<> closeGate(std::span<const std::shared_ptr<Instance>> instances);
  void openGate(std::span<const std::shared_ptr<Instance>> instances);

  // Tells consumers that wait, or serve without what they need; and, for a serving one, that it is back. Ids of plugins
  // whose start waited for what is there now.
  std::vector<std::string> settleDependents();

  // The record's own state, told to log and events. Where the table has no move the state stays.
  void apply(Record& record, Event event, std::string_view note);
  void countRestart(Record& record);

  // An instance that does not serve but is still here: shown among the old ones until it is dropped.
  void keep(Record& record, std::shared_ptr<Instance> instance);
  void drop(Record& record, const std::shared_ptr<Instance>& instance);
  // An old consumer still leads to it: its code may be called.
  // How much of the workers its instances have, from now on.
  void restrain(std::string_view id, runtime::Lanes::Hold hold);
  runtime::Lanes::Hold holdOn(const Record& record) const;
  bool isPinned(const Instance& instance) const;
  // Until an instance was dropped or an operation has ended; false: neither happened.
  bool awaitDrop(base::Duration patience);

  // Of the plugins as they are shown: counts publications that changed what serves or what it offers.
  std::uint64_t generation() const { return generation_.load(); }

  revenge_host& newHost(const module::Manifest& manifest, std::string package);
  // Instances and libraries that are still mapped without serving.
  std::size_t lingering() const;

  Listing list() const;
  Listing glance() const;
  base::Result<PluginView> show(std::string_view id) const;

  Plugins::Rooms rooms;
  const PluginsOptions options;
  observe::Logger logger;
  Desired desired;
  module::Retired retired;
  std::atomic<bool> stopping = false;

 private:
  // Whether it is one that the operator sees and decides on; a gate that opens and closes is none.
  enum class Shown : std::uint8_t { kNo, kYes };
  base::Result<std::uint64_t> publishLocked(std::span<const Change> changes,
                                            std::span<revenge_host* const> opened, Shown shown);
  Scene sceneLocked(std::span<const Change> changes) const;
  std::vector<Pin> pinsOf(std::span<const Change> changes) const;
  PluginView viewLocked(const Record& record) const;
  static std::string gateOf(const Record& record) { return record.gate.empty() ? record.id : record.gate; }
  Record& addLocked(const std::string& id);
  void learnLocked(Record& record, const module::Manifest& manifest);
  std::optional<observe::Event> applyLocked(Record& record, Event event, std::string_view note);

  mutable std::mutex publishing_;
  mutable std::mutex mutex_;
  std::condition_variable freed_;
  std::map<std::string, std::unique_ptr<Record>, std::less<>> records_;  // guarded by mutex_; never shrinks
  std::deque<std::unique_ptr<revenge_host>> hosts_;                      // guarded by mutex_; never shrinks
  std::uint64_t loads_ = 0;                                              // guarded by mutex_
  std::vector<revenge_host*> held_;                                      // guarded by publishing_
  std::vector<Pin> pins_;                                                // guarded by mutex_
  std::atomic<std::uint64_t> generation_{0};
};

}  // namespace revenge::plugin
