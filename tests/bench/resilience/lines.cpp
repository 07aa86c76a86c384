#include "lines.hpp"

#include <cstdio>

#include <fmt/core.h>

namespace revenge::bench {
namespace {

std::string nameBy(const std::string& name, Threads threads) {
  return threads == Threads::kTwo ? name + ", 2 threads" : name;
}

}  // namespace

std::uint64_t printTimed(const Subject& subject, Threads threads) {
  const Timed timed = threads == Threads::kTwo ? timeTogether(subject) : timeAlone(subject);
  fmt::print(R"({{"name": "{}", "unit": "ns", "value": {:.3f}, "reference_value": {:.3f})",
             nameBy(subject.name, threads), timed.value, timed.twin);
  if (timed.clock > 0) fmt::print(R"(, "clock": {:.3f})", timed.clock);
  fmt::print("}}\n");
  if (timed.allocations > 0) fmt::print(stderr, "{}: {} allocations\n", subject.name, timed.allocations);
  return timed.allocations;
}

void printCount(const std::string& name, Threads threads, std::uint64_t count) {
  fmt::print(R"({{"name": "{}", "unit": "", "value": {}}})", nameBy(name, threads), count);
  fmt::print("\n");
}

void printSize(const std::string& name, double mebibytes) {
  fmt::print(R"({{"name": "{}", "unit": "MiB", "value": {:.4f}}})", name, mebibytes);
  fmt::print("\n");
}

}  // namespace revenge::bench
