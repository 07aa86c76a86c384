// The plugins of this host: what the operator wants of them, what they are, and the operations that change either. A
// plugin runs while the operator wants it and its flag could serve anybody; a flag that changes stops or starts it. One
// operation at a time per plugin (a second one is told `busy`); different plugins change side by side. app owns it.
// Thread safety: every function may be called from any thread except I/O threads (operations wait for plugins).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "config/applied.hpp"
#include "module/leftovers.hpp"
#include "plugin/capabilities.hpp"
#include "plugin/conduct.hpp"
#include "plugin/crash_guard.hpp"
#include "plugin/desired.hpp"
#include "plugin/lifecycle.hpp"
#include "plugin/section.hpp"
#include "runtime/lanes.hpp"

namespace revenge::flags {
class Flags;
}
namespace revenge::observe {
class EventStream;
class Health;
class Log;
}  // namespace revenge::observe
namespace revenge::service {
class Domain;
}
namespace revenge::runtime {
class TransitionThreads;
}
namespace revenge::module {
class Loader;
}

namespace revenge::plugin {

// One load of a plugin that is, or was until its drain ends, in this process.
struct InstanceView {
  std::uint64_t load = 0;
  std::string version;
  State state = State::kDiscovered;
  std::string note;        // why it is so; what holds it while it drains
  std::size_t inside = 0;  // calls and leases, approximately
  base::WallTime since = {};
  std::vector<std::string> holders = {};
  base::Duration drain = {};  // how long it may drain before it counts as retired
  std::vector<std::pair<std::string, std::uint64_t>> registrations = {};  // kind and count
  struct Jobs {
    std::size_t running = 0;  // its callbacks on workers
    std::size_t waiting = 0;
    std::uint64_t refused = 0;  // since it was loaded: its share was full
  };
  Jobs jobs = {};
};

struct PluginView {
  std::string id;
  std::string version;  // of the running instance, else of the package
  std::string description;
  State state = State::kDiscovered;
  bool wanted = true;            // desired state, stored apart from the observed one
  std::string gate;              // the flag that has to let somebody in as well
  std::string gate_says = {};    // "on" also of one that nobody has defined, "off", "10 %"
  std::string gate_closed = {};  // why it lets nobody in; empty: it does
  std::string note;              // one line: reason and remedy; empty when all is well
  std::filesystem::path folder;
  std::string sha256;
  std::string signature;  // the verdict on it: "trusted: key ...", "unsigned"; empty: it was never loaded
  std::optional<std::string> rollback_version;  // what `rollback` would return to
  base::WallTime since = {};
  std::uint64_t restarts = 0;
  std::vector<BudgetStanding> standings = {};  // with the resources that it uses more of than it may
  Rung rung() const {
    Rung highest = Rung::kFine;
    for (const BudgetStanding& each : standings) highest = std::max(highest, each.rung);
    return highest;
  }
  std::vector<InstanceView>
      instances;  // newest first; the serving one, then draining, retired and stuck ones
};

// What `list` shows. Taken between two publishes: it is always what runs.
struct Listing {
  std::uint64_t generation = 0;
  std::vector<PluginView> plugins;  // by id
};

// One step of an operation, for progress and for the answer; or a line for people before the first step.
struct Step {
  std::string name;  // "verified", "loaded", "configured", "started"; or the line
  base::Duration took = {};
  std::string plugin = {};  // whose step it is; empty: a line
};

struct Report {
  std::string id;
  std::string from;  // version; empty: was not running
  std::string to;    // version; empty: is no longer running
  std::uint64_t generation = 0;
  base::Duration took = {};
  std::vector<Step> steps;
  std::vector<std::string> warnings;
  std::vector<std::string> holders;  // of the instance now draining
  std::vector<std::string> waiting;  // a line for each plugin that waits now, or waits on
  base::Duration held = {};          // how long callers were kept waiting at the gate
};

// What came of reconfigure(): ids.
struct Reconfigured {
  std::uint64_t generation = 0;
  std::vector<std::string> configured;  // live
  std::vector<std::string> reloaded;
  std::vector<std::string> warnings;
};

// What the configuration of a plugin is held against: the manifest of its serving instance, else of the package that a
// start would take.
struct Configurable {
  enum class Takes : std::uint8_t { kLive, kAnew, kWhenItStarts };
  module::Manifest manifest;
  std::string over;  // a JSON object that a plan laid over its section; empty: nothing
  Takes takes = Takes::kWhenItStarts;
};

// Whether a swap takes a plugin that the operator has switched off, and switches it on.
enum class WhenOff : std::uint8_t { kRefuse, kStart };

// Several plugins, changed in one generation or not at all.
enum class Verb : std::uint8_t { kEnable, kDisable, kSwap, kRollback, kReload };
std::string_view name(Verb verb);

struct Intent {
  std::string id;
  Verb verb = Verb::kReload;
  std::filesystem::path folder = {};  // of kSwap
  std::optional<std::string> config =
      {};  // a JSON object laid over the configured section from now on; "{}": none
};
struct Plan {
  std::optional<std::uint64_t> generation = {};  // it was made for; refused when another runs
  std::vector<Intent> intents;
};

// What a plan would do, found out without running any code of a plugin.
struct Outlook {
  struct Item {
    std::string id;
    Verb verb = Verb::kReload;
    std::string from;                    // version; empty: does not serve
    std::string to;                      // version; empty: withdrawn
    std::string verdict;                 // "unloadable", "will be retired: ..."; empty: withdrawn
    std::string mode;                    // "overlap", "exclusive"
    std::string state;                   // "none", "snapshot", "handover"
    std::string signature = {};          // the verdict on it, as PluginView has it
    bool downgrade = false;              // `to` is older than `from`
    std::string refusal;                 // why it cannot be; empty: it can
    std::string way_back;                // empty: open; else why there is none
    std::vector<std::string> vanishing;  // routes, services and configured keys that go
  };
  std::uint64_t generation = 0;
  std::vector<Item> items;           // in the order they would start
  std::vector<std::string> waiting;  // a line for each plugin that would wait
  bool feasible = true;
};

// Why something is as it is: one statement, and what is behind it.
struct Cause {
  std::string text;
  std::vector<Cause> behind;
  std::string remedy = {};  // what would change it; empty: see behind
};

struct GraphView {
  struct Link {
    std::string consumer;
    std::string provider;  // empty: nobody
    std::string interface;
    bool optional = false;
    std::string why;  // it leads nowhere; empty: it leads to the provider
  };
  std::uint64_t generation = 0;
  std::vector<PluginView> plugins;
  std::vector<Link> links;
};

// Called as an operation goes on, on the thread that asked for it.
using Progress = std::function<void(const Step&)>;

struct PluginsOptions {
  std::vector<std::filesystem::path> folders;  // where packages are looked for, in order
  std::filesystem::path state_dir;             // keeps the desired state
  std::size_t max_retired = 16;  // draining, retired and stuck instances together; past it swaps are refused
  double lane_share = 0.5;       // of the workers and of their queue, for each plugin
  std::optional<StandIn> stand_in = {};  // what this run starts instead of what is wanted
  std::string stand_in_why = {};         // said of those that it does not start
};

class Plugins {
 public:
  // All outlive this object.
  struct Rooms {
    const base::Clock& clock;
    observe::Log& log;
    observe::Health& health;
    observe::EventStream& events;
    flags::Flags& flags;
    service::Domain& domain;
    runtime::Lanes& lanes;
    runtime::TransitionThreads& transitions;
    module::Loader& loader;
    Capabilities& capabilities;
    ReadSection read_section;
    std::function<base::Result<>()>
        reread_configuration;  // takes the file as it is now; the old values stay on failure
    module::KnowsThread knows_thread;
    CrashGuard& crashes;
    Conduct* conduct = nullptr;  // null: nobody watches
  };

