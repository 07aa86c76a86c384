#include "plugin/roster.hpp"

#include <algorithm>
#include <utility>

#include <fmt/ranges.h>

#include "observe/events.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

base::Result<Record*> find(const std::map<std::string, std::unique_ptr<Record>, std::less<>>& records,
                           std::string_view id) {
  const auto found = records.find(id);
  if (found != records.end()) return found->second.get();
  std::string known;
  for (const auto& [name, record] : records) known += (known.empty() ? "" : ", ") + name;
  return base::fail(base::Errc::kNotFound, "no plugin '{}'; installed: {}", id,
                    known.empty() ? "none" : known);
}

}  // namespace

Roster::Roster(Plugins::Rooms given, PluginsOptions chosen, std::filesystem::path desired_file, Wishes wishes)
    : rooms(std::move(given)),
      options(std::move(chosen)),
      logger(rooms.log.logger("plugin")),
      desired(std::move(desired_file), std::move(wishes)) {}

Roster::Hold::~Hold() {
  if (roster_ == nullptr) return;
  {
    const std::lock_guard lock(roster_->mutex_);
    record_->operation.clear();
  }
  roster_->freed_.notify_all();
}

base::Result<Roster::Hold> Roster::hold(std::string_view id, std::string_view operation) {
  const std::lock_guard lock(mutex_);
  const auto record = find(records_, id);
  if (!record) return std::unexpected(record.error());
  if (!(*record)->operation.empty()) {
    return base::fail(base::Errc::kBusy, "plugin '{}' is busy with {}; try again when it has ended", id,
                      (*record)->operation);
  }
  (*record)->operation = operation;
  return Hold(*this, **record);
}

Roster::Hold Roster::holdPatiently(Record& record, std::string_view operation) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return record.operation.empty(); });
  record.operation = operation;
  return {*this, record};
}

base::Result<std::vector<Roster::Hold>> Roster::holdAll(std::span<const std::string> ids,
                                                        std::string_view operation) {
  std::vector<Hold> holds;
  for (const std::string& id : ids) {
    auto held = hold(id, operation);
    if (!held) return std::unexpected(held.error());
    holds.push_back(std::move(*held));
  }
  return holds;
}

Record& Roster::add(std::string id) {
  const std::lock_guard lock(mutex_);
  auto& record = records_[id];
  if (record == nullptr) {
    record = std::make_unique<Record>();
    record->id = std::move(id);
    record->since = rooms.clock.wall();
  }
  return *record;
}

std::vector<std::string> Roster::ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  ids.reserve(records_.size());
  for (const auto& [id, record] : records_) ids.push_back(id);
  return ids;
}

std::shared_ptr<Instance> Roster::serving(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : found->second->current;
}

void Roster::learn(Record& record, const module::Manifest& manifest) {
  const std::lock_guard lock(mutex_);
  learnLocked(record, manifest);
}

void Roster::learnLocked(Record& record, const module::Manifest& manifest) {
  const auto isTable = [this](const module::Interface& each) {
    return rooms.capabilities.table(each.id) != nullptr;
  };
  record.version = manifest.version.text();
  record.description = manifest.description;
  record.offers = manifest.offers;
  record.needs = manifest.needs;
  std::erase_if(record.needs, isTable);
}

Graph Roster::graph(Whose whose) const {
  std::vector<Node> nodes;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) {
    const bool counts = whose == Whose::kServing ? record->current != nullptr : desired.of(id).on;
    if (counts) nodes.push_back({id, record->offers, record->needs});
  }
  return Graph(std::move(nodes));
}

std::string Roster::absence(std::string_view consumer, const module::Interface& interface) const {
  std::vector<std::string> serving;
  std::vector<std::string> others;
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) {
    if (id == consumer) continue;
    for (const module::Interface& offer : record->offers) {
      if (offer.name() != interface.name()) continue;
      if (offer.id != interface.id) {
        others.push_back(fmt::format("{} {} offers {}", id, record->version, offer.id));
      } else if (record->current != nullptr) {
        serving.push_back(fmt::format("{} {}", id, record->version));
      } else {
        others.push_back(fmt::format("{} {} is {}{}{}", id, record->version, name(record->state),
                                     record->note.empty() ? "" : ": ", record->note));
      }
    }
  }
  if (serving.size() == 1) return {};
  if (serving.size() > 1)
    return fmt::format("needs {}, which {} offer; disable all but one", interface.id,
                       fmt::join(serving, " and "));
  if (others.empty()) return fmt::format("needs {}, which no installed plugin offers", interface.id);
  return fmt::format("needs {}: {}", interface.id, fmt::join(others, "; "));
}

