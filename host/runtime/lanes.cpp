#include "runtime/lanes.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <thread>

#include <unistd.h>

#include "base/periodic.hpp"
#include "runtime/named_thread.hpp"
#include "runtime/patience.hpp"

namespace revenge::runtime {

using base::Submitted;

namespace {

constexpr std::size_t kMaxLanes = 1024;
constexpr unsigned kIndexBits = 10;
constexpr std::size_t kQueueOfOne = 8;  // jobs that may wait in a lane that is held to one worker
constexpr base::Instant kNoneWaits = base::Instant::max();
constexpr base::Duration kCheckEvery = std::chrono::milliseconds(100);

std::size_t indexOf(LaneId id) { return static_cast<std::uint32_t>(id) & (kMaxLanes - 1); }

LaneId makeId(std::size_t index, std::uint32_t generation) {
  return LaneId{(generation << kIndexBits) | static_cast<std::uint32_t>(index)};
}

template <typename Count>
Count shareOf(double share, Count whole) {
  return std::max<Count>(1, static_cast<Count>(share * static_cast<double>(whole)));
}

}  // namespace

// Records are recycled, never freed before the pool, so that admission needs no lock.
struct Lanes::Lane {
  // Read without the lock; written under it.
  std::atomic<LaneId> id{LaneId::kNone};  // kNone: closed
  std::atomic<std::size_t> maxQueued{0};
  std::atomic<bool> restrained{false};
  std::atomic<bool> blocked{false};    // its share of the workers is stuck beyond replacing
  std::atomic<std::size_t> queued{0};  // admitted and not yet taken by a worker or destroyed
  std::atomic<std::uint64_t> refused{0};
  std::atomic<base::Instant> oldest{kNoneWaits};  // since when the job at the front waits

  // Guarded by the core's mutex.
  LaneOptions options;
  LaneId lastId = LaneId::kNone;
  std::uint32_t generation = 0;
  std::size_t maxRunning = 1;
  std::size_t running = 0;  // holds a worker of the pool
  std::size_t away = 0;     // stuck, and the worker was replaced
  std::size_t held = 0;     // stuck, and the worker was not: part of `running`
  std::uint64_t done = 0;
  bool inRing = false;
  struct Job {
    base::Task task;
    base::Instant since;  // it waits
  };
  std::deque<Job> jobs;

  // Requires: mutex, and that the front of `jobs` may have changed.
  void noteOldest() {
    oldest.store(jobs.empty() ? kNoneWaits : jobs.front().since, std::memory_order_relaxed);
  }
  bool isFree() const { return id.load() == LaneId::kNone && running + away + queued.load() == 0; }
};

struct Lanes::Worker : std::enable_shared_from_this<Worker> {
  std::thread thread;
  std::condition_variable wake;
  bool parked = false;
  bool replaced = false;  // leaves when its job returns
  bool ended = false;
  pid_t thread_id = 0;
  Lane* lane = nullptr;  // null: no job
  base::PluginMark plugin = base::PluginMark::kHost;
  std::uint64_t job = 0;  // number of the job it runs

  // What the watchdog saw last.
  std::uint64_t seenJob = 0;
  base::Instant seenAt;
  bool reported = false;
};

struct Lanes::Core : std::enable_shared_from_this<Core> {
  Core(LanesOptions chosen, base::Scheduler& time) : options(std::move(chosen)), scheduler(time) {}

  // Admission: reserves a place in the queue without taking the lock.
  Lane* admit(LaneId id, Submitted& answer) {
    Lane* const lane = lanes[indexOf(id)].load(std::memory_order_acquire);
    if (id == LaneId::kNone || lane == nullptr || lane->id.load(std::memory_order_acquire) != id) {
      answer = Submitted::kGone;
      return nullptr;
    }
    const std::size_t mine = lane->queued.fetch_add(1, std::memory_order_relaxed);
    const std::size_t all = queued.fetch_add(1, std::memory_order_relaxed);
    const bool full =
        mine >= lane->maxQueued.load(std::memory_order_relaxed) || (all >= options.queue && mine > 0);
    if (full || lane->blocked.load(std::memory_order_relaxed)) {
      release(*lane, 1);
      lane->refused.fetch_add(1, std::memory_order_relaxed);
      answer = Submitted::kLimit;
      return nullptr;
    }
    answer = Submitted::kTaken;
    return lane;
  }

