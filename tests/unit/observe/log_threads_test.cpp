#include <thread>

#include <gtest/gtest.h>

#include "observe/recording_log.hpp"

namespace revenge::observe {
namespace {

TEST(LogThreads, ManyThreadsShareLoggersWhileLevelsChange) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kLines = 500;
  RecordingLog recording;
  const Logger shared = recording.logger().with({{"bound", "yes"}});
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const Logger own = recording.log().logger(fmt::format("own{}", t % 2));
        for (std::size_t i = 0; i < kLines; ++i) {
          shared.info("line", {{"i", i}});
          own.with({{"t", t}}).debug("changing");
          recording.log().setLevel("own0", i % 2 == 0 ? Level::kInfo : Level::kTrace);
        }
      });
    }
  }
  std::size_t lines = 0;
  for (const RecordedLine& line : recording.lines()) lines += line.text.contains("line bound=yes i=") ? 1 : 0;
  EXPECT_EQ(lines, kThreads * kLines);
}

TEST(LogThreads, TheRateHoldsAgainstManyThreadsAndLosesNoCount) {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kLines = 1000;
  RecordingLog recording(Level::kInfo, {.lines_per_second = 1, .burst = 100});
  const Logger plugin = recording.log().pluginLogger("noisy");
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&] {
        for (std::size_t i = 0; i < kLines; ++i) plugin.info("flood");
      });
    }
  }
  EXPECT_EQ(recording.count(Level::kInfo), 100U);  // the clock stands still
  EXPECT_EQ(recording.log().components().at(0).suppressed, kThreads * kLines - 100);
}

}  // namespace
}  // namespace revenge::observe
