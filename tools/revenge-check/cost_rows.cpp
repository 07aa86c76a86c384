// Rows about what a plugin costs its host: how much of everything one life takes, and what it does while nobody asks.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include "module/leftovers.hpp"
#include "revenge-check/trial.hpp"

namespace revenge::check {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

std::uint64_t residentBytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t total = 0;
  std::uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

std::uint64_t descriptors() {
  std::uint64_t count = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

std::uint64_t bytesBelow(const fs::path& folder) {
  std::uint64_t bytes = 0;
  std::error_code ignored;
  for (fs::recursive_directory_iterator each(folder, ignored), end; !ignored && each != end;
       each.increment(ignored)) {
    struct stat status{};
    if (::lstat(each->path().c_str(), &status) == 0)
      bytes += static_cast<std::uint64_t>(status.st_blocks) * 512;
  }
  return bytes;
}

struct Use {
  std::uint64_t memory, files, disk, threads, routes, timers, loggers;
};

Use useOf(Trial& trial) {
  return {.memory = residentBytes(),
          .files = descriptors(),
          .disk = bytesBelow(trial.host().folder()),
          .threads = module::threadsOfThisProcess().size(),
          .routes = trial.host().http().registrations(),
          .timers = trial.host().timers().pending(),
          .loggers = trial.host().log().loggers()};
}

// What no plugin needs for one request to each of its routes.
void judge(Work& work, const Use& before, const Use& after) {
  const auto look = [&](std::string_view what, std::uint64_t Use::* of, std::uint64_t most,
                        std::uint64_t unit) {
    const auto taken = after.*of - std::min(before.*of, after.*of);
    if (taken > most * unit)
      work.journal.found(fmt::format("one life takes {} {}, more than {}", taken / unit, what, most));
  };
  constexpr std::uint64_t kMiB = 1U << 20U;
  if constexpr (!sanitized()) look("MiB of memory", &Use::memory, 512, kMiB);
  look("MiB of its folders", &Use::disk, 256, kMiB);
  look("descriptors", &Use::files, 200, 1);
  look("threads", &Use::threads, 200, 1);
  look("routes", &Use::routes, 1000, 1);
  look("timers", &Use::timers, 1000, 1);
  look("loggers", &Use::loggers, 1000, 1);
}

// Of all threads but this one: time on a processor, or ready for one.
std::chrono::nanoseconds wantedOfProcessor() {
  std::int64_t sum = 0;
  for (const auto thread : module::threadsOfThisProcess()) {
    if (thread == ::gettid()) continue;
    std::ifstream file(fmt::format("/proc/self/task/{}/schedstat", thread));
    std::int64_t ran = 0;
    std::int64_t waited = 0;
    if (file >> ran >> waited) sum += ran + waited;
  }
  return std::chrono::nanoseconds(sum);
}

}  // namespace

void costLife(Work& work) {
  constexpr std::uint64_t kMostCalls = 10'000;
  Loaded library(work);
  Trial trial(work, library);
  const auto before = useOf(trial);
  trial.recorder().count(kMostCalls);
  if (trial.create() && trial.start()) {
    trial.health();
    trial.callAll();
    trial.pass(1s);
    judge(work, before, useOf(trial));
  }
  trial.end();
}

void costIdle(Work& work) {
  constexpr int kLooks = 10;
  constexpr auto kLook = 100ms;
  Loaded library(work);
  Trial trial(work, library);
  trial.recorder().count(10'000);
  if (trial.create() && trial.start()) {
    // What it has to do first may take its time: idle is what it is once.
    int busy = 0;
    for (; busy < kLooks; ++busy) {
      const auto began = std::chrono::steady_clock::now();
      const auto before = wantedOfProcessor();
      std::this_thread::sleep_for(kLook);
      if (wantedOfProcessor() - before < (std::chrono::steady_clock::now() - began) / 2) break;
    }
    if (busy == kLooks)
      work.journal.found("a processor is busy with it for a second, and nobody has asked for anything");
  }
  trial.end();
}

}  // namespace revenge::check
