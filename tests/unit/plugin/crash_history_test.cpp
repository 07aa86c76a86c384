#include "plugin/crash_history.hpp"

#include <gtest/gtest.h>

namespace revenge::plugin {
namespace {

using std::chrono::minutes;

class CrashHistoryTest : public ::testing::Test {
 protected:
  base::WallTime at(int minute) const { return start + minutes(minute); }
  Crash of(std::string plugin, std::string sha256, int minute) const {
    return {.at = at(minute),
            .host_build = "h1",
            .plugin = std::move(plugin),
            .version = "1.0.0",
            .sha256 = std::move(sha256),
            .what = "SIGSEGV"};
  }
  Crash unknown(int minute, StartMode mode = StartMode::kWanted) const {
    return {.at = at(minute), .host_build = "h1", .mode = mode, .what = "killed"};
  }

  const base::WallTime start{std::chrono::hours(500'000)};
  const CrashLimits limits{.limit = 3, .window = minutes(10)};
  CrashHistory history;
};

TEST_F(CrashHistoryTest, AsManyCrashesAsTheLimitWithinTheWindowQuarantine) {
  EXPECT_FALSE(history.add(of("a", "x", 0), limits));
  EXPECT_FALSE(history.add(of("a", "x", 5), limits));
  const auto quarantine = history.add(of("a", "x", 10), limits);
  ASSERT_TRUE(quarantine);
  EXPECT_EQ(*quarantine, (Quarantine{"a", "1.0.0", "x", "h1", at(10), 3, "SIGSEGV"}));
  EXPECT_NE(history.quarantined("a", "x", "h1"), nullptr);
}

TEST_F(CrashHistoryTest, ItsConductQuarantinesItWithoutACrashAndReleaseLiftsIt) {
  history.quarantine(
      {.plugin = "a", .version = "1.0.0", .sha256 = "x", .host_build = "h1", .what = "too many stalls"});
  ASSERT_NE(history.quarantined("a", "x", "h1"), nullptr);
  EXPECT_EQ(history.quarantined("a", "x", "h1")->note(),
            "too many stalls; `revengectl release a` lets it start again, and so does another build of it");
  EXPECT_EQ(history.quarantined("a", "y", "h1"), nullptr);
  EXPECT_EQ(history.quarantined("a", "x", "h2"), nullptr);
  EXPECT_TRUE(history.release("a"));
  EXPECT_EQ(history.quarantined("a", "x", "h1"), nullptr);
}

TEST_F(CrashHistoryTest, TheWindowSlides) {
  EXPECT_FALSE(history.add(of("a", "x", 0), limits));
  EXPECT_FALSE(history.add(of("a", "x", 6), limits));
  EXPECT_FALSE(history.add(of("a", "x", 11), limits)) << "the first is more than ten minutes ago";
  EXPECT_TRUE(history.add(of("a", "x", 12), limits));
}

TEST_F(CrashHistoryTest, OnlyTheSameBuildsCountTogether) {
  EXPECT_FALSE(history.add(of("a", "x", 0), limits));
  EXPECT_FALSE(history.add(of("a", "y", 1), limits));
  EXPECT_FALSE(history.add(of("b", "x", 2), limits));
  Crash other_host = of("a", "x", 3);
  other_host.host_build = "h2";
  EXPECT_FALSE(history.add(other_host, limits));
  EXPECT_FALSE(history.add(of("a", "x", 4), limits));
  EXPECT_TRUE(history.add(of("a", "x", 5), limits));
}

TEST_F(CrashHistoryTest, AnotherBuildOfPluginOrHostIsTriedAgain) {
  for (int i = 0; i < 3; ++i) history.add(of("a", "x", i), limits);
  EXPECT_NE(history.quarantined("a", "x", "h1"), nullptr);
  EXPECT_EQ(history.quarantined("a", "y", "h1"), nullptr);
  EXPECT_EQ(history.quarantined("a", "x", "h2"), nullptr);
  EXPECT_EQ(history.quarantined("b", "x", "h1"), nullptr);
}

TEST_F(CrashHistoryTest, ReleasedItBeginsFromNothing) {
  for (int i = 0; i < 3; ++i) history.add(of("a", "x", i), limits);
  history.add(of("b", "x", 3), limits);
  EXPECT_TRUE(history.release("a"));
  EXPECT_FALSE(history.release("a"));
  EXPECT_EQ(history.quarantined("a", "x", "h1"), nullptr);
  EXPECT_TRUE(history.of("a").empty());
  EXPECT_EQ(history.of("b").size(), 1U);
  EXPECT_FALSE(history.add(of("a", "x", 4), limits));
}

TEST_F(CrashHistoryTest, UnknownCrashesLeadToTheLastGoodPluginsThenToNone) {
  EXPECT_EQ(history.next(at(0), limits), StartMode::kWanted);
  history.add(unknown(0), limits);
  history.add(unknown(1), limits);
  EXPECT_EQ(history.next(at(2), limits), StartMode::kWanted);
  history.add(unknown(2), limits);
  EXPECT_EQ(history.next(at(3), limits), StartMode::kLastGood);
  for (int i = 3; i < 5; ++i) history.add(unknown(i, StartMode::kLastGood), limits);
  EXPECT_EQ(history.next(at(5), limits), StartMode::kLastGood);
  history.add(unknown(5, StartMode::kLastGood), limits);
  EXPECT_EQ(history.next(at(6), limits), StartMode::kSafe);
  history.add(unknown(7, StartMode::kSafe), limits);
  EXPECT_EQ(history.next(at(8), limits), StartMode::kSafe);
}

TEST_F(CrashHistoryTest, CrashesOfAPluginDoNotCountAsUnknown) {
  for (int i = 0; i < 5; ++i) history.add(of("a", std::to_string(i), i), limits);
  EXPECT_EQ(history.next(at(5), limits), StartMode::kWanted);
}

TEST_F(CrashHistoryTest, WhatIsLongAgoCountsNoMore) {
  for (int i = 0; i < 3; ++i) history.add(unknown(i), limits);
  EXPECT_EQ(history.next(at(10), limits), StartMode::kLastGood);
  EXPECT_EQ(history.next(at(11), limits), StartMode::kWanted);
}

TEST_F(CrashHistoryTest, AnEndThatWasAskedForBeginsTheCountAnew) {
  for (int i = 0; i < 3; ++i) history.add(unknown(i), limits);
  for (int i = 0; i < 3; ++i) history.add(of("a", "x", i), limits);
  history.endedWell();
  EXPECT_EQ(history.next(at(3), limits), StartMode::kWanted);
  EXPECT_NE(history.quarantined("a", "x", "h1"), nullptr) << "what is known of a plugin stays";
}

TEST_F(CrashHistoryTest, KeepsTheLastHundred) {
  for (int i = 0; i < 150; ++i) history.add(unknown(i), limits);
  ASSERT_EQ(history.crashes().size(), CrashHistory::kKept);
  EXPECT_EQ(history.crashes().front().at, at(50));
}

TEST_F(CrashHistoryTest, WhereTheClockWasSetBackTheOrderOfEventsCounts) {
  history.add(of("a", "x", 100), limits);
  history.add(of("a", "x", 101), limits);
  EXPECT_TRUE(history.add(of("a", "x", 0), limits));
}

}  // namespace
}  // namespace revenge::plugin
