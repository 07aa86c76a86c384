// One step of the operator: one plugin or several, started, replaced or withdrawn in one generation, or nothing at all.
// Providers come before their consumers; what keeps state hands it over behind a closed gate. Thread safety: run by the
// operation that holds all the records.
#pragma once

#include <filesystem>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/bring_up.hpp"
#include "plugin/roster.hpp"

namespace revenge::plugin {

// What is to become of one plugin.
struct Target {
  Record* record;
  std::optional<std::filesystem::path> folder;  // none: withdrawn
  std::string config = {};                      // JSON laid over its section; empty: nothing
  std::string closed = {};                      // withdrawn, but not by the operator: the note that says why
  Event how = Event::kDisable;                  // what that is: kDisable is its flag's word, or kQuarantine
};

class Transition {
 public:
  Transition(Roster& roster, std::vector<Target> targets, const Progress& progress);

  // Examines everything: order, verdicts, requirements, configuration, state. Nothing of a plugin runs.
  base::Result<> examine();
  // examine() and all the rest. On failure everything is as it was, and the error names the plugin. `decided_on`: as in
  // Roster::publish().
  base::Result<std::uint64_t> run(std::optional<std::uint64_t> decided_on = {});

  // One of the set, in the order in which they start.
  struct Part {
    Part(Roster& roster, Target what, const Progress& progress)
        : target(std::move(what)), before(target.record->current), up(roster, *target.record, progress) {}
    Target target;
    std::shared_ptr<Instance> before;
    BringUp up;
    std::optional<base::Error> refused;  // by examine()
    bool quiesced = false;               // its calls have ended behind the gate
    bool saved = false;                  // `before` gave its state away
    bool stopped = false;                // `before` was stopped: an exclusive swap
    std::shared_ptr<Instance> next() const { return up.instance(); }
  };
  std::list<Part>& parts() { return parts_; }
  // Whose fault it was, after a failure of run(); null: of none in particular.
  Part* culprit() { return culprit_; }
  base::Duration held() const { return held_; }

 private:
  bool isGated(const Part& part) const;
  static base::Duration boundOf(const Part& part);
  void sort();
  base::Result<> createAll();
  base::Result<> startAll();
  base::Result<> closeGate();
  base::Result<> quiesce(Part& part);
  base::Result<> carry(Part& part);
  base::Result<> inTime(const Part& part) const;  // callers may not be kept waiting beyond the bound
  base::Result<std::uint64_t> publish(std::optional<std::uint64_t> decided_on);
  void undo(const base::Error& why);
  base::Result<> blame(Part& part, base::Result<> result);
  void blameNamed(const base::Error& why);
  std::vector<std::shared_ptr<Instance>> gated() const;
  std::vector<std::shared_ptr<Instance>> made() const;

  Roster& roster_;
  const Progress& progress_;
  std::list<Part> parts_;
  Part* culprit_ = nullptr;
  bool gate_closed_ = false;
  base::Instant gate_closed_at_;
  base::Duration held_{};
};

}  // namespace revenge::plugin
