#include "pipeline/timers.hpp"

#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <gtest/gtest.h>

#include "manual_scheduler.hpp"

namespace revenge::resilience {
namespace {

struct Numbered : Timer {
  Numbered(int its_number, std::vector<int>& log) : Timer(&fire), number(its_number), fired(log) {}
  static void fire(Timer& timer, Moment) noexcept {
    auto& self = static_cast<Numbered&>(timer);
    self.fired.push_back(self.number);
  }
  int number;
  std::vector<int>& fired;
};

TEST(Timers, FireInOrderOfTimeAndNotBefore) {
  Timers timers;
  std::vector<int> fired;
  Numbered late(3, fired), early(1, fired), middle(2, fired);
  EXPECT_TRUE(timers.add(at(30), late));
  EXPECT_TRUE(timers.add(at(10), early));
  EXPECT_FALSE(timers.add(at(20), middle));
  timers.fireDue(at(9));
  EXPECT_TRUE(fired.empty());
  timers.fireDue(at(20));
  EXPECT_EQ(fired, (std::vector<int>{1, 2}));
  EXPECT_EQ(timers.next(), at(30));
}

TEST(Timers, ACancelledOneDoesNotFire) {
  Timers timers;
  std::vector<int> fired;
  Numbered one(1, fired);
  timers.add(at(10), one);
  EXPECT_TRUE(timers.cancel(one));
  EXPECT_FALSE(timers.cancel(one));
  timers.fireDue(at(20));
  EXPECT_TRUE(fired.empty());
  EXPECT_TRUE(timers.next().isNever());
}

TEST(Timers, AnyOrderOfArmingAndCancellingLeavesTheRestInOrder) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    Timers timers;
    std::vector<int> fired;
    std::vector<std::unique_ptr<Numbered>> all;
    std::vector<int> expected;
    for (int i = 0; i < 60; ++i) {
      const int when = static_cast<int>(random() % 1000);
      all.push_back(std::make_unique<Numbered>(when, fired));
      timers.add(at(when), *all.back());
      const std::unique_ptr<Numbered>& victim = all[random() % all.size()];
      if (random() % 3 == 0) timers.cancel(*victim);
    }
    for (const auto& timer : all)
      if (timers.cancel(*timer)) {
        expected.push_back(timer->number);
        timers.add(at(timer->number), *timer);
      }
    timers.fireDue(at(1000));
    std::ranges::sort(expected);
    ASSERT_EQ(fired, expected);
  }
}

}  // namespace
}  // namespace revenge::resilience
