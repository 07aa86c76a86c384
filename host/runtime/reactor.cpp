#include "runtime/reactor.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <list>
#include <mutex>
#include <optional>
#include <thread>

#include <unistd.h>

#include "base/periodic.hpp"
#include "runtime/loop.hpp"
#include "runtime/named_thread.hpp"
#include "runtime/patience.hpp"

namespace revenge::runtime {

namespace {
constexpr base::Duration kCheckEvery = std::chrono::milliseconds(100);
}

struct Reactor::Core : std::enable_shared_from_this<Core> {
  struct Runner {
    std::thread thread;
    std::size_t loop = 0;
    std::uint32_t number = 0;
    std::atomic<pid_t> thread_id{0};
    bool ended = false;
  };

  // What the watchdog saw last of one loop.
  struct Watch {
    std::uint64_t word = 0;
    base::Instant since;
    bool reported = false;
  };

  Core(ReactorOptions chosen, base::Scheduler& time) : options(std::move(chosen)), scheduler(time) {}

  // Requires: mutex. A thread for the loop; with `excursion` a substitute, which takes the loop over first.
  bool startRunner(std::size_t loop, std::optional<std::uint64_t> excursion);
  void life(Runner& me, std::optional<std::uint64_t> excursion);

  void check();
  std::optional<Stuck> inspect(std::size_t index, base::Instant now);
  void joinEnded();
  pid_t threadOf(std::size_t loop) const;
  bool owns(const Runner& runner) const { return loops[runner.loop]->owner() == runner.number; }
  template <typename Concerns>
  void awaitEnd(base::Duration patience, Concerns concerns);
  void abandon();
  static std::string nameOf(std::size_t loop) { return "io-" + std::to_string(loop); }

