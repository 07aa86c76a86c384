#include <atomic>
#include <set>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "observe/telemetry.hpp"

namespace revenge::observe {
namespace {

TEST(SpansAcrossThreads, EachIsCollectedOrCountedAsLost) {
  constexpr std::uint64_t kEach = 20'000;
  constexpr std::uint64_t kThreads = 3;
  const auto spans = std::make_shared<Spans>();
  std::atomic<bool> done{false};
  std::set<std::uint64_t> seen;
  const auto collect = [&] {
    spans->collect([&](const SpanRecord& record) {
      EXPECT_EQ(record.ids.parent_id, record.ids.span_id + 1);
      EXPECT_TRUE(seen.insert(record.ids.span_id).second);
    });
  };
  std::thread reader([&] {
    while (!done) collect();
  });
  std::vector<std::thread> writers;
  for (std::uint64_t t = 0; t < kThreads; ++t) {
    writers.emplace_back([&, t] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const std::uint64_t id = t * kEach + i;
        spans->record(
            [&](SpanRecord& record) { record.begin({0, 0, id, id + 1, 1}, SpanKind::kInternal, {}); });
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  done = true;
  reader.join();
  collect();
  EXPECT_EQ(seen.size() + spans->lost(), kEach * kThreads);
}

TEST(TelemetryAcrossThreads, AWaitIsEndedByTheThreadThatCollects) {
  const base::SystemClock clock;
  const auto spans = std::make_shared<Spans>();
  Telemetry telemetry(spans, clock);
  const auto feed = telemetry.open("otlp", {.spans = true});
  telemetry.start();
  for (int i = 0; i < 20; ++i) {
    std::atomic<bool> ended{false};
    const auto begun = telemetry.wait(feed, {.spans = 1}, [&](Telemetry::Waited) {
      ended = true;
      ended.notify_one();
    });
    ASSERT_EQ(begun, Telemetry::Begun::kPending);
    std::thread([&] {
      spans->record([&](SpanRecord& record) { record.begin({}, SpanKind::kInternal, clock.now()); });
    }).join();
    ended.wait(false);
    Telemetry::SpanBatch batch;
    telemetry.takeSpans(*feed, 10, batch);
    EXPECT_EQ(batch.spans.size(), 1U);
  }
}

}  // namespace
}  // namespace revenge::observe