  void release(Lane& lane, std::size_t count) {
    lane.queued.fetch_sub(count, std::memory_order_relaxed);
    queued.fetch_sub(count, std::memory_order_relaxed);
  }

  // Requires: mutex. True when taken; false when the lane was closed since its admission.
  bool enqueue(Lane& lane, LaneId id, base::Task& job) {
    if (stopping || lane.id.load(std::memory_order_relaxed) != id) {
      release(lane, 1);
      return false;
    }
    lane.jobs.push_back({std::move(job), scheduler.clock().now()});
    if (lane.jobs.size() == 1) lane.noteOldest();
    offer(lane);
    return true;
  }

  // Requires: mutex. Puts the lane where workers look, when it has a job and a share left.
  void offer(Lane& lane) {
    if (lane.inRing || lane.jobs.empty() || lane.running >= lane.maxRunning) return;
    lane.inRing = true;
    ring.push_back(&lane);
  }

  // Requires: mutex. The worker to notify, outside the lock, when there is work nobody is coming for. One at a time: a
  // woken worker wakes the next when it sees more work than its own.
  std::shared_ptr<Worker> workerToWake(std::uint64_t& counter) {
    if (ring.empty() || idle.empty() || waking) return nullptr;
    const std::shared_ptr<Worker> worker = std::move(idle.back());  // the last to park: its cache is warm
    idle.pop_back();
    worker->parked = false;
    waking = true;
    ++counter;
    return worker;
  }

  Submitted submit(LaneId id, base::Task&& job);
  bool close();
  void divide(Lane& lane, Hold hold);
  void startWorker();
  void work(Worker& me);
  bool park(std::unique_lock<std::mutex>& lock, Worker& me);
  struct Taken {
    base::Task task;
    base::Duration waited;
  };
  Taken take(Worker& me);
  void finish(Worker& me);

  void check();
  void inspect(Worker& worker, base::Instant now, std::vector<Stuck>& found);
  bool replace(Worker& worker);
  void joinEnded();
  LaneStats describe(const Lane& lane) const;

