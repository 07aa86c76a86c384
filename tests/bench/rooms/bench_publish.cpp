// What a publication costs, and what it costs those who read meanwhile. Publishes as an operation does: scene, router,
// directory and bindings are built, and the call returns after the last reader of the generation before has left. A line
// of JSON for each sample; a pair is (while a generation is published every 10 ms, in quiet), in nanoseconds a read.
// Usage: bench_publish FOLDER PACKAGES [samples]
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <fmt/core.h>

#include "http/router.hpp"
#include "plugins/wide.h"
#include "rooms/rooms.hpp"

namespace {

using namespace revenge;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int kPublications = 100;  // behind one sample
constexpr milliseconds kPeriod{10};
constexpr milliseconds kReading{50};  // a batch
constexpr int kBatches = 4;           // of each kind in a pair, taken in turn; the fastest counts

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

void check(bool holds, const char* what) {
  if (!holds) throw std::runtime_error(what);
}

void publish(bench::Rooms& rooms) { check(rooms.plugins->republish().has_value(), "not published"); }

void publications(bench::Rooms& rooms) {
  std::vector<double> taken;
  for (int i = 0; i < kPublications; ++i) {
    const auto begin = Clock::now();
    publish(rooms);
    taken.push_back(ms(Clock::now() - begin));
  }
  std::ranges::sort(taken);
  const auto print = [](const char* percentile, double value) {
    fmt::print("{{\"name\": \"publish, 500 routes and 200 slots{}\", \"unit\": \"ms\", \"value\": {:.4f}}}\n",
               percentile, value);
  };
  print("", taken[kPublications / 2]);
  print(", p99", taken[kPublications * 99 / 100 - 1]);
}

// One generation each period, until the end of the scope.
class Publisher {
 public:
  explicit Publisher(bench::Rooms& rooms)
      : thread_([this, &rooms] {
          for (auto due = Clock::now(); !ending_; std::this_thread::sleep_until(due += kPeriod))
            publish(rooms);
        }) {}
  ~Publisher() {
    ending_ = true;
    thread_.join();
  }
  Publisher(const Publisher&) = delete;
  Publisher& operator=(const Publisher&) = delete;

 private:
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

template <typename Read>
double nanoseconds(Read read) {
  constexpr int kBetween = 256;  // looks at the clock
  std::uint64_t reads = 0;
  const auto begin = Clock::now();
  auto now = begin;
  for (; now < begin + kReading; now = Clock::now(), reads += kBetween) {
    for (int i = 0; i < kBetween; ++i) read();
  }
  return std::chrono::duration<double, std::nano>(now - begin).count() / static_cast<double>(reads);
}

// Other work on the machine only ever adds time, so the fastest batch of each kind is the one to compare.
template <typename Read>
void readers(bench::Rooms& rooms, const char* name, Read read) {
  double quiet = std::numeric_limits<double>::max();
  double value = quiet;
  for (int i = 0; i < kBatches; ++i) {
    quiet = std::min(quiet, nanoseconds(read));
    const Publisher publisher(rooms);
    value = std::min(value, nanoseconds(read));
  }
  fmt::print(
      "{{\"name\": \"{} while 100/s are published\", \"value\": {:.3f}, \"reference_value\": {:.3f}}}\n",
      name, value, quiet);
}

void callSlot(service::Generations& generations, service::SlotRef slot) {
  const revenge_call call{};
  const service::SlotCall entered(generations, slot);
  check(static_cast<bool>(entered) && entered.table<wide>().one_more(entered.self(), &call, 1) == 2,
        "the slot leads nowhere");
}

void lookUp(service::Generations& generations, service::Facet<http::Router> router,
            std::vector<std::string_view>& values) {
  const service::ReadGuard guard(generations);
  check(guard.get(router)->match(http::Method::kGet, "/wide-7/collection-20/9", values).endpoint != nullptr,
        "no such route");
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) return 2;
  bench::Rooms rooms(arguments[1], arguments[2]);
  const int samples = count > 3 ? std::atoi(arguments[3]) : 9;
  service::Generations& generations = rooms.domain.generations();
  const auto caller = rooms.callerOf("wide.wide-0/1");
  {
    const service::ReadGuard guard(generations);
    check(guard.get(rooms.router)->endpoints().size() == 500, "not 500 routes");
  }
  std::vector<std::string_view> values;
  for (int i = 0; i < samples; ++i) {
    publications(rooms);
    readers(rooms, "slot call", [&] { callSlot(generations, service::SlotRef::fromBits(caller->slot)); });
    readers(rooms, "route look-up", [&] { lookUp(generations, rooms.router, values); });
  }
}
