#include "rounds.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/resource.h>

#include "allocations.hpp"
#include "clock.hpp"

namespace revenge::bench {
namespace {

constexpr std::uint64_t kCalls = 20'000;
// Of a round by two threads, by whoever is first: about the time for which a busy machine leaves both where they are.
constexpr std::uint64_t kCallsTogether = 5'000;
constexpr std::uint64_t kPiece = 100;  // between two looks at whether the other has finished
constexpr int kRounds = 24;
constexpr int kCounted = 9;  // rounds by two threads that must count, of each kind
constexpr int kTries = 600;

struct Run {
  Moment begun;
  Moment ended;
  std::uint64_t calls = 0;
  std::uint64_t right = 0;
  std::uint64_t allocations = 0;
  bool lost_core = false;
};

struct Round {
  double ns = 0;  // a call
  std::uint64_t allocations = 0;
};

// Where all threads meet before a round.
class Start {
 public:
  explicit Start(unsigned threads) : missing_(threads) {}
  void meet() noexcept {
    missing_.fetch_sub(1);
    // Whoever waits leaves its core to those who have not come yet.
    while (missing_.load() != 0) sched_yield();
  }

 private:
  std::atomic<unsigned> missing_;
};

// To others; waiting for a lock of the subject's is its own affair.
long timesLostCore() {
  rusage used{};
  getrusage(RUSAGE_THREAD, &used);
  return used.ru_nivcsw;
}

void run(const Calls& calls, unsigned thread, std::uint64_t count, std::atomic<bool>& over, Run& result) {
  const long lost_before = timesLostCore();
  const std::uint64_t allocations_before = allocated().times;
  result.begun = now();
  while (result.calls < count && !over.load(std::memory_order_relaxed)) {
    result.right += calls(thread, kPiece);
    result.calls += kPiece;
  }
  over.store(true, std::memory_order_relaxed);
  result.ended = now();
  result.allocations = allocated().times - allocations_before;
  result.lost_core = timesLostCore() != lost_before;
}

double nanoseconds(const Run& run) {
  return static_cast<double>((run.ended - run.begun).count()) / static_cast<double>(run.calls);
}

void check(const Subject& subject, const Run& run) {
  if (run.right != run.calls) throw std::runtime_error(subject.name + ": a call has ended otherwise");
}

Round roundAlone(const Subject& subject, const Calls& calls) {
  std::atomic<bool> over = false;
  Run result;
  run(calls, 0, kCalls, over, result);
  check(subject, result);
  return {nanoseconds(result), result.allocations};
}

std::array<int, 2> twoCores() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  sched_getaffinity(0, sizeof allowed, &allowed);
  std::array<int, 2> found{};
  std::size_t count = 0;
  for (int core = 0; core < CPU_SETSIZE && count < 2; ++core)
    if (CPU_ISSET(core, &allowed)) found[count++] = core;
  if (count < 2) throw std::runtime_error("two threads at once need two cores");
  return found;
}

void pin(int core) {
  cpu_set_t own;
  CPU_ZERO(&own);
  CPU_SET(core, &own);
  sched_setaffinity(0, sizeof own, &own);
}

bool isTogether(const std::array<Run, 2>& runs) {
  const auto [fewest, most] = std::minmax(runs[0].calls, runs[1].calls);
  const Duration whole = std::max(runs[0].ended, runs[1].ended) - std::min(runs[0].begun, runs[1].begun);
  const Duration both = std::min(runs[0].ended, runs[1].ended) - std::max(runs[0].begun, runs[1].begun);
  return !runs[0].lost_core && !runs[1].lost_core && fewest * 2 >= most && both * 10 >= whole * 9;
}

// Nothing where it does not count.
std::optional<Round> roundTogether(const Subject& subject, const Calls& calls,
                                   const std::array<int, 2>& cores) {
  std::atomic<bool> over = false;
  Start start(2);
  std::array<Run, 2> runs;
  const auto work = [&](unsigned thread) {
    pin(cores[thread]);
    (void)calls(thread, kPiece);  // what a thread pays once, as for its counters in the host
    start.meet();
    run(calls, thread, kCallsTogether, over, runs[thread]);
  };
  {
    const std::jthread one(work, 0U);
    const std::jthread other(work, 1U);
  }
  for (const Run& each : runs) check(subject, each);
  if (!isTogether(runs)) return {};
  const Duration whole = std::max(runs[0].ended, runs[1].ended) - std::min(runs[0].begun, runs[1].begun);
  return Round{static_cast<double>(whole.count()) / static_cast<double>(runs[0].calls + runs[1].calls),
               runs[0].allocations + runs[1].allocations};
}

double median(std::vector<double>& values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace

Timed timeAlone(const Subject& subject) {
  const Calls reading = clockReadings();
  Timed fastest{.value = std::numeric_limits<double>::max(),
                .twin = std::numeric_limits<double>::max(),
                .clock = std::numeric_limits<double>::max()};
  (void)subject.calls(0, kPiece);  // what a process pays once
  for (int i = 0; i < kRounds; ++i) {
    fastest.twin = std::min(fastest.twin, roundAlone(subject, subject.twin).ns);
    const Round own = roundAlone(subject, subject.calls);
    fastest.value = std::min(fastest.value, own.ns);
    fastest.allocations += own.allocations;
    fastest.clock = std::min(fastest.clock, roundAlone(subject, reading).ns);
  }
  return fastest;
}

Timed timeTogether(const Subject& subject) {
  const std::array<int, 2> cores = twoCores();
  std::vector<double> values;
  std::vector<double> twins;
  Timed timed;
  for (int i = 0; i < kTries && std::min(values.size(), twins.size()) < kCounted; ++i) {
    if (const auto twin = roundTogether(subject, subject.twin, cores)) twins.push_back(twin->ns);
    if (const auto own = roundTogether(subject, subject.calls, cores)) {
      values.push_back(own->ns);
      timed.allocations += own->allocations;
    }
  }
  if (std::min(values.size(), twins.size()) < kCounted)
    throw std::runtime_error(subject.name + ": two threads hardly ever ran at once, the machine is too busy");
  timed.value = median(values);
  timed.twin = median(twins);
  return timed;
}

Calls clockReadings() {
  return repeated([](unsigned) { return now().nanoseconds() > 0; });
}

Calls clockAndAtomic() {
  struct alignas(64) Shared {
    std::atomic<std::int64_t> sum = 0;
  };
  const auto shared = std::make_shared<Shared>();
  return repeated([shared, &sum = shared->sum](unsigned) {
    return sum.fetch_add(now().nanoseconds() & 1, std::memory_order_relaxed) >= 0;
  });
}

}  // namespace revenge::bench