  const LanesOptions options;
  base::Scheduler&
      scheduler;  // for workers only under the lock while !stopping: one that was given up may outlive it
  std::array<std::atomic<Lane*>, kMaxLanes> lanes{};
  std::atomic<std::size_t> queued{0};
  std::atomic<base::Duration> stuck_after{options.stuckAfter};

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<std::unique_ptr<Lane>> records;
  std::deque<Lane*> ring;  // lanes with a job and a share left, in turn
  std::vector<std::shared_ptr<Worker>> idle;
  std::list<std::shared_ptr<Worker>> workers;
  unsigned started = 0;
  unsigned substitutes = 0;
  std::uint64_t wakeups = 0;
  std::uint64_t relays = 0;
  bool waking = false;  // a worker was woken and has not looked yet
  bool stopping = false;
  std::optional<base::Periodic> watchdog;  // set once, before and after the workers' time
};

Submitted Lanes::Core::submit(LaneId id, base::Task&& job) {
  Submitted answer{};
  Lane* const lane = admit(id, answer);
  if (lane == nullptr) return answer;
  std::shared_ptr<Worker> worker;
  {
    const std::lock_guard lock(mutex);
    if (!enqueue(*lane, id, job)) return Submitted::kGone;
    worker = workerToWake(wakeups);
  }
  if (worker) worker->wake.notify_one();
  return Submitted::kTaken;
}

// Sends every worker home and destroys what waits. False when that was done before.
bool Lanes::Core::close() {
  std::vector<std::deque<Lane::Job>> dropped;  // dies after the lock
  const std::lock_guard lock(mutex);
  if (std::exchange(stopping, true)) return false;
  ring.clear();
  for (const auto& lane : records) {
    lane->id.store(LaneId::kNone);
    lane->inRing = false;
    release(*lane, lane->jobs.size());
    dropped.push_back(std::exchange(lane->jobs, {}));
    lane->noteOldest();
  }
  for (const auto& worker : std::exchange(idle, {})) {
    worker->parked = false;
    worker->wake.notify_one();
  }
  return true;
}

void Lanes::Core::startWorker() {
  auto worker = std::make_shared<Worker>();
  auto thread = startThread("worker-" + std::to_string(started),
                            [self = shared_from_this(), me = worker.get()] { self->work(*me); });
  if (!thread) return;
  ++started;
  worker->thread = std::move(*thread);
  workers.push_back(std::move(worker));
}

void Lanes::Core::work(Worker& me) {
  std::unique_lock lock(mutex);
  me.thread_id = ::gettid();
  while (!stopping && !me.replaced) {
    if (!park(lock, me)) continue;
    Taken job = take(me);
    const std::shared_ptr<Worker> next = workerToWake(relays);
    const base::PluginMark plugin = me.plugin;
    lock.unlock();
    if (next) next->wake.notify_one();
    if (options.onWaited) options.onWaited(plugin, job.waited);
    {
      const base::PluginScope scope(plugin);
      job.task();
      job.task = nullptr;
    }
    lock.lock();
    finish(me);
  }
  me.ended = true;
  if (me.replaced) --substitutes;
  changed.notify_all();
}

// True: there is work. False: look again, the pool may be stopping.
bool Lanes::Core::park(std::unique_lock<std::mutex>& lock, Worker& me) {
  if (!ring.empty()) return true;
  me.parked = true;
  idle.push_back(me.shared_from_this());
  me.wake.wait(lock, [&me] { return !me.parked; });
  waking = false;
  return false;
}

Lanes::Core::Taken Lanes::Core::take(Worker& me) {
  Lane& lane = *ring.front();
  ring.pop_front();
  lane.inRing = false;
  // Under the lock, where the scheduler is still there: a worker that is given up does not come by here.
  Taken job{std::move(lane.jobs.front().task), scheduler.clock().now() - lane.jobs.front().since};
  lane.jobs.pop_front();
  lane.noteOldest();
  release(lane, 1);
  ++lane.running;
  offer(lane);
  me.lane = &lane;
  me.plugin = lane.options.plugin;
  ++me.job;
  return job;
}

void Lanes::Core::finish(Worker& me) {
  Lane& lane = *me.lane;
  me.lane = nullptr;
  ++lane.done;
  if (me.replaced) {
    --lane.away;
  } else {
    --lane.running;
    if (std::exchange(me.reported, false)) --lane.held;
  }
  lane.blocked.store(lane.held >= lane.maxRunning, std::memory_order_relaxed);
  offer(lane);
}

void Lanes::Core::check() {
  std::vector<Stuck> found;
  std::shared_ptr<Worker> next;
  {
    const std::lock_guard lock(mutex);
    const base::Instant now = scheduler.clock().now();
    std::vector<Worker*> present;
    for (const auto& worker : workers) present.push_back(worker.get());
    for (Worker* worker : present) inspect(*worker, now, found);
    next = workerToWake(relays);
  }
  if (next) next->wake.notify_one();
  joinEnded();
  if (!options.onStuck) return;
  for (const Stuck& each : found) options.onStuck(each);
}

void Lanes::Core::inspect(Worker& worker, base::Instant now, std::vector<Stuck>& found) {
  if (worker.lane == nullptr || worker.replaced || worker.reported) return;
  if (worker.job != worker.seenJob) {
    worker.seenJob = worker.job;
    worker.seenAt = now;
    return;
  }
  Lane& lane = *worker.lane;
  if (now - worker.seenAt < lane.options.stuckAfter.value_or(stuck_after.load())) return;
  worker.reported = true;
  const bool replaced = replace(worker);
  lane.blocked.store(lane.held >= lane.maxRunning, std::memory_order_relaxed);
  found.push_back({lane.options.name, worker.plugin, now - worker.seenAt,
                   replaced ? Remedy::kReplaced : Remedy::kNone, worker.thread_id});
}

// A replaced worker no longer belongs to the pool, so its lane gets its share back; the cap bounds what that costs.
bool Lanes::Core::replace(Worker& worker) {
  Lane& lane = *worker.lane;
  const std::size_t before = workers.size();
  if (substitutes < options.maxSubstitutes && !stopping) startWorker();
  if (workers.size() == before) {
    ++lane.held;
    return false;
  }
  worker.replaced = true;
  ++substitutes;
  --lane.running;
  ++lane.away;
  offer(lane);
  return true;
}

void Lanes::Core::joinEnded() {
  std::list<std::shared_ptr<Worker>> ended;
  {
    const std::lock_guard lock(mutex);
    for (auto each = workers.begin(); each != workers.end();) {
      const auto here = each++;
      if ((*here)->ended) ended.splice(ended.end(), workers, here);
    }
  }
  for (const auto& worker : ended) worker->thread.join();
}

LaneStats Lanes::Core::describe(const Lane& lane) const {
  return {.name = lane.options.name,
          .plugin = lane.options.plugin,
          .running = lane.running + lane.away,
          .queued = lane.queued.load(std::memory_order_relaxed),
          .stuck = lane.held + lane.away,
          .done = lane.done,
          .refused = lane.refused.load(std::memory_order_relaxed)};
}

Lanes::Lanes(LanesOptions options, base::Scheduler& scheduler) {
  if (options.workers == 0) options.workers = std::max(2U, std::thread::hardware_concurrency());
  if (options.maxSubstitutes == 0) options.maxSubstitutes = options.workers;
  core_ = std::make_shared<Core>(std::move(options), scheduler);
  {
    const std::lock_guard lock(core_->mutex);
    for (unsigned i = 0; i < core_->options.workers; ++i) core_->startWorker();
  }
  core_->watchdog.emplace(scheduler, kCheckEvery, [core = core_.get()] { core->check(); });
}

Lanes::~Lanes() { stop(std::chrono::seconds(5)); }

base::Result<LaneId> Lanes::openLane(LaneOptions options) {
  const std::lock_guard lock(core_->mutex);
  auto& records = core_->records;
  auto found = std::ranges::find_if(records, [](const auto& lane) { return lane->isFree(); });
  if (found == records.end()) {
    if (records.size() == kMaxLanes) {
      return base::fail(base::Errc::kLimit, "lane '{}' refused: {} lanes are open, the limit", options.name,
                        kMaxLanes);
    }
    found = records.insert(records.end(), std::make_unique<Lane>());
  }
  const auto index = static_cast<std::size_t>(found - records.begin());
  Lane& lane = **found;
  const std::uint32_t generation =
      lane.generation % ((1U << (32 - kIndexBits)) - 1) + 1;  // 0 would make kNone
  lane.generation = generation;
  lane.options = std::move(options);
  core_->divide(lane, Hold::kShare);
  lane.done = 0;
  lane.refused.store(0);
  lane.blocked.store(false);
  lane.lastId = makeId(index, generation);
  lane.id.store(lane.lastId, std::memory_order_release);
  core_->lanes[index].store(&lane, std::memory_order_release);
  return lane.lastId;
}

// Requires: mutex.
void Lanes::Core::divide(Lane& lane, Hold hold) {
  const bool one = hold == Hold::kOne;
  lane.maxRunning = one ? 1 : shareOf<std::size_t>(lane.options.share, options.workers);
  const auto queue = shareOf(lane.options.share, options.queue);
  lane.maxQueued.store(one ? std::min(kQueueOfOne, queue) : queue);
  lane.restrained.store(one);
  lane.blocked.store(lane.held >= lane.maxRunning, std::memory_order_relaxed);
}

void Lanes::stuckAfter(base::Duration limit) { core_->stuck_after.store(limit); }

void Lanes::restrain(LaneId id, Hold hold) {
  std::shared_ptr<Worker> worker;
  {
    const std::lock_guard lock(core_->mutex);
    Lane* const lane = core_->lanes[indexOf(id)].load();
    if (lane == nullptr || lane->id.load() != id || id == LaneId::kNone) return;
    core_->divide(*lane, hold);
    core_->offer(*lane);
    worker = core_->workerToWake(core_->wakeups);
  }
  if (worker) worker->wake.notify_one();
}

bool Lanes::isRestrained(LaneId id) const {
  const Lane* const lane = core_->lanes[indexOf(id)].load(std::memory_order_acquire);
  return lane != nullptr && lane->id.load(std::memory_order_acquire) == id &&
         lane->restrained.load(std::memory_order_relaxed);
}

base::Duration Lanes::queueDelay(LaneId id) const {
  const Lane* const lane = core_->lanes[indexOf(id)].load(std::memory_order_acquire);
  if (lane == nullptr || lane->id.load(std::memory_order_acquire) != id) return {};
  const base::Instant since = lane->oldest.load(std::memory_order_relaxed);
  if (since == kNoneWaits) return {};
  return std::max(core_->scheduler.clock().now() - since, base::Duration::zero());
}

void Lanes::closeLane(LaneId id) {
  std::deque<Lane::Job> dropped;  // dies after the lock
  const std::lock_guard lock(core_->mutex);
  Lane* const lane = core_->lanes[indexOf(id)].load();
  if (lane == nullptr || lane->id.load() != id || id == LaneId::kNone) return;
  lane->id.store(LaneId::kNone);
  dropped.swap(lane->jobs);
  lane->noteOldest();
  core_->release(*lane, dropped.size());
  if (std::exchange(lane->inRing, false)) std::erase(core_->ring, lane);
}

Submitted Lanes::submit(LaneId id, base::Task&& job) { return core_->submit(id, std::move(job)); }

Lanes::Batch::Batch(Lanes& lanes) : core_(lanes.core_) {}

Lanes::Batch::~Batch() { flush(); }

Submitted Lanes::Batch::add(LaneId id, base::Task&& job) {
  Submitted answer{};
  if (Lane* const lane = core_->admit(id, answer)) jobs_.push_back({lane, id, std::move(job)});
  return answer;
}

void Lanes::Batch::flush() {
  if (jobs_.empty()) return;
  std::shared_ptr<Worker> worker;
  {
    const std::lock_guard lock(core_->mutex);
    for (Entry& entry : jobs_) core_->enqueue(*entry.lane, entry.id, entry.job);
    worker = core_->workerToWake(core_->wakeups);
  }
  if (worker) worker->wake.notify_one();
  jobs_.clear();  // destroys those whose lane was closed meanwhile
}

// The lane as an Executor. Holds the core, not the Lanes, so that a late timer finds a closed lane, not freed memory.
class Lanes::Place final : public base::Executor {
 public:
  Place(std::shared_ptr<Core> core, LaneId lane) : core_(std::move(core)), lane_(lane) {}
  Submitted submit(base::Task&& task) override { return core_->submit(lane_, std::move(task)); }

