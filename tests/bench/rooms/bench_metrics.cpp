// What counting costs, and what reading costs. A line of JSON for each sample, in nanoseconds an increment (two threads count the
// same series: of each thread) or milliseconds a reading; the reference of an increment is a cell of the thread's own and nothing
// around it, another line has what a shared fetch_add takes. Usage: bench_metrics FOLDER [samples]
#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <dlfcn.h>
#include <fmt/core.h>

#include "observe/metric_text.hpp"
#include "rooms/rooms.hpp"

namespace {

using namespace revenge;
using std::chrono::nanoseconds;

// Of the thread: what others do on the machine meanwhile is not counted.
nanoseconds cpu() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds(now.tv_sec) + nanoseconds(now.tv_nsec);
}

constexpr std::uint64_t kIncrements = 5'000'000;
constexpr int kBatches = 3;  // the fastest counts

template <typename Value>
Value orThrow(base::Result<Value> result) {
  if (!result) throw std::runtime_error(result.error().message);
  return std::move(*result);
}

// Nanoseconds an increment, when `threads` begin together; `count` makes so many.
double perIncrement(int threads, const std::function<void(std::uint64_t)>& count) {
  double fastest = 1e9;
  for (int batch = 0; batch < kBatches; ++batch) {
    std::barrier together(threads);
    std::vector<double> taken(static_cast<std::size_t>(threads));
    std::vector<std::thread> running;
    for (double& mine : taken) {
      running.emplace_back([&] {
        count(1000);
        together.arrive_and_wait();
        const auto begin = cpu();
        count(kIncrements);
        mine = static_cast<double>((cpu() - begin).count()) / kIncrements;
      });
    }
    for (std::thread& thread : running) thread.join();
    fastest = std::min(fastest, std::ranges::max(taken));
  }
  return fastest;
}

// A plugin as far as the metrics see one.
struct Counting {
  explicit Counting(bench::Rooms& rooms) {
    host.id = "counting";
    host.version = "1.0.0";
    host.instance = orThrow(rooms.domain.instances().open());
    host.context = rooms.bundle.open(host);
    host.phase = plugin::Phase::kServing;
    revenge_metric metric{};
    metric.size = sizeof metric;
    metric.type = REVENGE_METRIC_COUNTER;
    metric.name = {"counted_total", 13};
    metric.description = {"Counted.", 8};
    if (table.open(&host, &metric, &series, nullptr) != REVENGE_OK) throw std::runtime_error("no series");
    void* const library = ::dlopen(BENCH_COUNTING, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(::dlerror());
    count = reinterpret_cast<decltype(count)>(::dlsym(library, "count"));
  }

  revenge_host host;
  const revenge_metrics& table = ext::MetricsAdapter::table();
  revenge_handle series = 0;
  void (*count)(const revenge_metrics*, const revenge_host*, revenge_handle, std::uint64_t) = nullptr;
};

// What the processor cannot do without: a cell that only this thread writes.
void bareCell(std::uint64_t times) {
  thread_local std::atomic<double> cell{0};
  for (std::uint64_t i = 0; i < times; ++i)
    cell.store(cell.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

void pair(const char* name, int threads, double ours, double reference) {
  fmt::print(
      "{{\"name\": \"{}, {} thread{}\", \"unit\": \"ns\", \"value\": {:.3f}, \"reference_value\": {:.3f}}}\n",
      name, threads, threads == 1 ? "" : "s", ours, reference);
}

void increments(Counting& plugin, const observe::Counter& counter) {
  static std::atomic<std::uint64_t> shared{0};
  for (const int threads : {1, 2}) {
    const double bare = perIncrement(threads, bareCell);
    pair("increment", threads,
         perIncrement(threads,
                      [&](std::uint64_t times) {
                        for (std::uint64_t i = 0; i < times; ++i) counter.add();
                      }),
         bare);
    pair("increment through the boundary", threads,
         perIncrement(
             threads,
             [&](std::uint64_t times) { plugin.count(&plugin.table, &plugin.host, plugin.series, times); }),
         bare);
    pair("a shared fetch_add", threads,
         perIncrement(threads,
                      [](std::uint64_t times) {
                        for (std::uint64_t i = 0; i < times; ++i)
                          shared.fetch_add(1, std::memory_order_relaxed);
                      }),
         bare);
  }
}

double ms(const std::function<void()>& work) {
  double fastest = 1e9;
  for (int batch = 0; batch < kBatches; ++batch) {
    const auto begin = cpu();
    work();
    fastest = std::min(fastest, std::chrono::duration<double, std::milli>(cpu() - begin).count());
  }
  return fastest;
}

// 10 000 lines that samples stand on: counters, and histograms that are 17 lines each; counted in by 16 threads.
void readings(observe::Metrics& metrics) {
  observe::MetricScope scope = metrics.hostScope();
  std::vector<observe::Counter> counters;
  std::vector<observe::Histogram> histograms;
  for (int family = 0; family < 4; ++family) {
    const std::string name = fmt::format("revenge_bench{}_total", family);
    for (int i = 0; i < 1650; ++i) {
      const std::string label = fmt::format("/path/of/{}", i);
      counters.push_back(orThrow(scope.counter({name, "Help.", {{"method", "GET"}, {"route", label}}})));
    }
  }
  for (int i = 0; i < 200; ++i) {
    const std::string label = fmt::format("/path/of/{}", i);
    histograms.push_back(orThrow(scope.histogram({"revenge_bench_seconds", "Help.", {{"route", label}}})));
  }
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (const auto& counter : counters) counter.add();
      for (const auto& histogram : histograms) histogram.observe(0.3);
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::string text;
  const auto print = [](const char* name, double value) {
    fmt::print("{{\"name\": \"{}\", \"unit\": \"ms\", \"value\": {:.3f}}}\n", name, value);
  };
  print("10 000 series as 0.0.4", ms([&] { text = observe::prometheusText(metrics.view()); }));
  print("10 000 series as OpenMetrics", ms([&] { text = observe::openMetricsText(metrics.view()); }));
}

}  // namespace

int main(int count, char** arguments) try {
  const int samples = count > 2 ? std::atoi(arguments[2]) : 1;
  bench::Rooms rooms(arguments[1], arguments[1]);
  Counting plugin(rooms);
  observe::MetricScope scope = rooms.metrics.hostScope();
  const auto counter = orThrow(scope.counter({"revenge_bench_counted_total", "Counted."}));
  for (int i = 0; i < samples; ++i) {
    increments(plugin, counter);
    observe::Metrics metrics;
    readings(metrics);
  }
  return 0;
} catch (const std::exception& error) {
  fmt::print(stderr, "{}\n", error.what());
  return 1;
}