  const ReactorOptions options;
  std::atomic<base::Duration> stuck_after{options.stuckAfter};
  base::Scheduler& scheduler;  // not used by the threads: it may be gone when one that was given up returns
  std::vector<std::shared_ptr<Loop>> loops;
  std::atomic<std::size_t> nextLoop{0};

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::list<Runner> runners;
  std::vector<Watch> watches;
  std::uint32_t lastNumber = 0;
  std::uint64_t takeovers = 0;
  unsigned substitutes = 0;
  bool stopping = false;
  std::optional<base::Periodic> watchdog;  // set once, before and after the threads' time
};

bool Reactor::Core::startRunner(std::size_t loop, std::optional<std::uint64_t> excursion) {
  Runner& runner = runners.emplace_back();
  runner.loop = loop;
  runner.number = ++lastNumber;
  auto thread = startThread(nameOf(loop), [self = shared_from_this(), &runner, number = ++lastNumber,
                                           excursion] { self->life(runner, excursion); });
  if (!thread) {
    runners.pop_back();
    return false;
  }
  runner.thread = std::move(*thread);
  return true;
}

void Reactor::Core::life(Runner& me, std::optional<std::uint64_t> excursion) {
  Loop& loop = *loops[me.loop];
  me.thread_id.store(::gettid());
  bool owner = true;
  if (excursion) {
    const std::lock_guard lock(mutex);
    owner = !stopping && loop.takeOver(*excursion, me.number);
    takeovers += owner ? 1 : 0;
    substitutes += owner ? 1 : 0;
  }
  const bool lost = owner && loop.run(me.number);
  {
    const std::lock_guard lock(mutex);
    me.ended = true;
    if (lost && substitutes > 0) --substitutes;
  }
  changed.notify_all();
}

void Reactor::Core::check() {
  std::vector<Stuck> found;
  {
    const std::lock_guard lock(mutex);
    for (std::size_t i = 0; i < loops.size(); ++i) {
      if (auto stuck = inspect(i, scheduler.clock().now())) found.push_back(std::move(*stuck));
    }
  }
  joinEnded();
  if (!options.onStuck) return;
  for (const Stuck& each : found) options.onStuck(each);
}

std::optional<Stuck> Reactor::Core::inspect(std::size_t index, base::Instant now) {
  const auto away = loops[index]->away();
  Watch& watch = watches[index];
  if (!away) return std::nullopt;
  if (away->word != watch.word) {
    watch = {away->word, now, false};
    return std::nullopt;
  }
  if (watch.reported || now - watch.since < stuck_after.load()) return std::nullopt;
  watch.reported = true;
  const pid_t thread = threadOf(index);  // before another takes the loop over
  const bool replaced = substitutes < options.maxSubstitutes && startRunner(index, away->word);
  return Stuck{nameOf(index), away->plugin, now - watch.since, replaced ? Remedy::kReplaced : Remedy::kNone,
               thread};
}

// Requires: mutex.
pid_t Reactor::Core::threadOf(std::size_t loop) const {
  const auto owner = std::ranges::find_if(
      runners, [&](const Runner& runner) { return runner.loop == loop && !runner.ended && owns(runner); });
  return owner == runners.end() ? 0 : owner->thread_id.load();
}

void Reactor::Core::joinEnded() {
  std::list<Runner> ended;
  {
    const std::lock_guard lock(mutex);
    for (auto each = runners.begin(); each != runners.end();) {
      const auto here = each++;
      if (here->ended) ended.splice(ended.end(), runners, here);
    }
  }
  for (auto& runner : ended) runner.thread.join();
}

template <typename Concerns>
void Reactor::Core::awaitEnd(base::Duration patience, Concerns concerns) {
  waitUntil(shared_from_this(), scheduler, patience, [&] {
    return std::ranges::all_of(runners, [&](const Runner& each) { return each.ended || !concerns(each); });
  });
}

// After the last wait: gives up the threads that are left, and destroys the handlers of every loop that nobody runs.
void Reactor::Core::abandon() {
  std::vector<bool> unowned(loops.size(), true);
  {
    const std::lock_guard lock(mutex);
    for (Runner& runner : runners) {
      if (!runner.ended && owns(runner))
        unowned[runner.loop] = false;  // hangs in host code: a bug, and no safe way
      runner.thread.detach();
    }
  }
  for (const auto& loop : loops) {
    if (unowned[loop->index()]) loop->destroyPending();
  }
}

Reactor::Reactor(ReactorOptions options, base::Scheduler& scheduler) {
  if (options.threads == 0) options.threads = std::max(1U, std::thread::hardware_concurrency());
  if (options.maxSubstitutes == 0) options.maxSubstitutes = options.threads;
  core_ = std::make_shared<Core>(std::move(options), scheduler);
  const std::size_t threads = core_->options.threads;
  core_->watches.resize(threads);
  for (std::size_t i = 0; i < threads; ++i) core_->loops.push_back(std::make_shared<Loop>(i));
  {
    const std::lock_guard lock(core_->mutex);
    for (std::size_t i = 0; i < threads; ++i) core_->startRunner(i, std::nullopt);
  }
  core_->watchdog.emplace(scheduler, kCheckEvery, [core = core_.get()] { core->check(); });
}

Reactor::~Reactor() { stop(std::chrono::seconds(5)); }

std::size_t Reactor::size() const { return core_->loops.size(); }

boost::asio::io_context& Reactor::context(std::size_t loop) { return core_->loops[loop]->context(); }

std::size_t Reactor::next() { return core_->nextLoop.fetch_add(1, std::memory_order_relaxed) % size(); }

bool Reactor::post(std::size_t loop, base::Task&& task) {
  return core_->loops[loop]->submit(std::move(task)) == base::Submitted::kTaken;
}

std::shared_ptr<base::Executor> Reactor::executor(std::size_t loop) { return core_->loops[loop]; }

bool Reactor::deferFlush(std::size_t loop, base::Task&& task) {
  Loop& target = *core_->loops[loop];
  if (Loop::ofThisThread() != &target || !Loop::ownedByThisThread()) return post(loop, std::move(task));
  target.deferFlush(std::move(task));
  return true;
}

void Reactor::stuckAfter(base::Duration limit) { core_->stuck_after.store(limit); }

bool Reactor::isIoThread() { return Loop::ofThisThread() != nullptr; }

bool Reactor::ownsLoop() { return Loop::ownedByThisThread(); }

std::size_t Reactor::currentLoop() { return Loop::ofThisThread()->index(); }

std::vector<Stuck> Reactor::stop(base::Duration patience) {
  core_->watchdog.reset();
  {
    const std::lock_guard lock(core_->mutex);
    if (std::exchange(core_->stopping, true)) return {};
  }
  for (const auto& loop : core_->loops) loop->beginStop();
  core_->awaitEnd(patience, [](const Core::Runner&) { return true; });

  std::vector<Stuck> left;
  for (const auto& loop : core_->loops) {
    const auto away = loop->away();
    if (!away || !loop->takeOver(away->word, Loop::kNobody)) continue;
    left.push_back({Core::nameOf(loop->index()), away->plugin, patience, Remedy::kNone, 0});
  }
  core_->awaitEnd(patience, [this](const Core::Runner& runner) { return core_->owns(runner); });
  core_->joinEnded();
  core_->abandon();
  return left;
}

ReactorStats Reactor::stats() const {
  ReactorStats stats;
  for (const auto& loop : core_->loops) {
    stats.posted += loop->counts().posted;
    stats.wakeups += loop->counts().wakeups;
  }
  const std::lock_guard lock(core_->mutex);
  stats.takeovers = core_->takeovers;
  stats.substitutes = core_->substitutes;
  return stats;
}

Reactor::Excursion::Excursion(base::PluginMark plugin) : scope_(plugin) { Loop::beginExcursion(plugin); }

Reactor::Excursion::~Excursion() { static_cast<void>(end()); }

bool Reactor::Excursion::end() {
  if (!scope_) return Loop::ofThisThread() == nullptr || Loop::ownedByThisThread();
  scope_.reset();
  return Loop::endExcursion();
}

}  // namespace revenge::runtime
