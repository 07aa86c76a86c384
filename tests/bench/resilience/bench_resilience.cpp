// What a policy costs the call that passes it, without host and boundary. Subject and bare twin (one reading of the clock, one
// atomic addition) are timed in turn in one run, by one thread or by two. A line of JSON for each sample of each figure;
// times in nanoseconds a call, `clock` is one reading. Allocations are those of the measured calls.
// Usage: bench_resilience SAMPLES [1|2]   threads
#include <cstdlib>
#include <exception>
#include <vector>

#include <fmt/core.h>

#include "lines.hpp"
#include "subjects.hpp"

namespace {

using namespace revenge::bench;

std::vector<Subject> subjects(Threads threads) {
  std::vector<Subject> all = policies();
  for (const auto& more : {keyedLimiters(), pipelines()}) all.insert(all.end(), more.begin(), more.end());
  if (threads == Threads::kTwo) return all;
  for (const Subject& more : requestLimits()) all.push_back(more);
  return all;
}

void sample(const std::vector<Subject>& subjects, Threads threads) {
  std::uint64_t allocations = 0;
  for (const Subject& subject : subjects) allocations += printTimed(subject, threads);
  printCount("allocations of all of these calls", threads, allocations);
  if (threads == Threads::kTwo) return;
  constexpr double kMiB = 1024.0 * 1024.0;
  printSize("keyed limiter, memory of 100 000 keys", static_cast<double>(bytesOfKeys(100'000)) / kMiB);
}

}  // namespace

int main(int count, char** words) try {
  const int samples = count > 1 ? std::atoi(words[1]) : 9;
  const Threads threads = count > 2 && std::atoi(words[2]) == 2 ? Threads::kTwo : Threads::kOne;
  const std::vector<Subject> all = subjects(threads);
  for (int i = 0; i < samples; ++i) sample(all, threads);
  return 0;
} catch (const std::exception& reason) {
  fmt::print(stderr, "{}\n", reason.what());
  return 1;
}