  // Reads the desired state and finds the packages; runs no code of a plugin. Fails when the desired state is damaged.
  static base::Result<std::unique_ptr<Plugins>> open(Rooms rooms, PluginsOptions options);
  ~Plugins();  // Requires: shutdown() was called, unless nothing was started

  // Starts every plugin that is wanted and whose flag lets anybody in, independent ones side by side, and publishes them;
  // from then on their flags are followed. A plugin that cannot start costs only itself: its state and the log say why.
  void startWanted();
  // Withdraws, drains and stops all, until `deadline`; what did not stop is named. The desired state stays.
  std::vector<std::string> shutdown(base::Instant deadline);
  // Before it: what is under way goes on, and nothing begins any more.
  void beginNothing();
  // Libraries are still mapped that should have gone: a thread or handler they left may yet run their code.
  bool keepsLibraries() const;

  // Operations. They return when the change is published (or refused, everything undone); an old instance goes on
  // draining behind them. Errors: kNotFound, kBusy (another operation on this plugin), kRefused, kFailed, kTimedOut.
  // One whose flag lets nobody in is wanted from then on, and a warning says when it starts.
  base::Result<Report> enable(std::string_view id, const Progress& progress = {});
  base::Result<Report> disable(std::string_view id, const Progress& progress = {});
  // Takes what is on disk now: the configuration (live where the plugin can) and the package (a swap when its bytes
  // changed).
  base::Result<Report> reload(std::string_view id, const Progress& progress = {});
  // `folder` holds the other version of `id`; it is remembered over restarts, as is the way back. A plugin that no plugin
  // folder has is one of this host's from then on.
  base::Result<Report> swap(std::string_view id, const std::filesystem::path& folder,
                            const Progress& progress = {}, WhenOff when_off = WhenOff::kRefuse);
  base::Result<Report> rollback(std::string_view id, const Progress& progress = {});
  // Lifts the quarantine that crashes of the host or its conduct led to, and starts it if it is wanted. kRefused: it is not in quarantine.
  base::Result<Report> release(std::string_view id, const Progress& progress = {});

