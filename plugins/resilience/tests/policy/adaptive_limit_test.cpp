#include "policy/adaptive_limit.hpp"

#include <random>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "seed.hpp"

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::ElementsAre;

AdaptiveSettings with(AdaptiveAlgorithm algorithm, std::int64_t initial, std::int64_t least,
                      std::int64_t most) {
  AdaptiveSettings settings;
  settings.algorithm = algorithm;
  settings.initial = initial;
  settings.least = least;
  settings.most = most;
  return settings;
}

std::vector<std::int64_t> limits(AdaptiveLimit& limit, const std::vector<LimitSample>& samples) {
  std::vector<std::int64_t> limits;
  limits.reserve(samples.size());
  for (const LimitSample& sample : samples) limits.push_back(limit.update(sample));
  return limits;
}

constexpr Duration kQuick = milliseconds(10);

TEST(AdaptiveLimit, E9_AimdGrowsByOneAndShrinksByATenth) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kAimd, 20, 20, 200));
  EXPECT_THAT(
      limits(limit,
             {{kQuick, 10}, {kQuick, 10}, {kQuick, 11}, {kQuick, 5}, {kQuick, 12, true}, {seconds(6), 12}}),
      ElementsAre(21, 21, 22, 22, 20, 20));
}

TEST(AdaptiveLimit, E9_AimdWithALowFloor) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kAimd, 100, 1, 200));
  EXPECT_THAT(
      limits(
          limit,
          {{kQuick, 1, true}, {kQuick, 1, true}, {seconds(6), 1}, {kQuick, 44}, {kQuick, 36}, {kQuick, 37}}),
      ElementsAre(90, 81, 72, 73, 73, 74));
}

TEST(AdaptiveLimit, E9_ExactlyTheTimeoutIsInTime) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kAimd, 100, 1, 200));
  EXPECT_EQ(limit.update({seconds(5), 100}), 101);
  EXPECT_EQ(limit.update({seconds(5) + Duration(1), 100}), 90);
}

TEST(AdaptiveLimit, E11_Gradient2) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kGradient2, 20, 20, 200));
  EXPECT_THAT(limits(limit, {{kQuick, 20}, {kQuick, 20}, {kQuick, 20}}), ElementsAre(20, 21, 22));
  EXPECT_EQ(limit.update({kQuick, 5}), 22);
  EXPECT_EQ(limit.update({kQuick, 22}), 23);
  const LimitSample slow{milliseconds(100), 25};
  EXPECT_THAT(limits(limit, {slow, slow, slow}), ElementsAre(21, 20, 20));
}

TEST(AdaptiveLimit, Gradient2ComesBackAfterALongOverload) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kGradient2, 20, 20, 200));
  for (int i = 0; i < 300; ++i) limit.update({seconds(1), 200});
  for (int i = 0; i < 300; ++i) limit.update({kQuick, 200});
  EXPECT_EQ(limit.limit(), 200);
}

TEST(AdaptiveLimit, VegasGrowsWithoutAQueueAndShrinksWithALongOne) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kVegas, 10, 1, 100));
  // The first sample is the time without load; then no queue: up by 6, a queue of 3 at 16: no longer "none" but short of 6.
  EXPECT_EQ(limit.update({kQuick, 10}), 10);
  EXPECT_EQ(limit.update({kQuick, 10}), 16);
  EXPECT_EQ(limit.update({milliseconds(11), 16}), 17);
  EXPECT_EQ(limit.update({milliseconds(50), 17}), 16);
  EXPECT_EQ(limit.update({milliseconds(50), 7}), 16);
  EXPECT_EQ(limit.update({kQuick, 16, true}), 15);
}

TEST(AdaptiveLimit, VegasMeasuresAnewNowAndThen) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kVegas, 10, 1, 10));
  limit.update({kQuick, 10});
  const LimitSample slower{milliseconds(40), 10};
  for (int i = 0; i < 300; ++i) limit.update(slower);
  // What was slow is the new measure: nothing queues any more.
  const std::int64_t before = limit.limit();
  limit.update(slower);
  EXPECT_GE(limit.limit(), before);
  EXPECT_EQ(limit.limit(), 10);
}

TEST(AdaptiveLimit, NoSampleLeadsOutOfTheBounds) {
  std::mt19937_64 random(testSeed());
  for (const auto algorithm :
       {AdaptiveAlgorithm::kAimd, AdaptiveAlgorithm::kGradient2, AdaptiveAlgorithm::kVegas}) {
    AdaptiveLimit limit(with(algorithm, 20, 3, 50));
    for (int i = 0; i < 100'000; ++i) {
      const Duration time(static_cast<std::int64_t>(random() >> (1U + random() % 62U)));
      const std::int64_t now =
          limit.update({time, static_cast<std::int64_t>(random() % 100), random() % 10 == 0});
      ASSERT_GE(now, 3);
      ASSERT_LE(now, 50);
    }
  }
}

TEST(AdaptiveLimit, NewBoundsApplyAtOnce) {
  AdaptiveLimit limit(with(AdaptiveAlgorithm::kAimd, 100, 1, 200));
  limit.reconfigure(with(AdaptiveAlgorithm::kAimd, 10, 1, 50));
  EXPECT_EQ(limit.limit(), 50);
}

}  // namespace
}  // namespace revenge::resilience
