#include "limits/codel.hpp"

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
constexpr TrafficClass kPlayback = TrafficClass::kPlayback;
constexpr TrafficClass kBrowsing = TrafficClass::kBrowsing;
constexpr TrafficClass kBackground = TrafficClass::kBackground;

class Shedding : public testing::Test {
 protected:
  bool admits(TrafficClass traffic, int delay_ms) {
    return codel_.judge(traffic, milliseconds(delay_ms), now_).admitted;
  }
  void advance(int ms) { now_ += milliseconds(ms); }
  // Delays of that, each millisecond, seen by nobody who could be shed.
  void keep(int delay_ms, int for_ms) {
    for (int ms = 0; ms < for_ms; ++ms) {
      codel_.observe(milliseconds(delay_ms), now_);
      advance(1);
    }
    codel_.observe(milliseconds(delay_ms), now_);
  }

  // A queue that gets three times what it can do, all of it browsing: it is 70 ms long after an interval.
  void flood() {
    for (int ms = 0; ms <= 100; ++ms) {
      (void)admits(kBrowsing, 6 + ms * 2 / 3);
      advance(1);
    }
  }

  Instant now_ = Instant(seconds(1000));
  Codel codel_{CodelOptions{}};
};

TEST_F(Shedding, ADelayOfTheTargetIsNone) {
  keep(5, 1000);
  EXPECT_EQ(codel_.level(), 0);
  EXPECT_TRUE(admits(kBackground, 5));
}

TEST_F(Shedding, ABurstShorterThanTheIntervalIsNone) {
  keep(50, 99);
  EXPECT_EQ(codel_.level(), 0);
  keep(5, 1);
  keep(50, 99);
  EXPECT_EQ(codel_.level(), 0) << "one delay at the target begins anew";
}

TEST_F(Shedding, AWholeIntervalOverTheTargetShedsBackgroundOnly) {
  keep(6, 100);
  EXPECT_EQ(codel_.level(), 1);
  EXPECT_FALSE(admits(kBackground, 6));
  EXPECT_TRUE(admits(kBackground, 5)) << "its class is shed just while the queue is long";
  EXPECT_TRUE(admits(kBrowsing, 6));
  EXPECT_TRUE(admits(kPlayback, 6));
}

TEST_F(Shedding, AQueueThatRisesWithoutBackgroundShedsBrowsingAtOnce) {
  flood();
  EXPECT_EQ(codel_.level(), 2);
  EXPECT_FALSE(admits(kBrowsing, 6));
  EXPECT_FALSE(admits(kBackground, 1)) << "those below lose all before";
  EXPECT_TRUE(admits(kBrowsing, 5));
  EXPECT_TRUE(admits(kPlayback, 5000));
}

TEST_F(Shedding, AQueueThatRisesByBackgroundShedsThatOnly) {
  for (int ms = 0; ms <= 100; ++ms) {
    (void)admits(ms % 4 == 0 ? kBrowsing : kBackground, 6 + ms * 2 / 3);  // three quarters are enough
    advance(1);
  }
  EXPECT_EQ(codel_.level(), 1);
}

TEST_F(Shedding, ALevelThatDoesNotHelpIsFollowedByTheNext) {
  keep(6, 100);
  ASSERT_EQ(codel_.level(), 1);
  keep(6, 146);
  EXPECT_EQ(codel_.level(), 1) << "6 ms until it can show, two steps of 100 ms / sqrt(2)";
  keep(6, 4);
  EXPECT_EQ(codel_.level(), 2);
}

TEST_F(Shedding, PlaybackIsShedOnlyOverItsOwnBound) {
  flood();
  for (int ms = 0; ms < 1500; ++ms, advance(1)) (void)admits(kBrowsing, 100);
  EXPECT_EQ(codel_.level(), 2) << "a player waits 100 ms without harm";
  for (int ms = 0; ms < 900; ++ms, advance(1)) (void)admits(kBrowsing, 101);
  EXPECT_EQ(codel_.level(), 3);
  EXPECT_FALSE(admits(kPlayback, 101));
  EXPECT_TRUE(admits(kPlayback, 100));
  EXPECT_FALSE(admits(kBrowsing, 1));
  EXPECT_TRUE(admits(kBrowsing, 0)) << "for a worker that is free there is nobody to wait for";
}

