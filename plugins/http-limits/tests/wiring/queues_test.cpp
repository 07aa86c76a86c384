#include "wiring/queues.hpp"

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

using std::chrono::milliseconds;

TEST(Queues, OneThatIsLongSaysNothingOfAnother) {
  Queues queues(CodelOptions{});
  Instant now{std::chrono::hours(1)};
  for (int ms = 0; ms < 300; ++ms, now += milliseconds(1)) {
    (void)queues.of(1, now).judge(TrafficClass::kBrowsing, milliseconds(50 + ms / 4), now);
    EXPECT_TRUE(queues.of(2, now).judge(TrafficClass::kBrowsing, milliseconds(0), now).admitted);
  }
  EXPECT_FALSE(queues.of(1, now).judge(TrafficClass::kBrowsing, milliseconds(60), now).admitted);
  EXPECT_EQ(queues.of(2, now).level(), 0);
  EXPECT_EQ(queues.highest(), queues.of(1, now).level());
}

TEST(Queues, NewBoundsHoldForThoseThatAreKnown) {
  Queues queues(CodelOptions{});
  Instant now{std::chrono::hours(1)};
  Codel& known = queues.of(1, now);
  queues.use(CodelOptions{.target = std::chrono::seconds(10)});
  for (int ms = 0; ms < 300; ++ms, now += milliseconds(1))
    (void)known.judge(TrafficClass::kBrowsing, milliseconds(50 + ms / 4), now);
  EXPECT_EQ(known.level(), 0);
}

TEST(Queues, ManyQueuesHaveRoom) {
  Queues queues(CodelOptions{});
  const Instant now{std::chrono::hours(1)};
  for (std::uint64_t queue = 1; queue < 1000; ++queue) (void)queues.of(queue, now);
  EXPECT_EQ(queues.levels().size(), 64u);
  EXPECT_EQ(&queues.of(999, now), &queues.of(998, now)) << "what finds no room shares one";
}

TEST(Queues, GoOnAtTheLevelThatAnotherHad) {
  Queues queues(CodelOptions{});
  const Instant now{std::chrono::hours(1)};
  queues.resume({{7, 2}});
  EXPECT_EQ(queues.of(7, now).level(), 2);
  EXPECT_EQ(queues.of(8, now).level(), 0);
}

}  // namespace
}  // namespace revenge::http_limits
