#include "plugin/roster.hpp"

#include <algorithm>
#include <utility>

#include "flags/flags.hpp"
#include "observe/events.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

base::Result<Record*> find(const std::map<std::string, std::unique_ptr<Record>, std::less<>>& records,
                           std::string_view id) {
  const auto found = records.find(id);
  if (found != records.end() && found->second->standing == Standing::kKnown) return found->second.get();
  std::string known;
  for (const auto& [name, record] : records) {
    if (record->standing == Standing::kKnown) known += (known.empty() ? "" : ", ") + name;
  }
  return base::fail(base::Errc::kNotFound, "no plugin '{}'; installed: {}", id,
                    known.empty() ? "none" : known);
}

}  // namespace

Roster::Roster(Plugins::Rooms given, PluginsOptions chosen, std::filesystem::path desired_file, Wishes wishes)
    : rooms(std::move(given)),
      options(std::move(chosen)),
      logger(rooms.log.logger("plugin")),
      desired(std::move(desired_file), std::move(wishes), options.stand_in) {}

Roster::Hold::~Hold() {
  if (roster_ == nullptr) return;
  {
    const std::lock_guard lock(roster_->mutex_);
    record_->operation.clear();
    if (triesNew()) {
      record_->standing = Standing::kUnknown;
      record_->state = State::kDiscovered;
      record_->note.clear();
    }
  }
  roster_->freed_.notify_all();
}

base::Result<Roster::Hold> Roster::hold(std::string_view id, std::string_view operation) {
  const std::string one(id);
  auto held = holdAll(std::span(&one, 1), operation);
  if (!held) return std::unexpected(held.error());
  return std::move(held->front());
}

base::Result<std::vector<Roster::Hold>> Roster::holdAll(std::span<const std::string> ids,
                                                        std::string_view operation,
                                                        std::span<const std::string> taken) {
  std::unique_lock lock(mutex_);
  std::vector<Record*> wanted;
  for (const std::string& id : ids) {
    if (std::ranges::find(taken, id) != taken.end()) {
      wanted.push_back(&addLocked(id));
      continue;
    }
    const auto record = find(records_, id);
    if (!record) return std::unexpected(record.error());
    wanted.push_back(*record);
  }
  freed_.wait(lock, [&] {
    return std::ranges::none_of(wanted, [](const Record* record) { return record->operation == kLooking; });
  });
  for (const Record* record : wanted) {
    if (!record->operation.empty()) {
      return base::fail(base::Errc::kBusy, "plugin '{}' is busy with {}; try again when it has ended",
                        record->id, record->operation);
    }
  }
  std::vector<Hold> holds;
  for (Record* record : wanted) {
    record->operation = operation;
    if (record->standing == Standing::kUnknown) record->standing = Standing::kTried;
    holds.emplace_back(*this, *record);
  }
  return holds;
}

Roster::Hold Roster::holdPatiently(Record& record, std::string_view operation) {
  std::unique_lock lock(mutex_);
  freed_.wait(lock, [&] { return record.operation.empty(); });
  record.operation = operation;
  return {*this, record};
}

Record& Roster::add(const std::string& id) {
  const std::lock_guard lock(mutex_);
  Record& record = addLocked(id);
  if (record.standing == Standing::kUnknown) record.standing = Standing::kKnown;
  return record;
}

Record& Roster::addLocked(const std::string& id) {
  auto& record = records_[id];
  if (record == nullptr) {
    record = std::make_unique<Record>();
    record->id = id;
    record->since = rooms.clock.wall();
  }
  return *record;
}

void Roster::admit(Record& record) {
  const std::lock_guard lock(mutex_);
  record.standing = Standing::kKnown;
}

void Roster::dismiss(Record& record) {
  const std::lock_guard lock(mutex_);
  record.standing = Standing::kUnknown;
  record.state = State::kDiscovered;
  record.note.clear();
  record.offers.clear();
  record.needs.clear();
}

std::vector<std::string> Roster::ids() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> ids;
  ids.reserve(records_.size());
  for (const auto& [id, record] : records_) {
    if (record->standing != Standing::kUnknown) ids.push_back(id);
  }
  return ids;
}

std::shared_ptr<Instance> Roster::serving(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  return found == records_.end() ? nullptr : found->second->current;
}

std::filesystem::path Roster::found(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto known = records_.find(id);
  return known == records_.end() ? std::filesystem::path() : known->second->found;
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
  record.gate = manifest.flag;
  std::erase_if(record.needs, isTable);
}

std::optional<flags::Closed> Roster::closed(const Record& record) const {
  std::string gate;
  {
    const std::lock_guard lock(mutex_);
    gate = gateOf(record);
  }
  return rooms.flags.closed(gate);
}

std::string Roster::noteOf(const flags::Closed& closed) {
  return fmt::format("{}; {}", closed.why, closed.remedy);
}

void Roster::disableByFlag(Record& record, const flags::Closed& closed) {
  apply(record, Event::kDisable, noteOf(closed));
  const std::lock_guard lock(mutex_);
  record.gated = true;
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
    if (const auto manifest = module::readManifest(wish.previous, record.id))
      version = manifest->version.text();
  }
  const std::lock_guard lock(mutex_);
  record.rollback_version = std::move(version);
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

void Roster::restrain(std::string_view id, runtime::Lanes::Hold hold) {
  const std::lock_guard lock(mutex_);
  const auto found = records_.find(id);
  if (found == records_.end()) return;
  Record& record = *found->second;
  record.hold = hold;
  if (record.current != nullptr) rooms.lanes.restrain(record.current->host().lane, hold);
}

runtime::Lanes::Hold Roster::holdOn(const Record& record) const {
  const std::lock_guard lock(mutex_);
  return record.hold;
}

// What there is to tell once the lock is gone.
std::optional<observe::Event> Roster::applyLocked(Record& record, Event event, std::string_view note) {
  const State from = record.state;
  const auto to = transition(from, event);
  if (!to) return std::nullopt;
  // On its way back from its flag it still takes nobody: until it serves, or could not start.
  if (event != Event::kEnable) record.gated = false;
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

revenge_host& Roster::newHost(const module::Manifest& manifest, std::string package) {
  auto host = std::make_unique<revenge_host>();
  host->id = manifest.id;
  host->version = manifest.version.text();
  host->gate = manifest.flag.empty() ? manifest.id : manifest.flag;
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
  view.signature = record.signature;
  view.state = record.state;
  view.note = record.note;
  view.since = record.since;
  view.restarts = record.restarts;
  if (rooms.conduct != nullptr) view.standings = rooms.conduct->standingsOf(record.id);
  const Wish wish = desired.of(record.id);
  view.wanted = desired.said(record.id).on;
  view.gate = gateOf(record);
  const auto flag = rooms.flags.view(view.gate);
  const auto closed = rooms.flags.closed(view.gate);
  view.gate_says = closed ? "off" : flag ? flag->says : "on";
  if (closed) view.gate_closed = closed->why;
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
  return glance();
}

Listing Roster::glance() const {
  Listing listing;
  listing.generation = generation();
  const std::lock_guard lock(mutex_);
  for (const auto& [id, record] : records_) {
    if (record->standing == Standing::kKnown) listing.plugins.push_back(viewLocked(*record));
  }
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
