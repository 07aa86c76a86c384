#include "plugin/plugins.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <list>
#include <map>
#include <ranges>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include "module/package_finder.hpp"
#include "module/sha256.hpp"
#include "plugin/plugins_impl.hpp"
#include "plugin/take_down.hpp"
#include "runtime/named_thread.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

using std::chrono::seconds;

constexpr seconds kHealthPeriod{5};
constexpr int kTries = 3;  // of a plugin whose own code fails to start, with 1 s, 2 s, 4 s between them

// Of the library as it is on disk now; empty when it cannot be told, which then is for the loader to explain.
std::string hashOnDisk(const std::filesystem::path& folder, std::string_view id) {
  const auto manifest = module::readManifest(folder, id);
  if (!manifest) return {};
  const int fd = ::open((folder / manifest->library).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return {};
  const auto hash = module::Sha256::ofDescriptor(fd);
  ::close(fd);
  return hash.value_or("");
}

// Side by side, then together. Where the system gives no thread the work is done in place.
class Threads {
 public:
  void run(const std::string& name, const std::function<void()>& work) {
    if (auto thread = runtime::startThread(name, work)) {
      threads_.push_back(std::move(*thread));
    } else {
      work();
    }
  }
  void join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  std::vector<std::thread> threads_;
};

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

void Plugins::Impl::inBackground(const std::function<void()>& work) {
  joinFinished();
  auto done = std::make_shared<std::atomic<bool>>(false);
  auto thread = runtime::startThread("take-down", [this, work, done] {
    work();
    {
      const std::lock_guard lock(threads_mutex);
      *done = true;
    }
    background_done.notify_all();
  });
  if (!thread) {
    roster.logger.error(thread.error().message);
    return work();
  }
  const std::lock_guard lock(threads_mutex);
  threads.push_back({std::move(*thread), done});
}

// Under the lock, so that nobody who is about to wait misses it.
void Plugins::Impl::requestStop() {
  const std::lock_guard lock(threads_mutex);
  roster.stopping = true;
  stop_requested.notify_all();
}

void Plugins::Impl::joinFinished() {
  const std::lock_guard lock(threads_mutex);
  for (auto it = threads.begin(); it != threads.end();) {
    if (!*it->done) {
      ++it;
      continue;
    }
    it->thread.join();
    it = threads.erase(it);
  }
}

void Plugins::Impl::retire(Record& record, std::shared_ptr<Instance> old, bool stopped) {
  inBackground([this, &record, old = std::move(old), stopped]() mutable {
    TakeDown down(roster, record, std::move(old));
    stopped ? down.drainStopped() : down.drainAndStop();
  });
}

void Plugins::Impl::startOne(Record& record) {
  auto hold = roster.hold(record.id, "start");
  if (!hold) return;
  if (record.current != nullptr || roster.stopping) return;
  startHeld(record);
}

// Requires: the operation holds the record, which serves nothing.
void Plugins::Impl::startHeld(Record& record) {
  if (const auto closed = roster.closed(record)) return roster.disableByFlag(record, *closed);
  if (record.state == State::kWaiting) roster.apply(record, Event::kEnable, "what it waited for is there");
  const auto report = load(record, {});
  if (report) {
    roster.logger.info("running", {{"plugin", record.id}, {"version", report->to}, {"took", report->took}});
    return;
  }
  if (record.state == State::kFailed) retryLater(record, 1);
}

void Plugins::Impl::retryLater(Record& record, int attempt) {
  inBackground([this, &record, attempt] {
    for (int next = attempt; next <= kTries; ++next) {
      std::unique_lock lock(threads_mutex);
      const auto delay = seconds(1LL << (next - 1));
      if (stop_requested.wait_for(lock, delay, [this] { return roster.stopping.load(); })) return;
      lock.unlock();
      auto hold = roster.hold(record.id, "restart");
      if (!hold || record.state != State::kFailed || !roster.desired.of(record.id).on) return;
      roster.countRestart(record);
      roster.apply(record, Event::kEnable, fmt::format("try {} of {}", next, kTries));
      if (load(record, {})) return;
    }
  });
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

// What is still here when the time is up, a line each. Its code may be running: nothing it uses may be destroyed.
std::vector<std::string> Plugins::Impl::leftBy(base::Instant deadline) {
  std::vector<std::string> left;
  {
    std::unique_lock lock(threads_mutex);
    const auto quiet = [this] {
      return std::ranges::all_of(threads, [](const Background& b) { return b.done->load(); });
    };
    background_done.wait_until(lock, deadline, quiet);
  }
  for (const PluginView& view : roster.list().plugins) {
    for (const InstanceView& instance : view.instances) {
      if (instance.state == State::kUnloaded) continue;
      left.push_back(fmt::format("plugin '{}' {} is {}: {}", view.id, instance.version, name(instance.state),
                                 instance.note));
    }
  }
  return left;
}

namespace {

// Work of many plugins side by side, each begun when those it stands behind are done; nobody is woken for others.
class Ordered {
 public:
  void awaitAll(const std::vector<std::string>& ids) {
    std::unique_lock lock(mutex_);
    for (const std::string& id : ids) {
      Work& work = work_[id];
      work.ended.wait(lock, [&work] { return work.done; });
    }
  }
  void done(const std::string& id) {
    const std::lock_guard lock(mutex_);
    Work& work = work_[id];
    work.done = true;
    work.ended.notify_all();
  }

 private:
  struct Work {
    std::condition_variable ended;
    bool done = false;
  };
  std::mutex mutex_;
  std::map<std::string, Work, std::less<>> work_;  // guarded by mutex_; never shrinks
};

}  // namespace

void Plugins::startWanted() {
  const Graph graph = impl_->roster.graph(Roster::Whose::kWanted);
  for (const std::string& id : impl_->roster.ids()) {
    if (impl_->roster.desired.of(id).on) continue;
    impl_->roster.apply(
        impl_->roster.add(id), Event::kDisable,
        fmt::format("{}; revengectl enable {} starts it",
                    impl_->roster.desired.said(id).on ? impl_->roster.options.stand_in_why : "switched off",
                    id));
  }
  Ordered order;
  Threads starting;
  for (const std::string& id : graph.order()) {
    Record& record = impl_->roster.add(id);
    if (const auto circle = graph.cycleThrough(id); !circle.empty()) {
      const std::string why =
          fmt::format("plugin '{}' refused: requires itself: {}", id, fmt::join(circle, " -> "));
      impl_->roster.apply(record, Event::kRefuse, why);
      impl_->roster.logger.error(why, {{"plugin", id}});
      order.done(id);
      continue;
    }
    starting.run(fmt::format("start {}", id), [this, &record, &order, first = graph.before(id)] {
      order.awaitAll(first);
      impl_->startOne(record);
      order.done(record.id);
    });
  }
  starting.join();
  if (const auto published = impl_->roster.publish(); !published) {
    impl_->roster.logger.error(published.error().message);
  }
  impl_->settle();
  impl_->inBackground([impl = impl_.get()] { impl->watchHealth(); });
  impl_->inBackground([impl = impl_.get()] { impl->watchGates(); });
}

void Plugins::beginNothing() { impl_->requestStop(); }

// Consumers before their providers, also where no thread can be made and all of it happens here.
std::vector<std::string> Plugins::shutdown(base::Instant deadline) {
  Roster& roster = impl_->roster;
  impl_->requestStop();
  const Graph graph = roster.graph(Roster::Whose::kServing);
  Ordered order;
  Threads stopping;
  // Those that do not serve yet may be about to.
  auto sequence = graph.order();
  for (const std::string& id : roster.ids()) {
    if (std::ranges::find(sequence, id) == sequence.end()) sequence.push_back(id);
  }
  for (const std::string& id : sequence | std::views::reverse) {
    Record& record = roster.add(id);
    std::vector<std::string> consumers;
    for (const Node& node : graph.nodes()) {
      const auto first = graph.before(node.id);
      if (std::ranges::find(first, id) != first.end() && graph.cycleThrough(id).empty())
        consumers.push_back(node.id);
    }
    stopping.run(fmt::format("stop {}", id),
                 [&roster, &record, &order, deadline, consumers = std::move(consumers)] {
                   order.awaitAll(consumers);
                   const auto hold = roster.holdPatiently(record, "shutdown");
                   if (const auto last = record.current; last != nullptr) {
                     (void)roster.publish(record, nullptr);
                     last->apply(Event::kWithdraw, "the host stops");
                     TakeDown(roster, record, last).stopBy(deadline);
                   }
                   order.done(record.id);
                 });
  }
  stopping.join();
  return impl_->leftBy(deadline);
}

bool Plugins::keepsLibraries() const { return impl_->roster.lingering() > 0; }

base::Result<Report> Plugins::enable(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "enable");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  if (record.current != nullptr)
    return base::fail(base::Errc::kExists, "plugin '{}' is already running {}", id,
                      versionOf(record.current));
  Wish wish = impl_->roster.desired.of(id);
  wish.on = true;
  if (auto kept = impl_->roster.want(record, wish); !kept) return std::unexpected(kept.error());
  impl_->roster.apply(record, Event::kEnable, "");
  if (const auto closed = impl_->roster.closed(record)) {
    impl_->roster.disableByFlag(record, *closed);
    Report report{record.id, {}, {}, impl_->roster.generation(), {}, {}, {}, {}, {}, {}};
    report.warnings.push_back(
        fmt::format("it starts when its flag lets somebody in: {}", Roster::noteOf(*closed)));
    return report;
  }
  return impl_->load(record, progress);
}

base::Result<Report> Plugins::disable(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "disable");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  Wish wish = impl_->roster.desired.of(id);
  wish.on = false;
  if (auto kept = impl_->roster.want(record, wish); !kept) return std::unexpected(kept.error());
  return impl_->change({&record, std::nullopt, {}}, progress);
}

