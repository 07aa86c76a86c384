#include "observe/log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "observe/recording_log.hpp"

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

TEST(Log, WritesOnlyWhatReachesTheLevel) {
  RecordingLog recording(Level::kWarn);
  const Logger log = recording.logger();
  log.info("quiet");
  log.warn("heard");
  log.log(Level::kDebug, "quiet too", {});
  ASSERT_EQ(recording.lines().size(), 1U);
  EXPECT_EQ(recording.lines()[0].message, "heard");
  EXPECT_FALSE(log.enabled(Level::kInfo));
  EXPECT_TRUE(log.enabled(Level::kError));
}

TEST(Log, LevelsChangeLiveForOneComponentAndForAllOthers) {
  RecordingLog recording(Level::kInfo);
  Log& log = recording.log();
  log.setLevel("early", Level::kTrace);  // before anybody logs there
  const Logger early = log.logger("early");
  const Logger other = log.logger("other");
  EXPECT_TRUE(early.enabled(Level::kTrace));
  EXPECT_FALSE(other.enabled(Level::kDebug));

  log.setLevel(Level::kDebug);
  EXPECT_TRUE(other.enabled(Level::kDebug));
  EXPECT_TRUE(early.enabled(Level::kTrace));

  log.clearLevel("early");
  EXPECT_FALSE(early.enabled(Level::kTrace));
  EXPECT_TRUE(early.enabled(Level::kDebug));
}

TEST(Log, ParsesTheLevelsAnOperatorMaySet) {
  EXPECT_EQ(parseLevel("trace"), Level::kTrace);
  EXPECT_EQ(parseLevel("off"), Level::kOff);
  EXPECT_EQ(parseLevel("breach"), std::nullopt);
  EXPECT_EQ(parseLevel("Info"), std::nullopt);
  EXPECT_EQ(name(Level::kBreach), "breach");
}

TEST(Log, AChildCarriesWhatItBoundAfterTheOriginalsAreGone) {
  RecordingLog recording;
  Logger child = recording.logger();
  {
    const std::string user(100, 'u');
    const Logger parent = recording.logger().with({{"user", user}, {"step", 1}});
    child = parent.with({{"step", std::string("two")}, {"took", 3ms}}).forRequest(std::string("r-7"));
  }
  child.info("done", {{"n", 1}});
  const RecordedLine line = recording.lines().at(0);
  EXPECT_THAT(line.text, HasSubstr(fmt::format("done user={:u>100} step=two took=3ms n=1 request=r-7", "")));
  EXPECT_EQ(line.request, "r-7");
}

TEST(Log, TheRequestOfACallWinsOverTheBoundOne) {
  RecordingLog recording;
  const Logger bound = recording.logger().forRequest("bound");
  bound.log(Level::kInfo, "m", {}, {.request = "given"});
  bound.log(Level::kInfo, "m", {});
  EXPECT_EQ(recording.lines()[0].request, "given");
  EXPECT_EQ(recording.lines()[1].request, "bound");
}

TEST(Log, ABreachNamesFunctionAndRuleIsCountedAndNoLevelHidesIt) {
  RecordingLog recording(Level::kOff);
  const Logger plugin = recording.log().pluginLogger("greedy");
  plugin.error("quiet");
  plugin.breach("http.respond", "a request is answered once", {{"request", "r-1"}});
  ASSERT_EQ(recording.lines().size(), 1U);
  EXPECT_EQ(recording.count(Level::kBreach), 1U);
  EXPECT_TRUE(recording.said("BREACH plugin/greedy"));
  EXPECT_TRUE(recording.said("function=http.respond rule=\"a request is answered once\""));
  EXPECT_EQ(recording.log().components().at(0).breaches, 1U);
  EXPECT_THAT(recording.metrics().render(),
              HasSubstr("revenge_contract_breaches_total{plugin=\"greedy\"} 1\n"));
}

class PluginRate : public testing::Test {
 protected:
  void flood(int lines) {
    for (int i = 0; i < lines; ++i) plugin.info("flood");
  }
  std::size_t passed() const { return recording.count(Level::kInfo); }

  RecordingLog recording{Level::kInfo, {.lines_per_second = 10, .burst = 20}};
  Logger plugin = recording.log().pluginLogger("noisy");
};

TEST_F(PluginRate, PassesTheBurstThenTheRate) {
  flood(1000);
  EXPECT_EQ(passed(), 20U);
  recording.clock().advance(99ms);
  flood(1);
  EXPECT_EQ(passed(), 20U);
  recording.clock().advance(1ms);
  flood(5);
  EXPECT_EQ(passed(), 21U);
  recording.clock().advance(1h);
  flood(1000);
  EXPECT_EQ(passed(), 41U);
}

TEST_F(PluginRate, SaysAtOnceThatItSuppressesAndOnceASecondHowMuch) {
  flood(25);
  EXPECT_EQ(recording.count(Level::kWarn), 1U);
  EXPECT_TRUE(recording.said("plugin/noisy   log rate exceeded, lines were suppressed suppressed=1"));
  recording.clock().advance(1s);
  flood(1);
  EXPECT_EQ(recording.count(Level::kWarn), 2U);
  EXPECT_TRUE(recording.said("suppressed=4"));
  EXPECT_EQ(recording.log().components().at(0).suppressed, 5U);
  EXPECT_THAT(recording.metrics().render(),
              HasSubstr("revenge_log_suppressed_lines_total{plugin=\"noisy\"} 5\n"));
}

TEST_F(PluginRate, ReportsThePluginThatFellSilentWhenAsked) {
  flood(30);
  recording.log().reportSuppressed();
  EXPECT_TRUE(recording.said("suppressed=9"));
  recording.log().reportSuppressed();
  EXPECT_EQ(recording.count(Level::kWarn), 2U);
}

TEST_F(PluginRate, IsNoBusinessOfTheHostAndOfOtherPlugins) {
  flood(1000);
  recording.log().logger("http").info("heard");
  recording.log().pluginLogger("calm").info("heard");
  EXPECT_EQ(passed(), 22U);
}

TEST_F(PluginRate, CanBeAnotherForOnePluginForAWhile) {
  recording.log().setPluginRate("noisy", LogRate{.lines_per_second = 1, .burst = 2});
  flood(1000);
  EXPECT_EQ(passed(), 2U);
  recording.log().setPluginRate("noisy", std::nullopt);
  recording.clock().advance(1h);
  flood(1000);
  EXPECT_EQ(passed(), 22U);
  EXPECT_EQ(recording.log().components().at(0).asked, 2000U);
}

}  // namespace
}  // namespace revenge::observe
