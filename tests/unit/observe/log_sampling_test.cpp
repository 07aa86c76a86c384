#include "observe/log_sampling.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "observe/log_format.hpp"

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;

class Sampling : public testing::Test {
 protected:
  int passed(int lines, std::string_view message = "m", Level level = Level::kInfo,
             std::string_view component = "c") {
    int admitted = 0;
    for (int i = 0; i < lines; ++i) {
      LogRecord record{};
      record.time = now;
      record.level = level;
      record.component = component;
      record.message = message;
      admitted += sampling.admits(record) ? 1 : 0;
    }
    return admitted;
  }
  std::vector<std::string> report() {
    std::vector<std::string> lines;
    sampling.report(now, [&](const LogRecord& record) {
      std::string text;
      appendText(text, record);
      lines.push_back(text.substr(28));
    });
    return lines;
  }

  base::WallTime now{1'700'000'000s};
  LogSampling sampling{{.first = 3, .then_every = 10}};
};

TEST_F(Sampling, PassesTheFirstOfATickThenEverySoMany) {
  EXPECT_EQ(passed(3), 3);
  EXPECT_EQ(passed(9), 0);
  EXPECT_EQ(passed(1), 1);
  EXPECT_EQ(passed(100), 10);
}

TEST_F(Sampling, CountsEachLevelComponentAndMessageForItself) {
  EXPECT_EQ(passed(5), 3);
  EXPECT_EQ(passed(5, "other"), 3);
  EXPECT_EQ(passed(5, "m", Level::kWarn), 3);
  EXPECT_EQ(passed(5, "m", Level::kInfo, "d"), 3);
  EXPECT_EQ(passed(5, "", Level::kInfo, "cm"), 3);
}

TEST_F(Sampling, TellsWhatItLeftOutAndBeginsAnew) {
  EXPECT_FALSE(sampling.due(now + 1h));
  EXPECT_EQ(passed(8), 3);
  EXPECT_FALSE(sampling.due(now + 999ms));
  EXPECT_TRUE(sampling.due(now + 1s));
  now += 1s;
  EXPECT_EQ(report(), std::vector<std::string>{
                          "INFO   c              repeated lines were left out repeated=m left_out=5"});
  EXPECT_FALSE(sampling.leftAnythingOut());
  EXPECT_EQ(passed(4), 3);
}

TEST_F(Sampling, BeyondItsTableEveryLinePasses) {
  for (std::size_t i = 0; i < LogSampling::kMaxMessages; ++i) EXPECT_EQ(passed(1, std::to_string(i)), 1);
  EXPECT_EQ(passed(100, "one too many"), 100);
  EXPECT_EQ(passed(5, "7"), 2);
}

TEST_F(Sampling, LeavesBreachesAloneAndIsOffByItself) {
  EXPECT_EQ(passed(100, "m", Level::kBreach), 100);
  sampling = LogSampling();
  EXPECT_EQ(passed(100), 100);
}

}  // namespace
}  // namespace revenge::observe