base::Result<Report> Plugins::reload(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "reload");
  if (!hold) return std::unexpected(hold.error());
  if (auto read = impl_->roster.rooms.reread_configuration(); !read) return std::unexpected(read.error());
  Record& record = hold->record();
  const auto folder = impl_->folderOf(record);
  if (record.current == nullptr) {
    if (!impl_->roster.desired.of(id).on)
      return base::fail(base::Errc::kRefused, "plugin '{}' is switched off; revengectl enable {}", id, id);
    impl_->roster.apply(record, Event::kEnable, "");
    return impl_->load(record, progress);
  }
  const bool same_bytes = hashOnDisk(folder, id) == record.current->sha256();
  if (same_bytes && record.current->configuresLive()) return impl_->configure(record, progress);
  return impl_->load(record, progress);
}

base::Result<Report> Plugins::swap(std::string_view id, const std::filesystem::path& folder,
                                   const Progress& progress, WhenOff when_off) {
  const Intent intent{std::string(id), Verb::kSwap, folder};
  const auto held = impl_->holdFor(std::span(&intent, 1), "swap");
  if (!held) return std::unexpected(held.error());
  const Roster::Hold& hold = held->front();
  Record& record = hold.record();
  const bool off = !impl_->roster.desired.of(id).on;
  if (off && !hold.triesNew() && when_off == WhenOff::kRefuse)
    return base::fail(base::Errc::kRefused, "plugin '{}' is switched off; revengectl enable {}", id, id);
  std::error_code failed;
  const auto absolute = std::filesystem::canonical(folder, failed);
  if (failed) return base::fail(base::Errc::kNotFound, "{}: {}", folder.string(), failed.message());
  if (record.current == nullptr) impl_->roster.apply(record, Event::kEnable, "");
  const auto left = impl_->folderOf(record);
  const Wish wish = impl_->roster.desired.of(id);
  auto report = impl_->change({&record, absolute, wish.config}, progress);
  if (!report) {
    if (off) impl_->roster.apply(record, Event::kDisable, report.error().message);
    return report;
  }
  if (absolute == left && !off) return report;
  if (auto kept = impl_->roster.want(record, Wish{true, absolute, left, wish.config, wish.config}); !kept) {
    report->warnings.push_back(fmt::format("not remembered over a restart: {}", kept.error().message));
  }
  return report;
}

