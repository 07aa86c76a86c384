#include "observe/health.hpp"

#include <optional>

#include <gtest/gtest.h>

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;

class HealthTest : public testing::Test {
 protected:
  base::ManualClock clock;
  Health health{clock};
};

TEST_F(HealthTest, IsReadyOnlyWhenEveryCriticalConditionIsMet) {
  HealthCondition listening = health.condition("http", "listening", Affects::kReadiness);
  HealthCondition configured = health.condition("config", "loaded", Affects::kReadiness);
  EXPECT_FALSE(health.ready());
  listening.met();
  EXPECT_FALSE(health.ready());
  configured.met();
  EXPECT_TRUE(health.ready());
  listening.unmet("stopping");
  EXPECT_FALSE(health.ready());
  EXPECT_TRUE(health.live());
}

TEST_F(HealthTest, ADetailDegradesWithoutTakingReadinessAway) {
  HealthCondition cache = health.condition("plugin/cache", "redis", Affects::kDetail);
  cache.unmet("connection refused");
  EXPECT_TRUE(health.ready());
  EXPECT_TRUE(health.report().degraded);
  cache.met();
  EXPECT_FALSE(health.report().degraded);
}

TEST_F(HealthTest, WhatIsNotLiveIsNotReady) {
  HealthCondition loop = health.condition("runtime", "turning", Affects::kLiveness);
  loop.met();
  EXPECT_TRUE(health.live());
  loop.unmet("no turn for 30 s");
  EXPECT_FALSE(health.live());
  EXPECT_FALSE(health.ready());
}

TEST_F(HealthTest, ReportsReasonAndSinceWhenSortedByComponent) {
  HealthCondition b = health.condition("b", "x", Affects::kReadiness);
  HealthCondition a = health.condition("a", "x", Affects::kDetail);
  const base::WallTime start = clock.wall();
  clock.advance(5s);
  a.met();
  clock.advance(5s);
  a.met();  // no change: since stays
  const HealthReport report = health.report();
  ASSERT_EQ(report.entries.size(), 2U);
  EXPECT_EQ(report.entries[0].component, "a");
  EXPECT_EQ(report.entries[0].since, start + 5s);
  EXPECT_EQ(report.entries[0].reason, "");
  EXPECT_EQ(report.entries[1].reason, "starting");
  EXPECT_EQ(report.entries[1].since, start);
}

TEST_F(HealthTest, AConditionGoesWithItsHolder) {
  std::optional<HealthCondition> old_instance = health.condition("plugin/a", "ready", Affects::kReadiness);
  HealthCondition new_instance = health.condition("plugin/a", "ready", Affects::kReadiness);
  old_instance->unmet("broken");
  new_instance.met();
  EXPECT_FALSE(health.ready());
  old_instance.reset();
  EXPECT_TRUE(health.ready());
  const HealthCondition moved = std::move(new_instance);
  EXPECT_EQ(health.report().entries.size(), 1U);
}

TEST_F(HealthTest, WhoHasNotSaidAnythingYetDoesNotCountBesideATwinThatIsMet) {
  HealthCondition old_instance = health.condition("plugin/a", "database", Affects::kReadiness);
  old_instance.met();
  const HealthCondition new_instance = health.condition("plugin/a", "database", Affects::kReadiness);
  EXPECT_TRUE(health.ready());
  old_instance.unmet("broken");
  EXPECT_FALSE(health.ready());
}

TEST_F(HealthTest, WhatAnInstanceSaidHoldsAfterItUntilTheNextOneSpeaks) {
  std::optional<HealthCondition> old_instance = health.condition("plugin/a", "database", Affects::kReadiness);
  old_instance->met();
  HealthCondition new_instance = health.condition("plugin/a", "database", Affects::kReadiness);
  const HealthCondition another = health.condition("plugin/b", "database", Affects::kDetail);
  old_instance.reset();
  EXPECT_TRUE(health.ready());
  EXPECT_EQ(verdictOf(health.report().entries.at(0)), Verdict::kWarn);
  EXPECT_EQ(verdictOf(health.report().entries.at(1)), Verdict::kWarn);
  EXPECT_FALSE(health.report().entries.at(1).met) << "the check of another plugin is still to say something";
  new_instance.unmet("broken");
  EXPECT_FALSE(health.ready());
}

TEST_F(HealthTest, AnInstanceThatFailedLeavesTheNextOneStarting) {
  std::optional<HealthCondition> old_instance = health.condition("plugin/a", "database", Affects::kReadiness);
  old_instance->unmet("broken");
  const HealthCondition new_instance = health.condition("plugin/a", "database", Affects::kReadiness);
  old_instance.reset();
  EXPECT_FALSE(health.ready());
  EXPECT_EQ(health.report().entries.at(0).reason, "starting");
}

TEST_F(HealthTest, StatusAndCodeOfEachProbeStandInOneTable) {
  HealthCondition startup = health.condition("host", "plugins started", Affects::kStartup);
  HealthCondition cache = health.condition("cache", "redis", Affects::kDetail);
  const auto answers = [&] {
    const HealthReport report = health.report();
    std::vector<std::pair<std::string_view, unsigned>> rows;
    for (const Probe probe : {Probe::kLive, Probe::kStartup, Probe::kReady}) {
      const VerdictRow& row = rowOf(report.verdict(probe));
      rows.emplace_back(row.status, row.http);
    }
    return rows;
  };
  using Rows = std::vector<std::pair<std::string_view, unsigned>>;
  cache.unmet("away");
  EXPECT_EQ(answers(), (Rows{{"pass", 200}, {"fail", 503}, {"fail", 503}}));
  startup.met();
  EXPECT_EQ(answers(), (Rows{{"pass", 200}, {"pass", 200}, {"warn", 200}}));
  cache.met();
  EXPECT_EQ(answers(), (Rows{{"pass", 200}, {"pass", 200}, {"pass", 200}}));
}

TEST_F(HealthTest, ASourceIsAskedByWhoeverAsksForAReport) {
  {
    const HealthSource source = health.source([](std::vector<HealthEntry>& entries) {
      entries.push_back({"plugin/a", "serves", Affects::kDetail, false, "failed", {}});
    });
    EXPECT_TRUE(health.report().degraded);
    EXPECT_TRUE(health.report().ready);
  }
  EXPECT_FALSE(health.report().degraded);
}

}  // namespace
}  // namespace revenge::observe
