// What the boundary adds to a pipeline: a library in C, as a consumer of the plugin `resilience` in the host's own rooms, enters
// it for acquire and again for settle; the twin runs the same pipeline as a function in this program. A line of JSON for each
// sample of each figure; times in nanoseconds a call, `clock` is one reading. Allocations are those of the measured calls, on
// both sides of the boundary.
// Usage: bench_resilience_boundary FOLDER PACKAGES [SAMPLES [1|2]]   threads
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <dlfcn.h>
#include <fmt/core.h>

#include "consumer.h"
#include "lines.hpp"
#include "rooms/rooms.hpp"
#include "subjects.hpp"

namespace {

using namespace revenge::bench;

bench_resilient consumerCalls() {
  void* const library = dlopen(BENCH_CONSUMER, RTLD_NOW | RTLD_LOCAL);
  void* const found = library == nullptr ? nullptr : dlsym(library, "bench_resilient_calls");
  if (found == nullptr) throw std::runtime_error(dlerror());
  return reinterpret_cast<bench_resilient>(found);
}

// The layers of pipelines.cpp, as the configuration says them.
std::vector<revenge::plugin::Leaf> configuration() {
  const auto text = [](std::string pointer, std::string value) {
    return revenge::plugin::Leaf{
        .pointer = std::move(pointer), .type = REVENGE_CONFIG_TEXT, .text = std::move(value)};
  };
  return {{.pointer = "/budgets/shared/rate", .type = REVENGE_CONFIG_NUMBER, .number = 0.2},
          text("/pipelines/of-4/0", "fallback"),
          text("/pipelines/of-4/1/retry/budget", "shared"),
          text("/pipelines/of-4/2", "breaker"),
          text("/pipelines/of-4/3", "bulkhead")};
}

}  // namespace

int main(int count, char** words) try {
  if (count < 3) return 2;
  const int samples = count > 3 ? std::atoi(words[3]) : 9;
  const Threads threads = count > 4 && std::atoi(words[4]) == 2 ? Threads::kTwo : Threads::kOne;
  Rooms rooms(words[1], words[2], configuration());
  const auto caller = rooms.callerOf(REVENGE_RESILIENCE_ID);
  const bench_consumer consumer{
      &caller->host, &revenge::ext::ServiceAdapter::table(), caller->slot, {"of-4", 4}};
  const Subject subject{
      "pipeline of 4, through the boundary",
      [calls = consumerCalls(), &consumer](unsigned, std::uint64_t times) { return calls(&consumer, times); },
      pipelineOfFour()};
  for (int i = 0; i < samples; ++i) {
    const std::uint64_t allocations = printTimed(subject, threads);
    printCount("allocations through the boundary", threads, allocations);
  }
  return 0;
} catch (const std::exception& reason) {
  fmt::print(stderr, "{}\n", reason.what());
  return 1;
}