base::Result<Report> Plugins::rollback(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "rollback");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  const Wish wish = impl_->roster.desired.of(id);
  if (wish.previous.empty())
    return base::fail(base::Errc::kNotFound, "plugin '{}': no earlier version to go back to", id);
  if (record.current == nullptr) impl_->roster.apply(record, Event::kEnable, "");
  auto report = impl_->change({&record, wish.previous, wish.previous_config}, progress);
  if (!report) return report;
  const Wish back{true, wish.previous, impl_->folderOf(record), wish.previous_config, wish.config};
  if (auto kept = impl_->roster.want(record, back); !kept) {
    report->warnings.push_back(fmt::format("not remembered over a restart: {}", kept.error().message));
  }
  return report;
}

base::Result<Report> Plugins::release(std::string_view id, const Progress& progress) {
  auto hold = impl_->roster.hold(id, "release");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  const auto released = impl_->roster.rooms.crashes.release(id);
  if (!released) return std::unexpected(released.error());
  if (!*released) return base::fail(base::Errc::kRefused, "plugin '{}' is not in quarantine", id);
  if (impl_->roster.rooms.conduct != nullptr) impl_->roster.rooms.conduct->forgive(id);
  Report report{record.id, {}, {}, impl_->roster.generation(), {}, {}, {}, {}, {}, {}};
  // Another build of it may serve meanwhile.
  if (record.current != nullptr || !impl_->roster.desired.of(id).on) return report;
  impl_->roster.apply(record, Event::kEnable, "released");
  return impl_->load(record, progress);
}

