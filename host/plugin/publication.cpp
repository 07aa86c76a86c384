// How a generation comes to be: what is visible in it, where slots lead, whose gate is closed.
#include <algorithm>
#include <utility>

#include "observe/events.hpp"
#include "plugin/roster.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

base::Result<std::uint64_t> Roster::publish(Record& record, std::shared_ptr<Instance> next) {
  const Change change{&record, std::move(next)};
  return publish(std::span(&change, 1));
}

base::Result<std::uint64_t> Roster::publish() { return publish(std::span<const Change>()); }

base::Result<> Roster::checkStill(std::optional<std::uint64_t> decided_on) const {
  if (!decided_on || *decided_on == generation()) return {};
  return base::fail(base::Errc::kStale, "decided on generation {}, but {} runs; look again (revengectl plan)",
                    *decided_on, generation());
}

base::Result<std::uint64_t> Roster::publish(std::span<const Change> changes,
                                            std::optional<std::uint64_t> decided_on) {
  const std::lock_guard lock(publishing_);
  if (auto still = checkStill(decided_on); !still) return std::unexpected(still.error());
  std::vector<revenge_host*> opened;
  for (const Change& change : changes) {
    if (change.record->current != nullptr) opened.push_back(&change.record->current->host());
  }
  return publishLocked(changes, opened, Shown::kYes);
}

namespace {

bool isStoppedFirst(const Roster::Change& change) {
  return change.record->current->manifest().swap.mode == module::SwapMode::kExclusive ||
         change.next->manifest().swap.mode == module::SwapMode::kExclusive;
}

// Whether what `consumer` has of the one that leaves its successor offers too.
bool takesOver(const Roster::Change& change, const revenge_host& consumer) {
  const auto offered = [](const revenge_host& host, std::string_view id) {
    return std::ranges::any_of(host.offers, [&](const module::Interface& each) { return each.id == id; });
  };
  return std::ranges::all_of(consumer.needs, [&](const module::Interface& need) {
    return !offered(change.record->current->host(), need.id) || offered(change.next->host(), need.id);
  });
}

}  // namespace

// Of consumers and providers that leave together: the calls of the one that drains go to the one it has always called,
// unless that one has handed its state over and its successor offers the same, or was stopped for its successor. Never in
// a circle: a provider stays until its consumers are gone.
std::vector<Pin> Roster::pinsOf(std::span<const Change> changes) const {
  std::vector<Node> nodes;
  std::map<std::string_view, const Change*> leaving;
  for (const Change& change : changes) {
    if (change.record->current == nullptr) continue;
    const revenge_host& host = change.record->current->host();
    nodes.push_back({host.id, host.offers, host.needs});
    if (change.next != nullptr) leaving.emplace(host.id, &change);
  }
  const Graph graph(std::move(nodes));
  std::vector<Pin> pins;
  for (const Change& change : changes) {
    if (change.record->current == nullptr) continue;
    const revenge_host& consumer = change.record->current->host();
    for (const std::string& id : graph.before(change.record->id)) {
      const auto found = leaving.find(id);
      if (found == leaving.end()) continue;
      const Change& provider = *found->second;
      const Instance& old = *provider.record->current;
      const bool handed_over = old.manifest().swap.state == module::SwapState::kHandover;
      if (isStoppedFirst(provider) || (handed_over && takesOver(provider, consumer))) continue;
      pins.push_back({&consumer, &old.host()});
    }
  }
  return pins;
}

Scene Roster::sceneLocked(std::span<const Change> changes) const {
  Scene scene;
  std::vector<Node> nodes;
  std::map<std::string, const revenge_host*, std::less<>> by_id;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) {
    const auto change = std::ranges::find(changes, record.get(), &Change::record);
    const auto& serving = change != changes.end() ? change->next : record->current;
    if (serving == nullptr) {
      if (record->standing != Standing::kKnown) continue;
      const bool leaves = change != changes.end() && !change->disabled.empty();
      scene.absent.push_back(
          {id, leaves ? change->disabled : record->note, leaves ? change->by_flag : record->gated});
      continue;
    }
    scene.visible.push_back(&serving->host());
    if (held_.empty()) continue;
    nodes.push_back({id, serving->host().offers, serving->host().needs});
    by_id.emplace(id, &serving->host());
  }
  scene.pins = pins_;
  const Graph graph(std::move(nodes));
  for (revenge_host* host : held_) {
    scene.held.push_back(host);
    scene.parked.push_back(host);
    for (const std::string& id : graph.dependents(host->id)) scene.parked.push_back(by_id.at(id));
  }
  return scene;
}