std::vector<Roster::Lack> Roster::lacks(std::string_view id) const {
  std::vector<module::Interface> needs;
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = records_.find(id); found != records_.end()) needs = found->second->needs;
  }
  std::vector<Lack> lacks;
  for (const module::Interface& need : needs) {
    if (need.optional) continue;
    Lack lack{absence(id, need), {}};
    if (lack.why.empty()) continue;
    const std::lock_guard lock(mutex_);
    for (const auto& [other, record] : records_) {
      if (other != id &&
          std::ranges::find(record->offers, need.id, &module::Interface::id) != record->offers.end())
        lack.candidates.push_back(other);
    }
    lacks.push_back(std::move(lack));
  }
  return lacks;
}

std::vector<GraphView::Link> Roster::links() const {
  std::vector<GraphView::Link> links;
  const Graph serving = graph(Whose::kServing);
  for (const std::string& id : ids()) {
    std::vector<module::Interface> needs;
    {
      const std::lock_guard lock(mutex_);
      needs = records_.find(id)->second->needs;
    }
    for (const module::Interface& need : needs) {
      GraphView::Link link{id, {}, need.id, need.optional, absence(id, need)};
      for (const Node& node : serving.nodes()) {
        if (link.why.empty() && node.id != id &&
            std::ranges::find(node.offers, need.id, &module::Interface::id) != node.offers.end())
          link.provider = node.id;
      }
      links.push_back(std::move(link));
    }
  }
  return links;
}

std::vector<std::string> Roster::pinnedBy(std::uint64_t load) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> consumers;
  for (const Pin& pin : pins_) {
    if (pin.provider->load == load)
      consumers.push_back(fmt::format("{} {}", pin.consumer->id, pin.consumer->version));
  }
  return consumers;
}

// The way back, as far as it can be told without loading anything.
base::Result<> Roster::want(Record& record, const Wish& wish) {
  if (auto kept = desired.set(record.id, wish); !kept) return kept;
  lookBack(record);
  return {};
}

