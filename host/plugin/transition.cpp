#include "plugin/transition.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

#include "plugin/take_down.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

Transition::Transition(Roster& roster, std::vector<Target> targets, const Progress& progress)
    : roster_(roster), progress_(progress) {
  for (Target& target : targets) parts_.emplace_back(roster_, std::move(target), progress_);
}

// The mode is the one of the version that lets go; the newer manifest may only be more careful.
bool Transition::isGated(const Part& part) const {
  if (part.before == nullptr || !part.target.folder) return false;
  const auto& from = part.before->manifest().swap;
  const auto& to = part.up.manifest().swap;
  return from.mode == module::SwapMode::kExclusive || to.mode == module::SwapMode::kExclusive ||
         from.state == module::SwapState::kHandover;
}

base::Result<> Transition::blame(Part& part, base::Result<> result) {
  if (!result) culprit_ = &part;
  return result;
}

// Every part is examined, also after one was refused: a plan shows all that is wrong with it.
base::Result<> Transition::examine() {
  std::optional<base::Error> first;
  std::vector<std::string> leaving;
  std::vector<module::Manifest> manifests;
  for (Part& part : parts_) {
    if (!part.target.folder) leaving.push_back(part.target.record->id);
    if (part.target.folder) {
      if (auto manifest = module::readManifest(*part.target.folder, part.target.record->id))
        manifests.push_back(std::move(*manifest));
    }
  }
  std::vector<const module::Manifest*> beside;
  beside.reserve(manifests.size());
  for (const module::Manifest& manifest : manifests) beside.push_back(&manifest);
  for (Part& part : parts_) {
    if (!part.target.folder) continue;
    auto examined = part.up.examine(*part.target.folder, part.target.config, beside, leaving);
    if (examined) examined = part.up.judgeState(part.before.get());
    if (examined) continue;
    part.refused = examined.error();
    if (first) continue;
    first = examined.error();
    culprit_ = &part;
  }
  if (first) return std::unexpected(*first);
  sort();
  return {};
}

// Providers first, among those that come.
void Transition::sort() {
  if (parts_.size() < 2) return;
  std::vector<Node> nodes;
  for (const Part& part : parts_) {
    const std::string& id = part.target.record->id;
    if (part.target.folder)
      nodes.push_back({id, part.up.manifest().offers, part.up.manifest().needs});
    else
      nodes.push_back({id, part.target.record->offers, part.target.record->needs});
  }
  const auto order = Graph(std::move(nodes)).order();
  parts_.sort([&](const Part& a, const Part& b) {
    return std::ranges::find(order, a.target.record->id) < std::ranges::find(order, b.target.record->id);
  });
}

std::vector<std::shared_ptr<Instance>> Transition::gated() const {
  std::vector<std::shared_ptr<Instance>> instances;
  for (const Part& part : parts_) {
    if (isGated(part)) instances.push_back(part.before);
  }
  return instances;
}

std::vector<std::shared_ptr<Instance>> Transition::made() const {
  std::vector<std::shared_ptr<Instance>> instances;
  for (const Part& part : parts_) {
    if (part.next() != nullptr) instances.push_back(part.next());
  }
  return instances;
}

base::Result<std::uint64_t> Transition::run(std::optional<std::uint64_t> decided_on) {
  const auto examined = examine();
  for (Part& part : parts_) {
    if (part.before == nullptr && part.up.isExamined())
      roster_.learn(*part.target.record, part.up.manifest());
  }
  if (!examined) return std::unexpected(examined.error());
  auto ready = createAll();
  if (ready) ready = startAll();
  if (!ready) {
    undo(ready.error());
    return std::unexpected(ready.error());
  }
  auto published = publish(decided_on);
  if (published) return published;
  blameNamed(published.error());
  undo(published.error());
  return published;
}

// What cannot be published was registered by somebody, whom the message names.
void Transition::blameNamed(const base::Error& why) {
  for (Part& part : parts_) {
    if (part.next() == nullptr || !why.message.contains(fmt::format("plugin '{}'", part.target.record->id)))
      continue;
    culprit_ = &part;
    part.up.failsBy(Event::kFail);
    return;
  }
}

base::Result<> Transition::createAll() {
  bool needs = false;
  for (Part& part : parts_) {
    if (!part.target.folder) continue;
    if (auto created = blame(part, part.up.create()); !created) return created;
    needs = needs || std::ranges::any_of(part.up.manifest().needs, [this](const module::Interface& need) {
              return roster_.rooms.capabilities.table(need.id) == nullptr;
            });
  }
  return needs ? roster_.bind(made()) : base::Result<>();
}

base::Result<> Transition::startAll() {
  for (Part& part : parts_) {
    if (!part.target.folder) continue;
    if (isGated(part) && !gate_closed_) {
      if (auto closed = closeGate(); !closed) return closed;
    }
    if (auto carried = blame(part, carry(part)); !carried) return carried;
    if (auto in_time = blame(part, inTime(part)); !in_time) return in_time;
    if (auto started = blame(part, part.up.start()); !started) return started;
    if (auto in_time = blame(part, inTime(part)); !in_time) return in_time;
  }
  return {};
}

