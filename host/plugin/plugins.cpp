#include "plugin/plugins.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <ranges>
#include <utility>

#include <fmt/ranges.h>

#include "module/package_finder.hpp"
#include "plugin/plugins_impl.hpp"
#include "plugin/take_down.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

constexpr std::chrono::seconds kHealthPeriod{5};

}  // namespace

base::Result<std::unique_ptr<Plugins>> Plugins::open(Rooms rooms, PluginsOptions options) {
  const std::filesystem::path file = options.state_dir / "desired";
  auto wishes = Desired::read(file);
  if (!wishes) return std::unexpected(wishes.error());
  auto impl = std::make_unique<Impl>(std::move(rooms), std::move(options), file, std::move(*wishes));
  impl->discover();
  impl->flag_changes =
      impl->roster.rooms.flags.subscribe([at = impl.get()](const flags::Change&) { at->gatesChanged(); });
  return std::unique_ptr<Plugins>(new Plugins(std::move(impl)));
}

Plugins::Plugins(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Plugins::~Plugins() {
  impl_->requestStop();
  std::list<Impl::Background> threads;
  {
    const std::lock_guard lock(impl_->threads_mutex);
    threads.swap(impl_->threads);
  }
  for (auto& background : threads) background.thread.join();
}

void Plugins::Impl::discover() {
  const auto found = module::findPackages(roster.options.folders);
  for (const base::Error& problem : found.problems) roster.logger.error(problem.message);
  for (const module::Package& package : found.packages) {
    if (package.shadowedBy) {
      roster.logger.warn("package is shadowed", {{"plugin", package.id},
                                                 {"folder", package.folder.string()},
                                                 {"by", package.shadowedBy->string()}});
      continue;
    }
    Record& record = roster.add(package.id);
    record.found = package.folder;
    look(record);
  }
  // What the operator has taken from elsewhere.
  for (const std::string& id : roster.desired.placed()) {
    if (roster.found(id).empty()) look(roster.add(id));
  }
}

void Plugins::Impl::look(Record& record) {
  roster.lookBack(record);
  if (const auto manifest = module::readManifest(folderOf(record), record.id))
    roster.learn(record, *manifest);
}

// The folder the operator chose last, else where the plugin folders have it.
std::filesystem::path Plugins::Impl::folderOf(const Record& record) const {
  const Wish wish = roster.desired.of(record.id);
  return wish.folder.empty() ? record.found : wish.folder;
}

base::Result<> Plugins::Impl::roomForAnother() const {
  const std::size_t lingering = roster.lingering();
  if (lingering < roster.options.max_retired) return {};
  return base::fail(base::Errc::kLimit,
                    "{} replaced instances are still mapped, as many as host.max_retired allows (revengectl "
                    "list names what holds them); "
                    "wait for their drain, raise the limit, or restart the host",
                    lingering);
}

// Who runs and requires one of those that would be withdrawn, a line each.
std::vector<std::string> Plugins::Impl::willWait(std::span<const Target> targets) const {
  std::vector<std::string> lines;
  const Graph graph = roster.graph(Roster::Whose::kServing);
  for (const Target& target : targets) {
    if (target.folder || target.record->current == nullptr) continue;
    for (const Edge& edge : graph.edges()) {
      const bool stays = std::ranges::none_of(
          targets, [&](const Target& other) { return !other.folder && other.record->id == edge.consumer; });
      if (edge.provider == target.record->id && !edge.optional && stays)
        lines.push_back(fmt::format("{} will wait for {}", edge.consumer, edge.interface));
    }
  }
  return lines;
}

base::Result<std::vector<Report>> Plugins::Impl::change(std::vector<Target> targets, const Progress& progress,
                                                        std::optional<std::uint64_t> decided_on) {
  const base::Instant begin = roster.rooms.clock.now();
  if (roster.stopping) return base::fail(base::Errc::kUnavailable, "the host is stopping");
  const bool loads =
      std::ranges::any_of(targets, [](const Target& target) { return target.folder.has_value(); });
  if (auto room = roomForAnother(); loads && !room) return std::unexpected(room.error());
  const auto waiting = willWait(targets);
  for (const std::string& line : waiting) {
    if (progress) progress({line, {}});
  }
  Transition transition(roster, std::move(targets), progress);
  const auto generation = transition.run(decided_on);
  if (!generation) {
    if (auto* part = transition.culprit(); part != nullptr && part->before == nullptr)
      failed(*part->target.record, part->up.failure(), generation.error().message);
    tell(transition.culprit(), generation.error());
    return std::unexpected(generation.error());
  }
  std::vector<Report> reports;
  for (Transition::Part& part : transition.parts()) {
    Report report = finish(part);
    report.generation = *generation;
    report.took = roster.rooms.clock.now() - begin;
    report.held = transition.held();
    if (!part.target.folder) report.waiting = waiting;
    reports.push_back(std::move(report));
  }
  settle();
  return reports;
}

// Whoever asked learns it from the answer; the log tells everybody else, and once.
void Plugins::Impl::tell(const Transition::Part* culprit, const base::Error& why) {
  if (culprit == nullptr)
    return roster.logger.log(why.code == base::Errc::kStale ? observe::Level::kInfo : observe::Level::kError,
                             why.message, {});
  const Record& record = *culprit->target.record;
  if (record.state == State::kDisabled) return;  // its flag changed meanwhile, and says so
  const bool waits = record.state == State::kWaiting;
  roster.logger.log(waits ? observe::Level::kInfo : observe::Level::kError, why.message,
                    std::to_array<observe::Attribute>({{"plugin", record.id}}));
}

// What is odd about one that has begun, in one line. That it is degraded is told by its state.
void Plugins::Impl::tellWarnings(Transition::Part& part) {
  std::string all;
  for (const std::string& warning : part.up.warnings()) {
    if (warning != part.up.degraded()) all += (all.empty() ? "" : "; ") + warning;
  }
  if (!all.empty())
    roster.logger.warn(
        "running, with a warning",
        {{"plugin", part.target.record->id}, {"version", versionOf(part.next())}, {"why", all}});
}

// Its flag may have closed on the way: then that is what is said of it.
void Plugins::Impl::failed(Record& record, Event how, const std::string& why) {
  const auto closed = how == Event::kDisable ? roster.closed(record) : std::nullopt;
  closed ? roster.disableByFlag(record, *closed) : roster.apply(record, how, why);
}

base::Result<Report> Plugins::Impl::change(Target target, const Progress& progress) {
  auto reports = change(std::vector{std::move(target)}, progress);
  if (!reports) return std::unexpected(reports.error());
  return std::move(reports->front());
}

base::Result<Report> Plugins::Impl::load(Record& record, const Progress& progress) {
  return change({&record, folderOf(record), roster.desired.of(record.id).config}, progress);
}

// After the publication: the old instance leaves behind it.
Report Plugins::Impl::finish(Transition::Part& part) {
  Record& record = *part.target.record;
  const auto next = part.next();
  if (next != nullptr) tellWarnings(part);
  Report report{
      record.id, versionOf(part.before), versionOf(next), 0, {}, part.up.steps(), part.up.warnings(), {}, {},
      {}};
  if (part.before == nullptr) return report;
  const std::string_view disabled = part.target.how == Event::kQuarantine ? "quarantined"
                                    : part.target.closed.empty()          ? "disabled"
                                                                          : "disabled by its flag";
  part.before->apply(Event::kWithdraw,
                     next != nullptr ? fmt::format("replaced by {}", report.to) : std::string(disabled));
  if (roster.rooms.domain.instances().insideApprox(part.before->host().instance) > 0)
    report.holders = roster.rooms.capabilities.holders(part.before->host());
  retire(record, part.before, part.stopped);
  return report;
}

// What waited for what is there now starts by itself.
void Plugins::Impl::settle() {
  for (const std::string& id : roster.settleDependents()) {
    if (!roster.desired.of(id).on) continue;
    inBackground([this, &record = roster.add(id)] { startOne(record); });
  }
}

// The running instance takes the configuration that is on disk now, if it can do so live.
base::Result<Report> Plugins::Impl::configure(Record& record, const Progress& progress) {
  const base::Instant begin = roster.rooms.clock.now();
  Instance& instance = *record.current;
  auto section = roster.rooms.read_section(instance.manifest(), roster.desired.of(record.id).config);
  if (!section) return std::unexpected(section.error());
  const std::string version = instance.manifest().version.text();
  Report report{record.id, version, version, roster.generation(), {}, {}, {}, {}, {}, {}};
  if (!(*section)->saysTheSame(*instance.section())) {
    if (auto prepared = instance.prepare(*section); !prepared) {
      (void)instance.abort();
      return std::unexpected(prepared.error());
    }
    if (auto committed = instance.commit(); !committed) {
      instance.apply(Event::kDegrade, committed.error().message);
      return std::unexpected(committed.error());
    }
    report.steps.push_back({"reconfigured", roster.rooms.clock.now() - begin, record.id});
    if (progress) progress(report.steps.back());
  } else {
    report.warnings.push_back("nothing changed");
  }
  report.took = roster.rooms.clock.now() - begin;
  return report;
}

void Plugins::Impl::watchHealth() {
  while (true) {
    {
      std::unique_lock lock(threads_mutex);
      if (stop_requested.wait_for(lock, kHealthPeriod, [this] { return roster.stopping.load(); })) return;
    }
    for (const std::string& id : roster.ids()) askHealth(id);
  }
}

// Beside whatever operation goes on: a swap never finds the plugin busy with being asked how it is.
void Plugins::Impl::askHealth(const std::string& id) {
  const std::shared_ptr<Instance> instance = roster.serving(id);
  if (instance == nullptr) return;
  const State state = instance->state();
  const bool asked = state == State::kRunning || (state == State::kDegraded && !instance->healthHangs());
  if (!asked) return;
  const auto health = instance->health();
  const State now = instance->state();
  if (health && now == State::kDegraded) instance->apply(Event::kRecover);
  if (!health && now == State::kRunning) instance->apply(Event::kDegrade, health.error().message);
}

bool Plugins::keepsLibraries() const { return impl_->roster.lingering() > 0; }

Listing Plugins::list() const { return impl_->roster.list(); }
Listing Plugins::glance() const { return impl_->roster.glance(); }

base::Result<PluginView> Plugins::show(std::string_view id) const { return impl_->roster.show(id); }

base::Result<> Plugins::republish() {
  const auto published = impl_->roster.publish();
  if (!published) return std::unexpected(published.error());
  return {};
}

}  // namespace revenge::plugin
