#include "runtime/loop.hpp"

#include <boost/asio/post.hpp>

namespace revenge::runtime {

namespace asio = boost::asio;
using base::Submitted;

namespace {

constexpr std::uint64_t kAway = 1;
constexpr std::uint64_t kOneExcursion = 2;
constexpr unsigned kNumberShift = 32;

// What a thread knows about the loop that it runs or ran.
struct Seat {
  Loop* loop;
  unsigned excursions = 0;
  bool lost = false;
  std::uint64_t word = 0;  // of the outermost excursion
};

constinit thread_local Seat* seat = nullptr;

}  // namespace

Loop::Loop(std::size_t index) : index_(index), work_(context_.get_executor()) {}

Submitted Loop::submit(base::Task&& task) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return Submitted::kGone;
    inbox_.add(std::move(task));
    ++counts_.posted;
    if (std::exchange(drainPosted_, true)) return Submitted::kTaken;
    ++counts_.wakeups;
  }
  asio::post(context_, [this] { drain(); });
  return Submitted::kTaken;
}

void Loop::deferFlush(base::Task&& task) {
  afterRound_.add(std::move(task));
  if (std::exchange(flushPosted_, true)) return;
  // Goes behind everything that is ready now and behind one look at the descriptors. Not asio::defer: its queue is
  // private to the thread, out of reach for a substitute.
  asio::post(context_, [this] { flush(); });
}

bool Loop::run(std::uint32_t number) {
  Seat mine{.loop = this};
  seat = &mine;
  if (!ready_.empty() || !flushing_.empty()) {
    asio::post(context_, [this] {  // what the previous owner left
      runTasks(ready_);
      runTasks(flushing_);
    });
  }
  std::uint64_t free = 0;  // the first owner finds the word empty, a substitute wrote its number itself
  ownership_.compare_exchange_strong(free, std::uint64_t{number} << kNumberShift);
  // One handler at a time, not run(): between two of them a thread notices that it lost the loop.
  while (!mine.lost && !stopping_.load(std::memory_order_acquire) && context_.run_one() != 0) {
  }
  seat = nullptr;
  return mine.lost;
}

void Loop::drain() {
  if (ready_.empty()) {
    const std::lock_guard lock(mutex_);
    drainPosted_ = false;
    ready_.swap(inbox_);
  } else {
    asio::post(context_, [this] { drain(); });  // behind what a previous owner left
  }
  runTasks(ready_);
}

void Loop::flush() {
  flushPosted_ = false;
  if (flushing_.empty()) flushing_.swap(afterRound_);
  runTasks(flushing_);
}

void Loop::runTasks(TaskList& tasks) {
  while (ownedByThisThread() && !tasks.empty() && !stopping_.load(std::memory_order_relaxed)) {
    base::Task task = tasks.take();
    task();
  }
}

std::uint32_t Loop::owner() const {
  return static_cast<std::uint32_t>(ownership_.load(std::memory_order_acquire) >> kNumberShift);
}

std::optional<Loop::Away> Loop::away() const {
  const std::uint64_t word = ownership_.load(std::memory_order_acquire);
  if ((word & kAway) == 0) return std::nullopt;
  return Away{word, awayWith_.load(std::memory_order_relaxed)};
}

bool Loop::takeOver(std::uint64_t word, std::uint32_t number) {
  return ownership_.compare_exchange_strong(word, std::uint64_t{number} << kNumberShift);
}

void Loop::beginStop() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  stopping_.store(true, std::memory_order_release);
  context_.stop();
}

void Loop::destroyPending() {
  TaskList dropped[4];
  {
    const std::lock_guard lock(mutex_);
    dropped[0].swap(inbox_);
  }
  dropped[1].swap(ready_);
  dropped[2].swap(flushing_);
  dropped[3].swap(afterRound_);
  context_.shutdown();
}

Loop::Counts Loop::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

Loop* Loop::ofThisThread() { return seat == nullptr ? nullptr : seat->loop; }

bool Loop::ownedByThisThread() { return seat != nullptr && !seat->lost && seat->excursions == 0; }

void Loop::beginExcursion(base::PluginMark plugin) {
  if (seat == nullptr || seat->excursions++ != 0 || seat->lost) return;
  Loop& loop = *seat->loop;
  loop.awayWith_.store(plugin, std::memory_order_relaxed);
  const std::uint64_t last = loop.ownership_.load(std::memory_order_relaxed);
  const std::uint64_t owner = last >> kNumberShift << kNumberShift;
  seat->word = owner | static_cast<std::uint32_t>(last + kOneExcursion) | kAway;
  loop.ownership_.store(seat->word, std::memory_order_release);
}

bool Loop::endExcursion() {
  if (seat == nullptr) return true;
  if (--seat->excursions != 0 || seat->lost) return !seat->lost;
  std::uint64_t word = seat->word;
  seat->lost =
      !seat->loop->ownership_.compare_exchange_strong(word, word & ~kAway, std::memory_order_acq_rel);
  return !seat->lost;
}

base::Task Loop::TaskList::take() {
  base::Task task = std::move(tasks_[next_++]);
  if (empty()) {
    tasks_.clear();
    next_ = 0;
  }
  return task;
}

void Loop::TaskList::swap(TaskList& other) noexcept {
  tasks_.swap(other.tasks_);
  std::swap(next_, other.next_);
}

}  // namespace revenge::runtime