base::Duration Transition::boundOf(const Part& part) {
  return std::max(part.before->manifest().swap.hold, part.up.manifest().swap.hold);
}

base::Result<> Transition::inTime(const Part& part) const {
  if (!isGated(part)) return {};
  const base::Duration held = roster_.rooms.clock.now() - gate_closed_at_;
  if (held <= boundOf(part)) return {};
  const auto ms = [](base::Duration time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time).count();
  };
  return base::fail(
      base::Errc::kTimedOut,
      "plugin '{}': handing over took {} ms, and callers may be kept waiting for {} ms (plugin.json "
      "swap.hold_ms); the old version goes on",
      part.target.record->id, ms(held), ms(boundOf(part)));
}

// Of all at once, so that no call is caught between two of them.
base::Result<> Transition::closeGate() {
  gate_closed_at_ = roster_.rooms.clock.now();
  if (auto closed = roster_.closeGate(gated()); !closed) return closed;
  gate_closed_ = true;
  for (Part& part : parts_) {
    if (!isGated(part)) continue;
    if (auto quiet = blame(part, quiesce(part)); !quiet) return quiet;
    part.quiesced = true;
    part.up.step("held");
  }
  return {};
}

// Calls have to end; leases only where the old one has to let go of everything.
base::Result<> Transition::quiesce(Part& part) {
  auto& instances = roster_.rooms.domain.instances();
  const auto& swap = part.before->manifest().swap;
  const revenge_host& host = part.before->host();
  const bool exclusive = swap.mode == module::SwapMode::kExclusive ||
                         part.up.manifest().swap.mode == module::SwapMode::kExclusive;
  const base::Duration bound = boundOf(part);
  const base::Instant until = gate_closed_at_ + bound;
  const auto calls =
      exclusive ? instances.drain(host.instance, until) : instances.awaitCalls(host.instance, until);
  if (calls) return {};
  std::string holders;
  for (const std::string& holder : roster_.rooms.capabilities.holders(host))
    holders += (holders.empty() ? ": held by " : ", ") + holder;
  return base::fail(
      base::Errc::kTimedOut,
      "plugin '{}': {} calls{} did not end within {} ms (plugin.json swap.hold_ms){}; the old version "
      "goes on",
      host.id, calls.inside, exclusive ? " and leases" : "",
      std::chrono::duration_cast<std::chrono::milliseconds>(bound).count(), holders);
}

base::Result<> Transition::carry(Part& part) {
  if (part.before == nullptr) return {};
  Instance& before = *part.before;
  const bool exclusive = isGated(part) && (before.manifest().swap.mode == module::SwapMode::kExclusive ||
                                           part.up.manifest().swap.mode == module::SwapMode::kExclusive);
  std::optional<SavedState> state;
  if (before.manifest().swap.state != module::SwapState::kNone) {
    part.saved = true;
    auto saved = before.save();
    if (!saved) return std::unexpected(saved.error());
    state = std::move(*saved);
    part.up.step("saved");
  }
  if (exclusive) {
    roster_.rooms.capabilities.pause(before.host());
    part.stopped = true;
    if (auto stopped = before.stop(); !stopped) return stopped;
    part.up.step("old stopped");
  }
  return state ? part.up.restore(*state) : base::Result<>();
}

base::Result<std::uint64_t> Transition::publish(std::optional<std::uint64_t> decided_on) {
  std::vector<Roster::Change> changes;
  for (Part& part : parts_) {
    if (const auto next = part.next()) next->host().phase = Phase::kServing;
    std::string disabled = part.target.closed;
    if (!part.target.folder && disabled.empty())
      disabled = fmt::format("switched off; revengectl enable {} starts it", part.target.record->id);
    changes.push_back({part.target.record, part.next(), std::move(disabled),
                       !part.target.closed.empty() && part.target.how == Event::kDisable, part.target.how});
  }
  const auto generation = roster_.publish(changes, decided_on);
  if (!generation) return generation;
  if (gate_closed_) held_ = roster_.rooms.clock.now() - gate_closed_at_;
  roster_.unbind(made());
  for (Part& part : parts_) {
    if (const auto next = part.next()) {
      next->apply(Event::kPublish);
      if (!part.up.degraded().empty()) next->apply(Event::kDegrade, part.up.degraded());
    }
  }
  return generation;
}

// In reverse. What an exclusive one owns has to be free before its old version takes it again; the gate opens last, so
// that nobody meets a version that is not ready.
void Transition::undo(const base::Error& why) {
  for (Part& part : parts_ | std::views::reverse) part.up.undo(why);
  for (Part& part : parts_) {
    if (part.stopped) {
      if (const auto started = part.before->start(); !started) {
        part.before->apply(Event::kDegrade, started.error().message);
        roster_.logger.error("the old version could not be started again",
                             {{"plugin", part.target.record->id}, {"reason", started.error().message}});
      }
    }
    if (part.saved) part.before->resume();
  }
  if (!gate_closed_) return;
  roster_.openGate(gated());
  held_ = roster_.rooms.clock.now() - gate_closed_at_;
}

}  // namespace revenge::plugin
