// What a policy costs the call that passes it, without host and boundary. Subject and bare twin (one reading of the clock, one
// atomic addition) are timed in turn in one run, by one thread or by two. A line of JSON for each sample of each figure;
// times in nanoseconds a call, `clock` is one reading. Allocations are those of the measured calls.
// Usage: bench_resilience SAMPLES [1|2]   threads
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include <fmt/core.h>

#include "subjects.hpp"

namespace {

using namespace revenge::bench;

std::vector<Subject> subjects(bool together) {
  std::vector<Subject> all = policies();
  for (const auto& more : {keyedLimiters(), pipelines()}) all.insert(all.end(), more.begin(), more.end());
  if (together) return all;
  for (const Subject& more : requestLimits()) all.push_back(more);
  return all;
}

void printTime(const std::string& name, const Timed& timed) {
  fmt::print(R"({{"name": "{}", "unit": "ns", "value": {:.3f}, "reference_value": {:.3f})", name, timed.value,
             timed.twin);
  if (timed.clock > 0) fmt::print(R"(, "clock": {:.3f})", timed.clock);
  fmt::print("}}\n");
}

void print(const std::string& name, const char* unit, double value) {
  fmt::print("{}\n", fmt::format(R"({{"name": "{}", "unit": "{}", "value": {:.4f}}})", name, unit, value));
}

void sample(const std::vector<Subject>& subjects, bool together) {
  const std::string by = together ? ", 2 threads" : "";
  std::uint64_t allocations = 0;
  for (const Subject& subject : subjects) {
    const Timed timed = together ? timeTogether(subject) : timeAlone(subject);
    printTime(subject.name + by, timed);
    if (timed.allocations > 0) fmt::print(stderr, "{}: {} allocations\n", subject.name, timed.allocations);
    allocations += timed.allocations;
  }
  print("allocations of all of these calls" + by, "", static_cast<double>(allocations));
  if (together) return;
  constexpr double kMiB = 1024.0 * 1024.0;
  print("keyed limiter, memory of 100 000 keys", "MiB", static_cast<double>(bytesOfKeys(100'000)) / kMiB);
}

}  // namespace

int main(int count, char** words) try {
  const int samples = count > 1 ? std::atoi(words[1]) : 9;
  const bool together = count > 2 && std::atoi(words[2]) == 2;
  const std::vector<Subject> all = subjects(together);
  for (int i = 0; i < samples; ++i) sample(all, together);
  return 0;
} catch (const std::exception& reason) {
  fmt::print(stderr, "{}\n", reason.what());
  return 1;
}
