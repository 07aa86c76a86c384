#include "plugin/plugins.hpp"

#include <algorithm>
#include <chrono>
#include <list>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "module/package_finder.hpp"
#include "module/sha256.hpp"
#include "plugin/bring_up.hpp"
#include "plugin/roster.hpp"
#include "plugin/take_down.hpp"
#include "runtime/named_thread.hpp"
#include "service/domain.hpp"

namespace revenge::plugin {

namespace {

using std::chrono::seconds;

constexpr seconds kHealthPeriod{5};
constexpr int kTries = 3;  // of a plugin whose own code fails to start, with 1 s, 2 s, 4 s between them

std::string versionOf(const std::shared_ptr<Instance>& instance) {
  return instance == nullptr ? "" : instance->manifest().version.text();
}

// Of the library as it is on disk now; empty when it cannot be told, which then is for the loader to explain.
std::string hashOnDisk(const std::filesystem::path& folder) {
  const auto manifest = module::readManifest(folder);
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

struct Plugins::Impl {
  Impl(Rooms rooms, PluginsOptions options, std::filesystem::path desired_file, Wishes wishes)
      : roster(std::move(rooms), std::move(options), std::move(desired_file), std::move(wishes)) {}

  void discover();
  std::filesystem::path folderOf(const Record& record) const;
  base::Result<> roomForAnother() const;
  base::Result<Report> replace(Record& record, const std::filesystem::path& folder, const Progress& progress);
  base::Result<Report> configure(Record& record, const Progress& progress);
  base::Result<Report> withdraw(Record& record);
  void startOne(Record& record);
  void retryLater(Record& record, int attempt);
  void retire(Record& record, std::shared_ptr<Instance> old);
  void inBackground(const std::function<void()>& work);
  void joinFinished();
  void watchHealth();
  void askHealth(const std::string& id);
  std::vector<std::string> leftBy(base::Instant deadline);
  void see(Record& record, const Instance& instance);

  Roster roster;
  std::mutex threads_mutex;
  struct Background {
    std::thread thread;
    std::shared_ptr<std::atomic<bool>> done;
  };
  std::list<Background> threads;  // guarded by threads_mutex
  std::condition_variable stop_requested;
  std::condition_variable background_done;
};

base::Result<std::unique_ptr<Plugins>> Plugins::open(Rooms rooms, PluginsOptions options) {
  const std::filesystem::path file = options.state_dir / "desired";
  auto wishes = Desired::read(file);
  if (!wishes) return std::unexpected(wishes.error());
  auto impl = std::make_unique<Impl>(std::move(rooms), std::move(options), file, std::move(*wishes));
  impl->discover();
  return std::unique_ptr<Plugins>(new Plugins(std::move(impl)));
}

Plugins::Plugins(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Plugins::~Plugins() {
  impl_->roster.stopping = true;
  impl_->stop_requested.notify_all();
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
      roster.logger.warn("package is shadowed",
                         {{"folder", package.folder.string()}, {"by", package.shadowedBy->string()}});
      continue;
    }
    Record& record = roster.add(package.id);
    record.found = package.folder;
    roster.lookBack(record);
    if (const auto manifest = module::readManifest(folderOf(record))) {
      record.version = manifest->version.text();
      record.description = manifest->description;
    }
  }
}

// The folder the operator chose last, else where the plugin folders have it.
std::filesystem::path Plugins::Impl::folderOf(const Record& record) const {
  const Wish wish = roster.desired.of(record.id);
  return wish.folder.empty() ? record.found : wish.folder;
}

void Plugins::Impl::see(Record& record, const Instance& instance) {
  record.version = instance.manifest().version.text();
  record.description = instance.manifest().description;
  record.sha256 = instance.sha256();
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

base::Result<Report> Plugins::Impl::replace(Record& record, const std::filesystem::path& folder,
                                            const Progress& progress) {
  const base::Instant begin = roster.rooms.clock.now();
  if (auto room = roomForAnother(); !room) return std::unexpected(room.error());
  if (roster.stopping) return base::fail(base::Errc::kUnavailable, "the host is stopping");
  const std::shared_ptr<Instance> before = record.current;
  BringUp up(roster, record, progress);
  auto next = up.run(folder, before.get());
  if (!next) {
    if (before == nullptr) roster.apply(record, up.failure(), next.error().message);
    return std::unexpected(next.error());
  }
  (*next)->host().phase = Phase::kServing;
  const auto generation = roster.publish(record, *next);
  if (!generation) {
    TakeDown(roster, record, *next).abandonLoad(generation.error());
    if (before == nullptr) roster.apply(record, Event::kRefuse, generation.error().message);
    return std::unexpected(generation.error());
  }
  (*next)->apply(Event::kPublish);
  if (!up.degraded().empty()) (*next)->apply(Event::kDegrade, up.degraded());
  see(record, **next);
  const base::Instant now = roster.rooms.clock.now();
  Report report{record.id,   versionOf(before), versionOf(*next), *generation,
                now - begin, up.steps(),        up.warnings(),    {}};
  if (before != nullptr) {
    before->apply(Event::kWithdraw, fmt::format("replaced by {}", report.to));
    if (roster.rooms.domain.instances().insideApprox(before->host().instance) > 0) {
      report.holders = roster.rooms.capabilities.holders(before->host());
    }
    retire(record, before);
  }
  return report;
}

base::Result<Report> Plugins::Impl::withdraw(Record& record) {
  const base::Instant begin = roster.rooms.clock.now();
  const std::shared_ptr<Instance> before = record.current;
  if (before == nullptr)
    return Report{record.id, "", "", roster.rooms.domain.generations().sequence(), {}, {}, {}, {}};
  const auto generation = roster.publish(record, nullptr);
  if (!generation) return std::unexpected(generation.error());
  before->apply(Event::kWithdraw, "disabled");
  Report report{record.id, versionOf(before), "", *generation, roster.rooms.clock.now() - begin, {}, {}, {}};
  report.holders = roster.rooms.capabilities.holders(before->host());
  retire(record, before);
  return report;
}

// The running instance takes the configuration that is on disk now, if it can do so live.
base::Result<Report> Plugins::Impl::configure(Record& record, const Progress& progress) {
  const base::Instant begin = roster.rooms.clock.now();
  Instance& instance = *record.current;
  auto section = roster.rooms.read_section(instance.manifest());
  if (!section) return std::unexpected(section.error());
  const std::string version = instance.manifest().version.text();
  Report report{record.id, version, version, roster.rooms.domain.generations().sequence(), {}, {}, {}, {}};
  if ((*section)->json() != instance.section()->json()) {
    if (auto prepared = instance.prepare(*section); !prepared) {
      (void)instance.abort();
      return std::unexpected(prepared.error());
    }
    if (auto committed = instance.commit(); !committed) return std::unexpected(committed.error());
    report.steps.push_back({"reconfigured", roster.rooms.clock.now() - begin});
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

void Plugins::Impl::retire(Record& record, std::shared_ptr<Instance> old) {
  inBackground([this, &record, old = std::move(old)]() mutable {
    TakeDown(roster, record, std::move(old)).drainAndStop();
  });
}

void Plugins::Impl::startOne(Record& record) {
  auto hold = roster.hold(record.id, "start");
  if (!hold) return;
  const auto report = replace(record, folderOf(record), {});
  if (report) {
    roster.logger.info("running", {{"plugin", record.id}, {"version", report->to}, {"took", report->took}});
    return;
  }
  roster.logger.error(report.error().message, {{"plugin", record.id}});
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
      ++record.restarts;
      roster.apply(record, Event::kEnable, fmt::format("try {} of {}", next, kTries));
      const auto report = replace(record, folderOf(record), {});
      if (report) return;
      roster.logger.error(report.error().message, {{"plugin", record.id}, {"try", next}});
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
      left.push_back(fmt::format("plugin '{}' {} is {}: {}", view.id, instance.version, name(instance.state),
                                 instance.note));
    }
  }
  return left;
}

void Plugins::startWanted() {
  Threads starting;
  for (const std::string& id : impl_->roster.ids()) {
    Record& record = impl_->roster.add(id);
    if (impl_->roster.desired.of(id).on) {
      starting.run(fmt::format("start {}", id), [this, &record] { impl_->startOne(record); });
    } else {
      impl_->roster.apply(record, Event::kDisable,
                          fmt::format("switched off; revengectl enable {} starts it", id));
    }
  }
  starting.join();
  if (const auto published = impl_->roster.publish(); !published) {
    impl_->roster.logger.error(published.error().message);
  }
  impl_->inBackground([impl = impl_.get()] { impl->watchHealth(); });
}

std::vector<std::string> Plugins::shutdown(base::Instant deadline) {
  Roster& roster = impl_->roster;
  roster.stopping = true;
  impl_->stop_requested.notify_all();
  Threads stopping;
  for (const std::string& id : roster.ids()) {
    Record& record = roster.add(id);
    stopping.run(fmt::format("stop {}", id), [&roster, &record, deadline] {
      const auto hold = roster.holdPatiently(record, "shutdown");
      const auto last = record.current;
      if (last == nullptr) return;
      (void)roster.publish(record, nullptr);
      last->apply(Event::kWithdraw, "the host stops");
      TakeDown(roster, record, last).stopBy(deadline);
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
  return impl_->replace(record, impl_->folderOf(record), progress);
}

base::Result<Report> Plugins::disable(std::string_view id, const Progress&) {
  auto hold = impl_->roster.hold(id, "disable");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  Wish wish = impl_->roster.desired.of(id);
  wish.on = false;
  if (auto kept = impl_->roster.want(record, wish); !kept) return std::unexpected(kept.error());
  auto report = impl_->withdraw(record);
  if (report)
    impl_->roster.apply(record, Event::kDisable,
                        fmt::format("switched off; revengectl enable {} starts it", id));
  return report;
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
    return impl_->replace(record, folder, progress);
  }
  const bool same_bytes = hashOnDisk(folder) == record.current->sha256();
  if (same_bytes && record.current->configuresLive()) return impl_->configure(record, progress);
  return impl_->replace(record, folder, progress);
}

base::Result<Report> Plugins::swap(std::string_view id, const std::filesystem::path& folder,
                                   const Progress& progress) {
  auto hold = impl_->roster.hold(id, "swap");
  if (!hold) return std::unexpected(hold.error());
  Record& record = hold->record();
  if (!impl_->roster.desired.of(id).on)
    return base::fail(base::Errc::kRefused, "plugin '{}' is switched off; revengectl enable {}", id, id);
  std::error_code failed;
  const auto absolute = std::filesystem::canonical(folder, failed);
  if (failed) return base::fail(base::Errc::kNotFound, "{}: {}", folder.string(), failed.message());
  if (record.current == nullptr) impl_->roster.apply(record, Event::kEnable, "");
  const auto left = impl_->folderOf(record);
  auto report = impl_->replace(record, absolute, progress);
  if (!report) return report;
  if (absolute == left) return report;
  if (auto kept = impl_->roster.want(record, Wish{true, absolute, left}); !kept) {
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
  auto report = impl_->replace(record, wish.previous, progress);
  if (!report) return report;
  if (auto kept = impl_->roster.want(record, Wish{true, wish.previous, impl_->folderOf(record)}); !kept) {
    report->warnings.push_back(fmt::format("not remembered over a restart: {}", kept.error().message));
  }
  return report;
}

Listing Plugins::list() const { return impl_->roster.list(); }

base::Result<PluginView> Plugins::show(std::string_view id) const { return impl_->roster.show(id); }

base::Result<> Plugins::republish() {
  const auto published = impl_->roster.publish();
  if (!published) return std::unexpected(published.error());
  return {};
}

}  // namespace revenge::plugin
