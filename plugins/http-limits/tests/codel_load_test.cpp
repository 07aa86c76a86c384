// Codel on a queue: who is answered and who is shed under load. Capacity is 400 requests a second: two workers, 5 ms each.
#include <gtest/gtest.h>

#include "limits/codel.hpp"
#include "queue_model.hpp"

namespace revenge::http_limits {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Judged = QueueModel::Judged;

constexpr unsigned kSeed = 8;
constexpr std::size_t kPlayback = 0;
constexpr std::size_t kBrowsing = 1;
constexpr std::size_t kBackground = 2;

class Load : public testing::TestWithParam<Judged> {
 protected:
  // Judged on arrival, a gate knows the age of the queue's head only, not how many came behind it: it swings wider.
  static bool onWorker() { return GetParam() == Judged::kOnWorker; }

  Codel codel_{CodelOptions{}};
  QueueModel queue_{&codel_, GetParam(), 2, milliseconds(5), kSeed};
};

TEST_P(Load, BelowCapacityNobodyWaitingForAnAnswerIsShed) {
  queue_.run({80, 120, 40}, seconds(60));
  const auto outcome = queue_.take();
  EXPECT_EQ(outcome.shed[kPlayback] + outcome.shed[kBrowsing], 0) << "seed " << kSeed;
  EXPECT_LT(outcome.shed[kBackground], outcome.offered[kBackground] / 100);
}

TEST_P(Load, AtFourTimesTheCapacityPlaybackLosesNothingAndTheWorkersStayBusy) {
  queue_.run({200, 1400, 0}, seconds(30));
  const auto outcome = queue_.take();
  EXPECT_EQ(outcome.shed[kPlayback], 0) << "seed " << kSeed;
  EXPECT_GT(outcome.shed[kBrowsing], 0);
  EXPECT_GE(static_cast<double>(outcome.answeredInAll()), 0.9 * 400 * 30);
  EXPECT_LT(outcome.longest_wait, seconds(1));
}

TEST_P(Load, TheQueueStaysNearTheTarget) {
  queue_.run({200, 1400, 0}, seconds(2));
  (void)queue_.take();
  queue_.run({200, 1400, 0}, seconds(30));
  EXPECT_LT(queue_.take().longest_wait, milliseconds(onWorker() ? 25 : 60)) << "seed " << kSeed;
}

TEST_P(Load, BackgroundGoesBeforeBrowsing) {
  queue_.run({100, 200, 1300}, seconds(2));
  (void)queue_.take();
  queue_.run({100, 200, 1300}, seconds(30));
  const auto outcome = queue_.take();
  EXPECT_EQ(outcome.shed[kPlayback], 0) << "seed " << kSeed;
  EXPECT_LT(static_cast<double>(outcome.shed[kBrowsing]),
            (onWorker() ? 0.01 : 0.05) * static_cast<double>(outcome.offered[kBrowsing]));
  EXPECT_GT(outcome.shed[kBackground], outcome.offered[kBackground] / 2);
  EXPECT_GE(static_cast<double>(outcome.answeredInAll()), 0.9 * 400 * 30);
}

TEST_P(Load, PlaybackAloneOverCapacityIsShedAtLastAndStillAnswered) {
  queue_.run({800, 50, 50}, seconds(2));
  (void)queue_.take();
  queue_.run({800, 50, 50}, seconds(30));
  const auto outcome = queue_.take();
  EXPECT_GT(outcome.shed[kPlayback], 0);
  EXPECT_GE(static_cast<double>(outcome.answered[kPlayback]), 0.9 * 400 * 30) << "seed " << kSeed;
  EXPECT_LT(static_cast<double>(outcome.answered[kBrowsing]),
            0.15 * static_cast<double>(outcome.offered[kBrowsing]));
}

TEST_P(Load, WhenTheLoadFallsAllAreAnsweredAgainSoon) {
  queue_.run({200, 1400, 200}, seconds(10));
  queue_.run({80, 100, 40}, seconds(1));
  (void)queue_.take();
  queue_.run({80, 100, 40}, seconds(30));
  const auto outcome = queue_.take();
  EXPECT_EQ(outcome.shed[kPlayback] + outcome.shed[kBrowsing] + outcome.shed[kBackground], 0)
      << "seed " << kSeed;
  EXPECT_EQ(codel_.level(), 0);
}

TEST_P(Load, WithoutItTheQueueGrowsWithoutBound) {
  QueueModel plain(nullptr, GetParam(), 2, milliseconds(5), kSeed);
  plain.run({200, 1400, 0}, seconds(10));
  EXPECT_GT(plain.take().longest_wait, seconds(5));
}

INSTANTIATE_TEST_SUITE_P(, Load, testing::Values(Judged::kOnWorker, Judged::kOnArrival),
                         [](const auto& tried) {
                           return tried.param == Judged::kOnWorker ? "OnWorker" : "OnArrival";
                         });

}  // namespace
}  // namespace revenge::http_limits
