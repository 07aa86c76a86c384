#include <atomic>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observe/metrics.hpp"

namespace revenge::observe {
namespace {

TEST(MetricsThreads, NoIncrementIsLostWhileReadersSeeOnlyRisingValues) {
  constexpr int kThreads = 4;
  constexpr int kAdds = 20'000;
  Metrics metrics;
  MetricScope scope = metrics.hostScope();
  const Counter counter = *scope.counter({"revenge_x_total", "Help."});
  const Histogram histogram = *scope.histogram({"revenge_x_seconds", "Help."});
  const Gauge gauge = *scope.gauge({"revenge_y", "Help."});
  std::atomic<int> running{kThreads};
  std::vector<std::jthread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < kAdds; ++i) {
        counter.add();
        histogram.observe(0.25);
        gauge.add(1);
      }
      --running;
    });
  }
  double before = 0;
  while (running > 0) {
    const double now = counter.value();
    EXPECT_GE(now, before);
    before = now;
    EXPECT_THAT(metrics.render(), testing::HasSubstr("revenge_x_seconds_count"));
  }
  threads.clear();
  EXPECT_EQ(counter.value(), kThreads * kAdds);
  EXPECT_EQ(histogram.count(), kThreads * kAdds);
  EXPECT_EQ(histogram.sum(), 0.25 * kThreads * kAdds);
  EXPECT_EQ(gauge.value(), kThreads * kAdds);
}

TEST(MetricsThreads, WhatAThreadCountedStaysAfterItEnded) {
  Metrics metrics;
  MetricScope scope = metrics.hostScope();
  const Counter counter = *scope.counter({"revenge_x_total", "Help."});
  for (int i = 0; i < 50; ++i) std::jthread([&] { counter.add(); }).join();
  EXPECT_EQ(counter.value(), 50);
}

TEST(MetricsThreads, AThreadCountsInSeveralRegistriesAndAfterOneIsGone) {
  std::jthread([] {
    Metrics first;
    MetricScope first_scope = first.hostScope();
    const Counter stays = *first_scope.counter({"revenge_x_total", "Help."});
    for (int i = 0; i < 3; ++i) {
      Metrics brief;
      MetricScope scope = brief.hostScope();
      const Counter counter = *scope.counter({"revenge_x_total", "Help."});
      counter.add();
      stays.add();
      EXPECT_EQ(counter.value(), 1);
    }
    EXPECT_EQ(stays.value(), 3);
  }).join();
}

// Counts from the destructor of a thread_local, after the thread may have given its cells back.
struct CountsAtTheEnd {
  ~CountsAtTheEnd() { counter.add(); }
  Counter counter;
};

TEST(MetricsThreads, AThreadThatIsEndingStillCounts) {
  Metrics metrics;
  MetricScope scope = metrics.hostScope();
  const Counter counter = *scope.counter({"revenge_x_total", "Help."});
  std::jthread([&] {
    thread_local CountsAtTheEnd last;  // made before the cells of this thread, so destroyed after them
    last.counter = counter;
    counter.add();
  }).join();
  EXPECT_EQ(counter.value(), 2);
}

TEST(MetricsThreads, InstancesComeAndGoWhileOthersCountAndScrape) {
  Metrics metrics;
  std::atomic<bool> stop{false};
  MetricScope keeper = metrics.pluginScope("stream");
  const Counter kept = *keeper.counter({"sessions_total", "Help."});
  std::jthread scraper([&] {
    while (!stop) EXPECT_THAT(metrics.render(), testing::HasSubstr("revenge_plugin_stream_sessions_total"));
  });
  {
    std::vector<std::jthread> swappers;
    for (int t = 0; t < 3; ++t) {
      swappers.emplace_back([&] {
        for (int i = 0; i < 300; ++i) {
          MetricScope scope = metrics.pluginScope("stream");
          scope.counter({"sessions_total", "Help."})->add();
          scope.histogram({"wait_seconds", "Help."})->observe(i);
        }
      });
    }
  }
  stop = true;
  EXPECT_EQ(kept.value(), 900);
}

}  // namespace
}  // namespace revenge::observe
