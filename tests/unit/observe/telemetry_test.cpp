#include "observe/telemetry.hpp"

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;

class TelemetryTest : public ::testing::Test {
 protected:
  using Feed = std::shared_ptr<Telemetry::Feed>;

  void finish(std::uint64_t id) {
    spans_->record(
        [&](SpanRecord& record) { record.begin({0, 0, id, 0, 1}, SpanKind::kInternal, clock_.now()); });
  }
  std::vector<std::uint64_t> spansOf(const Feed& feed, std::size_t max = 100) {
    telemetry_.takeSpans(*feed, max, batch_);
    std::vector<std::uint64_t> ids;
    for (const SpanRecord& record : batch_.spans) ids.push_back(record.ids.span_id);
    return ids;
  }
  void tell(const std::string& message) {
    ToldRecord record;
    record.message = message;
    telemetry_.told(record);
  }

  base::ManualClock clock_;
  std::shared_ptr<Spans> spans_ = std::make_shared<Spans>();
  Telemetry telemetry_{spans_, clock_};
  Telemetry::SpanBatch batch_;
  std::vector<Telemetry::Waited> ended_;
  Telemetry::Done done_ = [this](Telemetry::Waited how) { ended_.push_back(how); };
};

constexpr Signals kSpans{.spans = true};

TEST_F(TelemetryTest, SpansAreWantedWhileAFeedOfSpansIsOpen) {
  EXPECT_FALSE(spans_->wanted());
  const Feed feed = telemetry_.open("otlp", kSpans);
  EXPECT_TRUE(spans_->wanted());
  telemetry_.close(feed);
  EXPECT_FALSE(spans_->wanted());
  const Feed logs = telemetry_.open("otlp", {.logs = true});
  EXPECT_FALSE(spans_->wanted());
  EXPECT_TRUE(telemetry_.wantsLogs());
}

TEST_F(TelemetryTest, AFeedGetsSpansInBatches) {
  const Feed feed = telemetry_.open("otlp", kSpans);
  for (std::uint64_t id = 1; id <= 5; ++id) finish(id);
  telemetry_.step();
  EXPECT_EQ(spansOf(feed, 3), (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_EQ(spansOf(feed, 3), (std::vector<std::uint64_t>{4, 5}));
  EXPECT_EQ(base::Instant(clock_.now()).time_since_epoch() + batch_.to_wall,
            clock_.wall().time_since_epoch());
}

TEST_F(TelemetryTest, WhatFindsNoRoomIsCountedOnce) {
  const Feed feed = telemetry_.open("otlp", kSpans, 2);
  for (std::uint64_t id = 1; id <= 5; ++id) finish(id);
  telemetry_.step();
  EXPECT_EQ(spansOf(feed).size(), 2U);
  EXPECT_EQ(batch_.lost, 3U);
  (void)spansOf(feed);
  EXPECT_EQ(batch_.lost, 0U);
}

TEST_F(TelemetryTest, LossInTheRingsReachesTheFeed) {
  const Feed feed = telemetry_.open("otlp", kSpans);
  for (std::size_t i = 0; i < Spans::kRing + 4; ++i) finish(1);
  telemetry_.step();
  (void)spansOf(feed);
  EXPECT_EQ(batch_.lost, 4U);
}

TEST_F(TelemetryTest, AWaitEndsWhenSoManyAreThere) {
  const Feed feed = telemetry_.open("otlp", kSpans);
  EXPECT_EQ(telemetry_.wait(feed, {.spans = 2}, done_), Telemetry::Begun::kPending);
  finish(1);
  telemetry_.step();
  EXPECT_TRUE(ended_.empty());
  finish(2);
  telemetry_.step();
  EXPECT_EQ(ended_, std::vector{Telemetry::Waited::kThere});
  EXPECT_EQ(telemetry_.wait(feed, {.spans = 2}, done_), Telemetry::Begun::kThere);
}

TEST_F(TelemetryTest, AWaitEndsAtItsDeadline) {
  const Feed feed = telemetry_.open("otlp", kSpans);
  (void)telemetry_.wait(feed, {.spans = 2, .deadline = clock_.now() + 50ms}, done_);
  EXPECT_EQ(telemetry_.step(), clock_.now() + 50ms);
  clock_.advance(50ms);
  telemetry_.step();
  EXPECT_EQ(ended_, std::vector{Telemetry::Waited::kDeadline});
}

TEST_F(TelemetryTest, AWaitIsWokenAlsoBeforeItBegins) {
  const Feed feed = telemetry_.open("otlp", kSpans);
  (void)telemetry_.wait(feed, {.spans = 1}, done_);
  EXPECT_EQ(telemetry_.wait(feed, {.spans = 1}, done_), Telemetry::Begun::kBusy);
  telemetry_.wake(feed);
  telemetry_.step();
  EXPECT_EQ(ended_, std::vector{Telemetry::Waited::kWoken});
  telemetry_.wake(feed);
  EXPECT_EQ(telemetry_.wait(feed, {.spans = 1}, done_), Telemetry::Begun::kWoken);
}

TEST_F(TelemetryTest, WhoLeavesWaitsNoMore) {
  const Feed feed = telemetry_.open("otlp", kSpans);
  (void)telemetry_.wait(feed, {.spans = 1}, done_);
  telemetry_.leave(feed);
  EXPECT_EQ(ended_, std::vector{Telemetry::Waited::kWoken});
  EXPECT_EQ(telemetry_.wait(feed, {.spans = 1}, done_), Telemetry::Begun::kWoken);
  EXPECT_EQ(telemetry_.wait(feed, {.spans = 1}, done_), Telemetry::Begun::kWoken);
}

TEST_F(TelemetryTest, TheNextVersionGetsWhatFollowsAndInheritsWhatIsLeft) {
  const Feed old = telemetry_.open("otlp", {.spans = true, .logs = true});
  finish(1);
  finish(2);
  tell("before");
  telemetry_.step();
  const Feed next = telemetry_.open("otlp", {.spans = true, .logs = true});
  finish(3);
  tell("after");
  telemetry_.step();
  EXPECT_EQ(spansOf(old, 1), (std::vector<std::uint64_t>{1}));
  telemetry_.close(old);
  EXPECT_EQ(spansOf(next), (std::vector<std::uint64_t>{2, 3}));
  Telemetry::LogBatch logs;
  telemetry_.takeLogs(*next, 100, logs);
  ASSERT_EQ(logs.records.size(), 2U);
  EXPECT_EQ(logs.records[0].message, "before");
}

TEST_F(TelemetryTest, FeedsOfTwoPluginsGetTheSame) {
  const Feed a = telemetry_.open("a", kSpans);
  const Feed b = telemetry_.open("b", kSpans);
  finish(1);
  telemetry_.step();
  EXPECT_EQ(spansOf(a).size(), 1U);
  EXPECT_EQ(spansOf(b).size(), 1U);
}

}  // namespace
}  // namespace revenge::observe