void Plugins::quarantine(std::string_view id, const std::string& why) {
  impl_->inBackground([impl = impl_.get(), &record = impl_->roster.add(std::string(id)), why] {
    impl->quarantine(record, why);
  });
}

// Looks again once the record is its own: it may have left meanwhile.
void Plugins::Impl::quarantine(Record& record, const std::string& why) {
  const auto hold = roster.holdPatiently(record, "quarantine");
  if (roster.stopping || record.current == nullptr) return;
  Quarantine made{.plugin = record.id,
                  .version = versionOf(record.current),
                  .sha256 = record.current->sha256(),
                  .since = roster.rooms.clock.wall(),
                  .what = why};
  const std::string note = made.note();
  roster.logger.error("quarantined", {{"plugin", record.id}, {"version", made.version}, {"reason", why}});
  if (const auto kept = roster.rooms.crashes.quarantine(std::move(made)); !kept)
    roster.logger.error("a quarantine will not outlive this run",
                        {{"plugin", record.id}, {"reason", kept.error().message}});
  if (const auto report = change({&record, std::nullopt, {}, note, Event::kQuarantine}, {}); !report)
    roster.logger.error(report.error().message, {{"plugin", record.id}});
}

void Plugins::restrain(std::string_view id, runtime::Lanes::Hold hold) { impl_->roster.restrain(id, hold); }

Listing Plugins::list() const { return impl_->roster.list(); }
Listing Plugins::glance() const { return impl_->roster.glance(); }

base::Result<PluginView> Plugins::show(std::string_view id) const { return impl_->roster.show(id); }

base::Result<> Plugins::republish() {
  const auto published = impl_->roster.publish();
  if (!published) return std::unexpected(published.error());
  return {};
}

}  // namespace revenge::plugin