  // What its conduct leads to. quarantine() drains and stops it behind the call and keeps it from starting again, this build of
  // it, until release(): what is wanted stays wanted. The other holds it to one worker, or gives it its share back.
  void quarantine(std::string_view id, const std::string& why);
  void restrain(std::string_view id, runtime::Lanes::Hold hold);

  // What serves nothing is loaded from `folder` when it starts next, and not before; rollback returns to where it was. One
  // that no plugin folder has is one of this host's from then on, switched off. kExists: it serves.
  base::Result<> place(std::string_view id, const std::filesystem::path& folder);
  // Those folders are about to go: what is remembered of them is forgotten, and the plugin with it where it has no other
  // folder. kRefused: it serves from one of them, or would when it starts, or would return to one; `even_so` forgets all but
  // the first.
  base::Result<> forget(std::string_view id, std::span<const std::filesystem::path> folders, bool even_so);
  // What must stay of it; empty where there is nothing.
  struct Places {
    std::filesystem::path serves;    // where the serving instance was loaded from
    std::filesystem::path chosen;    // where the next start takes it from, by the operator's word
    std::filesystem::path way_back;  // where rollback returns to
  };
  Places placesOf(std::string_view id) const;

  // Gives all that serve what read_section has for them now, where that is other than they run with, or to everybody:
  // those that can take it live prepare, the others are started anew beside their running instance, then all of it is
  // published in one generation and committed; or nothing is, and the error names who refused and why. Without any of
  // them the generation stays. Errors: those of apply().
  // kStale: another generation than `decided_on` runs.
  base::Result<Reconfigured> reconfigure(config::Whom whom, std::optional<std::uint64_t> decided_on = {});
  // Of every plugin whose manifest can be read, by id.
  std::vector<Configurable> configurables() const;
  // Manifests of other versions of a plugin that are at hand: what runs, what rollback returns to, what its folder holds.
  std::vector<module::Manifest> versionsAtHand(std::string_view id) const;
  // Those whose package, handshake or configuration the host refused start in the background, if they can now.
  void tryRefusedAgain();

  // Shows what apply() would do, and does nothing. Errors: kNotFound, kInvalid; what is wrong with a part stands in it.
  base::Result<Outlook> plan(const Plan& plan);
  // All of it in one generation, or nothing. A report for each plugin, in the order they were published.
  base::Result<std::vector<Report>> apply(const Plan& plan, const Progress& progress = {});

  Listing list() const;
  // The same without waiting for a publication that is going on, so also for I/O threads: what changes just then may be seen
  // as it was or as it will be.
  Listing glance() const;
  std::uint64_t generation() const;  // as list() says
  base::Result<PluginView> show(std::string_view id) const;
  base::Result<Cause> why(std::string_view id) const;
  GraphView graph() const;

  // Something an instance registered while it serves became visible or went: publishes a generation with it.
  base::Result<> republish();

 private:
  struct Impl;
  explicit Plugins(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace revenge::plugin
