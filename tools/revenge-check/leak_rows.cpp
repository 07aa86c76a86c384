// Rows that count what lives leave behind: threads, descriptors, memory, registrations.
#include <array>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <malloc.h>
#include <unistd.h>

#include "module/leftovers.hpp"
#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;

// As many lives as there is time for.
int live(Work& work, int times, std::chrono::nanoseconds budget) {
  const auto until = std::chrono::steady_clock::now() + budget;
  for (int i = 0; i < times; ++i) {
    if (i > 0 && std::chrono::steady_clock::now() > until) return i;
    Loaded library(work);
    Trial trial(work, library);
    if (trial.create() && trial.start()) {
      trial.health();
      trial.callAll();
      trial.pass(1s);
    }
    trial.end();
  }
  return times;
}

std::size_t descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

std::size_t residentBytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t total = 0;
  std::size_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t heapBytes() {
  if constexpr (sanitized()) return 0;
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace

void leaksThreads(Work& work) {
  constexpr int kLives = 20;
  const auto before = module::threadsOfThisProcess().size();
  const int lives = live(work, kLives, 2s);
  // A joined thread may still be seen for a moment.
  const auto until = std::chrono::steady_clock::now() + 500ms;
  auto after = module::threadsOfThisProcess().size();
  while (after > before && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(5ms);
    after = module::threadsOfThisProcess().size();
  }
  if (after > before)
    work.journal.found(fmt::format("{} threads are left by {} lives", after - before, lives));
}

void leaksFds(Work& work) {
  constexpr int kLives = 20;
  live(work, 1, 1s);
  const auto before = descriptors();
  const int lives = live(work, kLives, 2s);
  const auto after = descriptors();
  if (after > before)
    work.journal.found(fmt::format("{} descriptors are left by {} lives", after - before, lives));
}

// A cache that fills does so once, and slower and slower: what leaks grows in each stretch of lives, and in the last as well.
void leaksMemory(Work& work) {
  constexpr int kWarm = 20;
  constexpr int kStretch = 40;
  // Of a stretch: glibc keeps some hundred bytes of a life whose threads ended in an unlucky order, life by life.
  constexpr std::size_t kHeapAllowed = std::size_t{24} << 10;
  constexpr std::size_t kResidentAllowed = (sanitized() ? std::size_t{128} : std::size_t{2}) << 20;
  using Bytes = std::array<std::size_t, 4>;
  // Arenas of threads would each fill by themselves.
  if constexpr (!sanitized()) ::mallopt(M_ARENA_MAX, 1);  // NOLINT(concurrency-mt-unsafe): no thread yet
  live(work, kWarm, 1s);
  Bytes heap{heapBytes()};
  Bytes resident{residentBytes()};
  int lives = 0;
  for (std::size_t stretch = 1; stretch < heap.size(); ++stretch) {
    lives += live(work, kStretch, 1s);
    heap.at(stretch) = heapBytes();
    resident.at(stretch) = residentBytes();
  }
  const auto grows = [](const Bytes& bytes, std::size_t allowed) {
    for (std::size_t i = 1; i < bytes.size(); ++i)
      if (bytes.at(i) <= bytes.at(i - 1) + allowed) return false;
    return bytes[3] - bytes[2] >= (bytes[1] - bytes[0]) / 2;
  };
  if (grows(heap, kHeapAllowed))
    work.journal.found(
        fmt::format("{} bytes of the heap are left by {} lives", heap.back() - heap.front(), lives));
  if (grows(resident, kResidentAllowed))
    work.journal.found(fmt::format("{} KiB more are resident after {} lives",
                                   (resident.back() - resident.front()) >> 10, lives));
}

void leaksRegistrations(Work& work) {
  constexpr int kWarm = 3;
  constexpr int kTimes = 20;
  Loaded library(work);
  Trial trial(work, library);
  if (!trial.create() || !trial.start()) return trial.end();
  const auto turn = [&](int times) {
    for (int i = 0; i < times; ++i) {
      trial.configure(work.package.defaults);
      trial.callAll();
      trial.pass(1s);
    }
  };
  const auto count = [&] {
    auto& host = trial.host();
    return std::map<std::string_view, std::size_t>{{"routes", host.http().registrations()},
                                                   {"timers", host.timers().pending()},
                                                   {"loggers", host.log().loggers()},
                                                   {"callbacks", host.services().callbacks()},
                                                   {"completions", host.services().waits()},
                                                   {"leases", host.services().leases()},
                                                   {"requests to servers", host.client().open()},
                                                   {"children", host.processes().open()},
                                                   {"feeds", host.telemetry().open()},
                                                   {"health checks", host.checks().size()}};
  };
  turn(kWarm);
  const auto before = count();
  turn(kTimes);
  for (const auto& [what, after] : count())
    if (after >= before.at(what) + kTimes)
      work.journal.found(
          fmt::format("{} {} more after {} changes of configuration", after - before.at(what), what, kTimes));
  trial.end();
}

}  // namespace revenge::check