void Roster::lookBack(Record& record) {
  const Wish wish = desired.of(record.id);
  std::string version;
  if (!wish.previous.empty()) {
    if (const auto manifest = module::readManifest(wish.previous)) version = manifest->version.text();
  }
  const std::lock_guard lock(mutex_);
  record.rollback_version = std::move(version);
}

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
      const bool leaves = change != changes.end() && !change->disabled.empty();
      scene.absent.push_back({id, leaves ? change->disabled : record->note});
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
        learnLocked(record, change.next->manifest());
        record.sha256 = change.next->sha256();
        told.push_back(applyLocked(record, Event::kEnable, ""));
      } else if (!change.disabled.empty()) {
        told.push_back(applyLocked(record, Event::kDisable, change.disabled));
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

std::vector<std::string> Roster::settleDependents() {
  std::vector<std::string> startable;
  for (const std::string& id : ids()) {
    std::vector<module::Interface> needs;
    std::shared_ptr<Instance> current;
    bool waits = false;
    {
      const std::lock_guard lock(mutex_);
      const Record& record = *records_.find(id)->second;
      needs = record.needs;
      current = record.current;
      waits = current == nullptr && record.state == State::kWaiting;
    }
    std::string missing;
    for (const module::Interface& need : needs) {
      if (need.optional) continue;
      if (const std::string why = absence(id, need); !why.empty())
        missing += (missing.empty() ? "" : "; ") + why;
    }
    if (waits && missing.empty()) startable.push_back(id);
    if (current == nullptr) continue;
    const State state = current->state();
    if (state == State::kWaiting && missing.empty()) current->apply(Event::kRecover);
    if ((state == State::kRunning || state == State::kDegraded) && !missing.empty())
      current->apply(Event::kMiss, missing);
  }
  return startable;
}

void Roster::apply(Record& record, Event event, std::string_view note) {
  std::optional<observe::Event> told;
  {
    const std::lock_guard lock(mutex_);
    told = applyLocked(record, event, note);
  }
  if (told) rooms.events.publish(std::move(*told));
}

void Roster::countRestart(Record& record) {
  const std::lock_guard lock(mutex_);
  ++record.restarts;
}

// What there is to tell once the lock is gone.
std::optional<observe::Event> Roster::applyLocked(Record& record, Event event, std::string_view note) {
  const State from = record.state;
  const auto to = transition(from, event);
  if (!to) return std::nullopt;
  record.state = *to;
  record.note = note;
  record.since = rooms.clock.wall();
  if (from == *to) return std::nullopt;
  observe::Event told;
  told.kind = "plugin.state";
  told.plugin = record.id;
  told.text =
      fmt::format("{}: {} -> {}{}{}", record.id, name(from), name(*to), note.empty() ? "" : ": ", note);
  told.attributes = {{"from", std::string(name(from))}, {"to", std::string(name(*to))}};
  return told;
}

void Roster::keep(Record& record, std::shared_ptr<Instance> instance) {
  const std::lock_guard lock(mutex_);
  record.old.insert(record.old.begin(), std::move(instance));
}

void Roster::drop(Record& record, const std::shared_ptr<Instance>& instance) {
  const std::lock_guard lock(mutex_);
  std::erase(record.old, instance);
  std::erase_if(pins_, [&](const Pin& pin) { return pin.consumer == &instance->host(); });
  freed_.notify_all();
}

bool Roster::awaitDrop(base::Duration patience) {
  std::unique_lock lock(mutex_);
  return freed_.wait_for(lock, patience) == std::cv_status::no_timeout;
}

bool Roster::isPinned(const Instance& instance) const {
  const std::lock_guard lock(mutex_);
  return std::ranges::any_of(pins_, [&](const Pin& pin) { return pin.provider == &instance.host(); });
}

revenge_host& Roster::newHost(const module::Manifest& manifest, std::string package) {
  auto host = std::make_unique<revenge_host>();
  host->id = manifest.id;
  host->version = manifest.version.text();
  host->package = std::move(package);
  host->offers = manifest.offers;
  host->needs = manifest.needs;
  const std::lock_guard lock(mutex_);
  host->load = ++loads_;
  hosts_.push_back(std::move(host));
  return *hosts_.back();
}

std::size_t Roster::lingering() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = retired.count();
  for (const auto& [id, record] : records_) count += record->old.size();
  return count;
}

PluginView Roster::viewLocked(const Record& record) const {
  PluginView view;
  view.id = record.id;
  view.version = record.version;
  view.description = record.description;
  view.sha256 = record.sha256;
  view.state = record.state;
  view.note = record.note;
  view.since = record.since;
  view.restarts = record.restarts;
  const Wish wish = desired.of(record.id);
  view.wanted = wish.on;
  view.folder = wish.folder.empty() ? record.found : wish.folder;
  if (!record.rollback_version.empty()) view.rollback_version = record.rollback_version;
  if (record.current != nullptr) {
    view.instances.push_back(record.current->view());
    view.state = view.instances.front().state;
    view.version = view.instances.front().version;
    view.since = view.instances.front().since;
    if (view.note.empty()) view.note = view.instances.front().note;
  }
  for (const auto& old : record.old) view.instances.push_back(old->view());
  return view;
}

Listing Roster::list() const {
  const std::lock_guard publishing(publishing_);
  Listing listing;
  listing.generation = generation();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) listing.plugins.push_back(viewLocked(*record));
  return listing;
}

base::Result<PluginView> Roster::show(std::string_view id) const {
  const std::lock_guard publishing(publishing_);
  const std::lock_guard lock(mutex_);
  const auto record = find(records_, id);
  if (!record) return std::unexpected(record.error());
  return viewLocked(**record);
}

}  // namespace revenge::plugin
