#include "plugin/budget.hpp"

#include <gtest/gtest.h>

namespace revenge::plugin {
namespace {

using enum Rung;

struct LedgerTest : testing::Test {
  // One window for each letter: 'o' over the budget, 'w' within it; the rung after each.
  std::vector<Rung> climbs(std::string_view windows) {
    std::vector<Rung> rungs;
    for (const char window : windows) {
      Amounts used{};
      of(used, Resource::kCpu) = window == 'o' ? 2.5 : 2;
      static_cast<void>(ledger.windowEnded(used, allowed(), policy));
      rungs.push_back(ledger.rung());
    }
    return rungs;
  }
  static Amounts allowed() {
    Amounts amounts{};
    of(amounts, Resource::kCpu) = 2;
    return amounts;
  }

  Policy policy{.windows = {.warn = 1, .throttle = 3, .quarantine = 6}, .highest = kQuarantine};
  Ledger ledger;
};

TEST_F(LedgerTest, WindowsLeadUpAndDown) {
  struct Case {
    std::string_view windows;
    std::vector<Rung> rungs;
  };
  const Case cases[] = {
      {"wwww", {kFine, kFine, kFine, kFine}},
      {"oow", {kWarn, kWarn, kFine}},
      {"ooo", {kWarn, kWarn, kThrottle}},
      {"oooooo", {kWarn, kWarn, kThrottle, kThrottle, kThrottle, kQuarantine}},
      // As long within as it took to get there, and a step at a time.
      {"ooowww", {kWarn, kWarn, kThrottle, kThrottle, kThrottle, kWarn}},
      {"ooowwww", {kWarn, kWarn, kThrottle, kThrottle, kThrottle, kWarn, kFine}},
      // What goes to and fro neither climbs nor comes down.
      {"ooowwoww", {kWarn, kWarn, kThrottle, kThrottle, kThrottle, kThrottle, kThrottle, kThrottle}},
      {"owowow", {kWarn, kFine, kWarn, kFine, kWarn, kFine}},
  };
  for (const Case& each : cases) {
    ledger.forget();
    EXPECT_EQ(climbs(each.windows), each.rungs) << each.windows;
  }
}

TEST_F(LedgerTest, TheHighestRungIsTheOperators) {
  policy.highest = kWarn;
  EXPECT_EQ(climbs("oooooooo").back(), kWarn);
}

TEST_F(LedgerTest, ZeroStepsMeansNever) {
  policy.windows = {.warn = 0, .throttle = 2, .quarantine = 0};
  EXPECT_EQ(climbs("ooooo"), (std::vector{kFine, kThrottle, kThrottle, kThrottle, kThrottle}));
}

TEST_F(LedgerTest, WithoutALimitNothingIsBeyondIt) {
  Amounts used{};
  used.fill(1e12);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(ledger.windowEnded(used, Amounts{}, policy).empty());
  EXPECT_EQ(ledger.rung(), kFine);
}

TEST_F(LedgerTest, AMoveSaysWhatWasUsedAndAllowed) {
  Amounts used{};
  of(used, Resource::kCpu) = 3.25;
  const auto moves = ledger.windowEnded(used, allowed(), policy);
  ASSERT_EQ(moves.size(), 1U);
  EXPECT_EQ(moves[0].from, kFine);
  EXPECT_EQ(moves[0].to.rung, kWarn);
  EXPECT_EQ(moves[0].to.text(), "warn: 3.25 cores, allowed: 2 cores");
}

TEST(Budget, OneOfSomethingIsOneAndEachNamesItsSetting) {
  EXPECT_EQ(amount(Resource::kStalls, 1), "1 stall");
  EXPECT_EQ(amount(Resource::kStalls, 2), "2 stalls");
  EXPECT_EQ(settingOf(Resource::kLogLines, "thumbs"), "budgets.plugins.thumbs.log_lines");
  EXPECT_EQ(settingOf(Resource::kStalls, "thumbs"), "watchdog");
}

TEST_F(LedgerTest, StallsCountByThemselves) {
  policy.stalls = {.warn = 1, .throttle = 3, .quarantine = 5};
  const std::pair<std::size_t, Rung> steps[] = {{0, kFine},     {1, kWarn},       {2, kWarn}, {3, kThrottle},
                                                {4, kThrottle}, {5, kQuarantine}, {2, kWarn}, {0, kFine}};
  for (const auto& [count, rung] : steps) {
    static_cast<void>(ledger.stallsNow(count, policy));
    EXPECT_EQ(ledger.rung(), rung) << count;
  }
}

TEST_F(LedgerTest, TheWorstResourceSpeaksForAll) {
  climbs("ooo");
  static_cast<void>(ledger.stallsNow(1, policy));
  EXPECT_EQ(ledger.worst().resource, Resource::kCpu);
  EXPECT_EQ(ledger.beyondFine().size(), 2U);
  EXPECT_EQ(ledger.rung(), kThrottle);
}

TEST(Resources, AreNamedAsTheyAreRead) {
  for (std::size_t i = 0; i < kResources; ++i) {
    const auto resource = static_cast<Resource>(i);
    EXPECT_EQ(resourceNamed(name(resource)), resource);
  }
  EXPECT_FALSE(resourceNamed("luck"));
  EXPECT_EQ(rungNamed("throttle"), kThrottle);
  EXPECT_FALSE(rungNamed(""));
}

TEST(Resources, SharesAreShownAsPercent) {
  EXPECT_EQ(amount(Resource::kErrors, 0.5), "50 % of its answers 5xx");
  EXPECT_EQ(amount(Resource::kLogLines, 1234.5), "1234 log lines a second");
}

}  // namespace
}  // namespace revenge::plugin