 private:
  std::shared_ptr<Core> core_;
  LaneId lane_;
};

std::shared_ptr<base::Executor> Lanes::executor(LaneId lane) { return std::make_shared<Place>(core_, lane); }

std::optional<LaneStats> Lanes::laneStats(LaneId id) const {
  const std::lock_guard lock(core_->mutex);
  if (id == LaneId::kNone || indexOf(id) >= core_->records.size()) return std::nullopt;
  const Lane& lane = *core_->records[indexOf(id)];
  if (lane.lastId != id || lane.isFree()) return std::nullopt;
  return core_->describe(lane);
}

LanesStats Lanes::stats() const {
  const std::lock_guard lock(core_->mutex);
  LanesStats stats{.wakeups = core_->wakeups, .relays = core_->relays, .lanes = {}};
  stats.substitutes = core_->substitutes;
  stats.workers = static_cast<unsigned>(std::ranges::count_if(
      core_->workers, [](const auto& worker) { return !worker->replaced && !worker->ended; }));
  for (const auto& lane : core_->records) {
    if (!lane->isFree()) stats.lanes.push_back(core_->describe(*lane));
  }
  return stats;
}

std::vector<Stuck> Lanes::stop(base::Duration patience) {
  core_->watchdog.reset();
  if (!core_->close()) return {};
  waitUntil(core_, core_->scheduler, patience, [this] {
    return std::ranges::all_of(core_->workers, [](const auto& worker) { return worker->ended; });
  });
  core_->joinEnded();
  std::vector<Stuck> left;
  const std::lock_guard lock(core_->mutex);
  for (const auto& worker : core_->workers) {
    if (worker->lane != nullptr)
      left.push_back(
          {worker->lane->options.name, worker->plugin, patience, Remedy::kNone, worker->thread_id});
    worker->thread.detach();
  }
  return left;
}

}  // namespace revenge::runtime
