// Rows that lead whole lives, and make the host fail around them.
#include <algorithm>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "module/leftovers.hpp"
#include "revenge-check/failing_allocation.hpp"
#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr auto kBudget = 2s;  // of a row that tries as many cases as there is time for

constexpr auto kLongBudget = 4s;

// All that a life can hold, in order.
void lead(Trial& trial, const std::string& defaults) {
  if (!trial.create()) return;
  if (trial.start()) {
    trial.health();
    trial.callAll();
    trial.pass(1s);
    trial.configure(defaults);
    trial.save();
    trial.life().resume();
  }
  trial.end();
}

// 1 to `count`, all or a sample in a random order.
std::vector<std::uint64_t> cases(std::uint64_t count, std::size_t most, std::uint64_t seed) {
  std::vector<std::uint64_t> numbers(count);
  for (std::uint64_t i = 0; i < count; ++i) numbers[i] = i + 1;
  std::mt19937_64 random(seed);
  std::ranges::shuffle(numbers, random);
  numbers.resize(std::min<std::size_t>(numbers.size(), most));
  return numbers;
}

}  // namespace

void lifeCreateDestroy(Work& work) {
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create()) trial.end();
}

void lifeStartStop(Work& work) {
  Loaded library(work);
  Trial trial(work, library);
  if (trial.create() && trial.start()) trial.health();
  trial.end();
}

void lifeStartStop100(Work& work) {
  constexpr int kTimes = 100;
  const auto began = SteadyClock::now();
  for (int i = 0; i < kTimes; ++i) {
    Loaded library(work);
    Trial trial(work, library);
    trial.recorder().during(fmt::format("it lives for the {}. time", i + 1));
    if (!trial.create() || !trial.start()) return trial.end();
    trial.health();
    trial.end();
    // A start that takes long by its nature is shown to work often enough.
    if (SteadyClock::now() - began > kLongBudget) return work.journal.note(fmt::format("{} lives", i + 1));
  }
}

void lifeUnload(Work& work) {
  Loaded library(work);
  {
    Trial trial(work, library);
    lead(trial, work.package.defaults);
  }
  for (const auto& held : library.unload()) work.journal.found(held);
}

void lifeFailNthCall(Work& work) {
  constexpr std::size_t kMost = 400;
  std::uint64_t calls = 0;
  {
    Loaded library(work);
    Trial trial(work, library);
    trial.expectFailures();
    lead(trial, work.package.defaults);
    calls = trial.host().faults().calls();
  }
  const auto until = SteadyClock::now() + kBudget;
  std::uint64_t tried = 0;
  for (const auto nth : cases(calls, kMost, work.seed)) {
    if (SteadyClock::now() > until) break;
    Loaded library(work);
    Trial trial(work, library);
    trial.expectFailures();
    trial.recorder().during(fmt::format("call {} of {} to the host fails", nth, calls));
    trial.host().faults().failNth(nth);
    lead(trial, work.package.defaults);
    ++tried;
  }
  work.journal.note(fmt::format("{} of {} calls failed", tried, calls));
}

void lifeFailAllocation(Work& work) {
  constexpr std::size_t kMost = 400;
  if (!allocation::available()) return work.journal.notRun("sanitizers have an allocator of their own");
  // create, start and restore alone: what comes later has functions that cannot fail.
  const auto begin = [&](Trial& trial) {
    trial.expectFailures();
    trial.excuseSilence();
    if (trial.create()) trial.start();
  };
  std::uint64_t allocations = 0;
  {
    Loaded library(work);
    Trial trial(work, library);
    allocation::failNth(0);
    begin(trial);
    allocations = allocation::counted();
    trial.end();
  }
  const auto until = SteadyClock::now() + kBudget;
  std::uint64_t tried = 0;
  for (const auto nth : cases(allocations, kMost, work.seed)) {
    if (SteadyClock::now() > until) break;
    Loaded library(work);
    Trial trial(work, library);
    trial.recorder().during(fmt::format("allocation {} of {} fails", nth, allocations));
    allocation::failNth(nth);
    begin(trial);
    allocation::failNth(0);
    trial.end();
    ++tried;
  }
  work.journal.note(fmt::format("{} of {} allocations failed", tried, allocations));
}

void lifeSlowHost(Work& work) {
  Loaded library(work);
  Trial trial(work, library);
  trial.recorder().during("each call of the host takes 2 ms");
  trial.host().faults().slow(2ms);
  if (trial.create() && trial.start()) trial.health();
  trial.end();
}

void lifeLateCalls(Work& work) {
  constexpr auto kLook = 50ms;
  constexpr auto kLookAtThreads = 600ms;  // while one is left that might call
  Loaded library(work);
  Trial trial(work, library);
  const auto threads = module::threadsOfThisProcess().size();
  if (trial.create() && trial.start()) {
    trial.health();
    trial.callAll();
  }
  trial.end();
  const auto ended = SteadyClock::now();
  const auto isOver = [&] {
    const auto looked = SteadyClock::now() - ended;
    return looked > kLookAtThreads || (looked > kLook && module::threadsOfThisProcess().size() <= threads);
  };
  while (trial.recorder().calledLate().empty() && !isOver()) std::this_thread::sleep_for(1ms);
  for (const auto& function : trial.host().registeredTooLate())
    work.journal.found(fmt::format("{} is called in stop() or later", function));
  for (const auto& function : trial.recorder().calledLate())
    work.journal.found(fmt::format("{} is called after destroy() has returned", function));
}

}  // namespace revenge::check
