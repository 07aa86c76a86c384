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
  new_instance.met();
  EXPECT_FALSE(health.ready());
  old_instance.reset();
  EXPECT_TRUE(health.ready());
  const HealthCondition moved = std::move(new_instance);
  EXPECT_EQ(health.report().entries.size(), 1U);
}

}  // namespace
}  // namespace revenge::observe