TEST_F(Shedding, AQueueThatGetsShorterIsNoReasonToShedMore) {
  flood();
  ASSERT_EQ(codel_.level(), 2);
  for (int delay = 900; delay > 110; --delay, advance(1)) {
    (void)admits(kBrowsing, delay);
    ASSERT_EQ(codel_.level(), 2) << delay;
  }
}

TEST_F(Shedding, DelaysFromBeforeAStepTellNothingOfIt) {
  flood();
  for (int ms = 0; ms < 1000; ++ms, advance(1)) {
    (void)admits(kBrowsing, 200 + ms);  // all came when nobody was shed yet
    ASSERT_EQ(codel_.level(), 2) << ms;
  }
}

TEST_F(Shedding, AnIntervalThatShedFewRelaxesByOneLevel) {
  flood();
  ASSERT_EQ(codel_.level(), 2);
  for (int ms = 0; ms < 100; ++ms, advance(1)) (void)admits(kBrowsing, ms % 5 == 0 ? 6 : 1);
  codel_.observe(milliseconds(1), now_);
  EXPECT_EQ(codel_.level(), 2) << "one of five is not few";
  for (int ms = 0; ms < 100; ++ms, advance(1)) (void)admits(kBrowsing, ms % 10 == 5 ? 6 : 1);
  codel_.observe(milliseconds(1), now_);
  EXPECT_EQ(codel_.level(), 1);
  keep(1, 100);
  EXPECT_EQ(codel_.level(), 0);
}

TEST_F(Shedding, AQueueThatStandsDoesNotRelaxThoughNobodyWasThereToBeShed) {
  flood();
  for (int ms = 0; ms < 500; ++ms, advance(1)) {
    EXPECT_TRUE(admits(kPlayback, 50));
    ASSERT_EQ(codel_.level(), 2) << ms;
  }
}

TEST_F(Shedding, SilenceRelaxesAtTheNextRequest) {
  flood();
  advance(3'600'000);
  EXPECT_TRUE(admits(kBackground, 50));
  EXPECT_EQ(codel_.level(), 0);
}

TEST_F(Shedding, RareLongDelaysAreNoStandingQueue) {
  for (int i = 0; i < 50; ++i) {
    codel_.observe(milliseconds(50), now_);
    advance(101);
  }
  EXPECT_EQ(codel_.level(), 0);
}

TEST_F(Shedding, WhoFallsBackSoonIsShedSooner) {
  keep(6, 100);
  ASSERT_EQ(codel_.level(), 1);
  keep(1, 100);
  ASSERT_EQ(codel_.level(), 0);
  keep(6, 71);
  EXPECT_EQ(codel_.level(), 1) << "the count is remembered";
  keep(1, 1800);
  ASSERT_EQ(codel_.level(), 0);
  keep(6, 99);
  EXPECT_EQ(codel_.level(), 0) << "and forgotten after 16 intervals";
}

TEST_F(Shedding, TheWaitIsAtLeastASecondAndLongerForBackground) {
  flood();
  EXPECT_EQ(codel_.judge(kBrowsing, milliseconds(100), now_).retry_after, seconds(1));
  EXPECT_EQ(codel_.judge(kBackground, milliseconds(100), now_).retry_after, seconds(4));
  EXPECT_EQ(codel_.judge(kBrowsing, milliseconds(2500), now_).retry_after, milliseconds(2500));
  EXPECT_EQ(codel_.judge(kBackground, Duration::max(), now_).retry_after, std::chrono::hours(4));
}

TEST_F(Shedding, AClockThatLagsOrADelayBelowZeroHarmsNothing) {
  flood();
  now_ -= milliseconds(50);
  EXPECT_FALSE(admits(kBrowsing, 100));
  EXPECT_TRUE(admits(kBrowsing, -100));
  EXPECT_EQ(codel_.level(), 2);
}

TEST_F(Shedding, OtherBoundsHoldAtOnce) {
  codel_.use({.target = milliseconds(50)});
  keep(50, 300);
  EXPECT_EQ(codel_.level(), 0);
  codel_.use({.target = milliseconds(5)});
  keep(50, 100);
  EXPECT_EQ(codel_.level(), 1);
}

TEST_F(Shedding, ClassesHaveNames) {
  for (const TrafficClass traffic : {kPlayback, kBrowsing, kBackground})
    EXPECT_EQ(trafficClassOf(nameOf(traffic)), traffic);
  EXPECT_EQ(trafficClassOf("Playback"), std::nullopt);
}

}  // namespace
}  // namespace revenge::http_limits