base::Result<std::uint64_t> Roster::publishLocked(std::span<const Change> changes,
                                                  std::span<revenge_host* const> opened, Shown shown) {
  const auto held = held_;
  std::erase_if(held_, [&](revenge_host* each) { return std::ranges::find(opened, each) != opened.end(); });
  Scene scene = sceneLocked(changes);
  auto pins = pinsOf(changes);
  scene.pins.insert(scene.pins.end(), pins.begin(), pins.end());
  service::GenerationBuilder builder = rooms.domain.build();
  auto contributed = rooms.capabilities.contribute(builder, scene);
  const auto published = contributed ? builder.publish() : std::unexpected(contributed.error());
  if (!published) {
    held_ = held;
    return published;
  }
  const std::uint64_t generation = shown == Shown::kYes ? ++generation_ : generation_.load();
  std::vector<std::optional<observe::Event>> told;
  {
    const std::lock_guard lock(mutex_);
    pins_.insert(pins_.end(), pins.begin(), pins.end());
    for (const Change& change : changes) {
      Record& record = *change.record;
      if (record.current != nullptr) record.old.insert(record.old.begin(), record.current);
      record.current = change.next;
      if (change.next != nullptr) {
        record.standing = Standing::kKnown;
        learnLocked(record, change.next->manifest());
        record.sha256 = change.next->sha256();
        record.signature = change.next->signature();
        told.push_back(applyLocked(record, Event::kEnable, ""));
        record.note.clear();
        record.gated = false;
      } else if (!change.disabled.empty()) {
        told.push_back(applyLocked(record, change.how, change.disabled));
        record.gated = change.by_flag;
      }
    }
  }
  for (auto& event : told) {
    if (event) rooms.events.publish(std::move(*event));
  }
  for (revenge_host* host : opened) host->held = false;
  rooms.capabilities.published();
  return generation;
}

base::Result<> Roster::bind(std::span<const std::shared_ptr<Instance>> together) {
  const std::lock_guard publishing(publishing_);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& consumer : together) {
      for (const auto& provider : together) {
        if (consumer != provider) pins_.push_back({&consumer->host(), &provider->host()});
      }
    }
  }
  service::GenerationBuilder builder = rooms.domain.build();
  rooms.capabilities.bind(builder, sceneLocked({}));
  if (const auto bound = builder.publish(); !bound) return std::unexpected(bound.error());
  rooms.capabilities.published();
  return {};
}

// They follow who is visible again, from the next publication on.
void Roster::unbind(std::span<const std::shared_ptr<Instance>> together) {
  const std::lock_guard lock(mutex_);
  std::erase_if(pins_, [&](const Pin& pin) {
    return std::ranges::any_of(together, [&](const auto& each) { return pin.consumer == &each->host(); });
  });
}

base::Result<> Roster::closeGate(std::span<const std::shared_ptr<Instance>> instances) {
  const std::lock_guard lock(publishing_);
  for (const auto& instance : instances) {
    held_.push_back(&instance->host());
    instance->host().held = true;
  }
  if (const auto published = publishLocked({}, {}, Shown::kNo); !published) {
    for (const auto& instance : instances) {
      std::erase(held_, &instance->host());
      instance->host().held = false;
    }
    return std::unexpected(published.error());
  }
  return {};
}

void Roster::openGate(std::span<const std::shared_ptr<Instance>> instances) {
  const std::lock_guard lock(publishing_);
  std::vector<revenge_host*> opened;
  for (const auto& instance : instances) opened.push_back(&instance->host());
  if (const auto published = publishLocked({}, opened, Shown::kNo); !published)
    logger.error(published.error().message);
}

bool Roster::isPinned(const Instance& instance) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(pins_, [&](const Pin& pin) { return pin.provider == &instance.host(); });
}

}  // namespace revenge::plugin
