// What is behind Plugins: shared by its operations (operations.cpp), start and stop of all (start_stop.cpp), plans (plans.cpp)
// and explanations (causes.cpp).
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "flags/flags.hpp"
#include "plugin/plugins.hpp"
#include "plugin/roster.hpp"
#include "plugin/transition.hpp"

namespace revenge::plugin {

inline std::string versionOf(const std::shared_ptr<Instance>& instance) {
  return instance == nullptr ? "" : instance->manifest().version.text();
}

// A plugin whose configuration is to become another.
struct Consumer {
  std::shared_ptr<Instance> instance;
  std::shared_ptr<const Section> next;
  const std::string& id() const { return instance->manifest().id; }
};

struct Plugins::Impl {
  Impl(Rooms rooms, PluginsOptions options, std::filesystem::path desired_file, Wishes wishes)
      : roster(std::move(rooms), std::move(options), std::move(desired_file), std::move(wishes)) {}

  void discover();
  void look(Record& record);
  std::filesystem::path folderOf(const Record& record) const;
  base::Result<> roomForAnother() const;
  base::Result<std::vector<Report>> change(std::vector<Target> targets, const Progress& progress,
                                           std::optional<std::uint64_t> decided_on = {});
  base::Result<Report> change(Target target, const Progress& progress);
  base::Result<Report> load(Record& record, const Progress& progress);
  base::Result<Report> configure(Record& record, const Progress& progress);
  std::vector<Consumer> consumers(config::Whom whom, base::Result<>& readable) const;
  base::Result<> prepareAll(std::span<const Consumer> live);
  void commitAll(std::span<const Consumer> live);
  void failed(Record& record, Event how, const std::string& why);
  void tell(const Transition::Part* culprit, const base::Error& why);
  void tellWarnings(Transition::Part& part);
  Report finish(Transition::Part& part);
  std::vector<std::string> willWait(std::span<const Target> targets) const;
  void settle();
  base::Result<Target> targetOf(const Intent& intent, const Roster::Hold& hold, Wish& after) const;
  Outlook::Item itemOf(Transition::Part& part, Verb verb) const;
  Cause causeOf(std::string_view id, int depth) const;
  Cause lingers(const PluginView& plugin, const InstanceView& instance) const;
  base::Result<std::vector<Roster::Hold>> holdFor(std::span<const Intent> intents,
                                                  std::string_view operation);
  base::Result<std::vector<Roster::Hold>> holdFor(const Plan& plan, std::string_view operation);
  void startOne(Record& record);
  void startHeld(Record& record);
  void quarantine(Record& record, const std::string& why);
  void gatesChanged();
  void watchGates();
  void followGates();
  void obeyGate(Record& record);
  void retryLater(Record& record, int attempt);
  void retire(Record& record, std::shared_ptr<Instance> old, bool stopped);
  void inBackground(const std::function<void()>& work);
  void requestStop();
  void joinFinished();
  void watchHealth();
  void askHealth(const std::string& id);
  std::vector<std::string> leftBy(base::Instant deadline);

  Roster roster;
  std::mutex threads_mutex;
  bool gates_changed =
      true;  // flags may say something else than the gates were set by; guarded by threads_mutex
  struct Background {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };
  std::list<Background> threads;  // guarded by threads_mutex
  std::condition_variable stop_requested;
  std::condition_variable background_done;
  flags::Flags::Subscription flag_changes;  // last: it ends first
};

}  // namespace revenge::plugin
