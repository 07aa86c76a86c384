// What reading a value of the configuration costs: pairs of (the value by its key, an acquire load of a pointer and what it
// points to), measured in turn in one run. A line of JSON for each pair; nanoseconds a read.
// Usage: bench_config [pairs]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>

#include <fmt/core.h>

#include "config/current.hpp"
#include "config/load.hpp"

namespace {

using namespace revenge::config;

constexpr std::int64_t kReads = 2'000'000;  // in a batch
constexpr int kBatches = 16;                // of each kind in a pair, taken in turn; the fastest counts

template <typename Read>
double nanoseconds(const Read& read) {
  const auto begin = std::chrono::steady_clock::now();
  std::int64_t sum = 0;
  for (std::int64_t i = 0; i < kReads; ++i) {
    sum += read();
    asm volatile("" : "+r"(sum)::"memory");  // each read is one of its own
  }
  return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count() / kReads;
}

}  // namespace

int main(int argc, char** argv) {
  const int pairs = argc > 1 ? std::atoi(argv[1]) : 9;
  const auto loaded = load(Inputs{.file = {}, .overrides = {}, .plugins = {}});
  const Current current(loaded->snapshot);
  const HostKey key("/workers/queue");
  struct Bare {
    std::int64_t value = 1024;
  };
  const Bare bare;
  std::atomic<const Bare*> pointer{&bare};
  for (int i = 0; i < pairs; ++i) {
    double ours = std::numeric_limits<double>::max();
    double theirs = ours;
    for (int batch = 0; batch < kBatches; ++batch) {
      ours = std::min(ours, nanoseconds([&] { return current.read().integer(key); }));
      theirs = std::min(theirs, nanoseconds([&] { return pointer.load(std::memory_order_acquire)->value; }));
    }
    fmt::print("{{\"name\": \"read a value\", \"value\": {:.4f}, \"reference_value\": {:.4f}}}\n", ours,
               theirs);
  }
  return 0;
}
