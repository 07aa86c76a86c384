// The fakes of revenge.process/1 and revenge.telemetry/1, by way of the glue.
#include <gtest/gtest.h>

#include <revenge/process.hpp>
#include <revenge/telemetry.hpp>
#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using namespace std::chrono_literals;
using testing::FakeHost;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct ProcessTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Host& host = plugin->host();
};

TEST_F(ProcessTest, AChildSaysWhatTheTestSays) {
  fake.processes().on("ffprobe", {.exitCode = 3, .out = "{}", .err = "no video"});
  const auto ran = host.processes().run({.arguments = {"ffprobe", "-i", "a.mkv"}, .input = "given"}).wait();
  ASSERT_TRUE(ran.has_value()) << ran.error().message;
  EXPECT_FALSE(ran->ok());
  EXPECT_EQ(ran->exitCode(), 3);
  EXPECT_EQ(ran->out(), "{}");
  EXPECT_EQ(ran->err(), "no video");
  EXPECT_EQ(fake.processes().started().at(0).arguments.at(2), "a.mkv");
  EXPECT_EQ(fake.processes().started().at(0).input, "given");
}

TEST_F(ProcessTest, WhatNoRuleIsForIsNotThere) {
  const auto ran = host.processes().run({.arguments = {"pg_dump"}}).wait();
  ASSERT_FALSE(ran.has_value());
  EXPECT_EQ(ran.error().code, Errc::kNotFound);
  EXPECT_EQ(ran.error().message, "pg_dump: no such program");
  EXPECT_EQ(fake.processes().open(), 0U);
}

TEST_F(ProcessTest, AStreamedOutputIsOnePieceAndItsEnd) {
  fake.processes().on("cat", {.out = "all of it"});
  {
    const auto child = host.processes().open({.arguments = {"cat"}, .out = ChildOutput::stream()}).wait();
    ASSERT_TRUE(child.has_value()) << child.error().message;
    EXPECT_EQ(fake.processes().open(), 1U);
    EXPECT_EQ(**child->read().wait(), "all of it");
    EXPECT_EQ(*child->read().wait(), std::nullopt);
    EXPECT_TRUE(child->ended().wait()->ok());
  }
  EXPECT_EQ(fake.processes().open(), 0U);
}

struct TelemetryTest : ProcessTest {
  Feed feed = host.telemetry().open(REVENGE_TELEMETRY_SPANS | REVENGE_TELEMETRY_LOGS, 2);
};

TEST_F(TelemetryTest, TellsWhatTheTestSaysAndCountsWhatFindsNoRoom) {
  for (const char* name : {"a", "b", "c"}) fake.telemetry().tellSpan(name);
  fake.telemetry().tellRecord(REVENGE_LOG_WARN, "full");
  fake.telemetry().setMetric("films", 3);
  EXPECT_EQ(feed->pending().spans, 2U);
  EXPECT_TRUE(feed->wait({.spans = 2}).wait().has_value());
  const auto spans = feed->spans(10);
  ASSERT_EQ(spans.span_count, 2U);
  EXPECT_EQ(boundary::text(spans.spans[1].name), "b");
  EXPECT_EQ(spans.lost, 1U);
  EXPECT_EQ(boundary::text(feed->logs(10).records[0].message), "full");
  EXPECT_EQ(feed->metrics().families[0].series[0].value, 3);
  EXPECT_EQ(feed->spans(10).span_count, 0U);
}

TEST_F(TelemetryTest, AWaitEndsByItsNumberItsDeadlineAndAWake) {
  std::vector<std::string> ends;
  const auto wait = [&](FeedRegistration::Until until) {
    run(host, [](const Feed& from, FeedRegistration::Until what, std::vector<std::string>& to) -> Task<> {
      const Status ended = co_await from->wait(what);
      to.emplace_back(ended ? "reached" : ended.error().code == Errc::kTimedOut ? "late" : "woken");
    }(feed, until, ends));
  };
  wait({.spans = 1, .deadline = host.clock().now() + 1s});
  fake.telemetry().tellSpan("a");
  fake.runJobs();
  static_cast<void>(feed->spans(1));
  wait({.spans = 1, .deadline = host.clock().now() + 1s});
  fake.advance(1s);
  wait({.spans = 1});
  feed->wake();
  fake.runJobs();
  EXPECT_EQ(ends, (std::vector<std::string>{"reached", "late", "woken"}));
  feed.end();
  EXPECT_EQ(fake.telemetry().open(), 0U);
}

}  // namespace
}  // namespace revenge
