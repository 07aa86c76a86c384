#include "policy/linear_limit.hpp"

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

using std::chrono::milliseconds;

class LinearLimitTest : public ::testing::Test {
 protected:
  // How many of the epochs ended with a limit.
  int limited(int epochs, LinearEpoch epoch) {
    int limited = 0;
    for (int i = 0; i < epochs; ++i) limited += limit_.update(epoch) ? 1 : 0;
    return limited;
  }
  static LinearEpoch taking(milliseconds time, std::int64_t calls = 100, std::int64_t load = 0) {
    return {calls, 0, time, load};
  }

  LinearLimit limit_{LinearSettings{}};
};

TEST_F(LinearLimitTest, E12_TheFirstEpochsNeverLimit) {
  EXPECT_EQ(limited(30, taking(milliseconds(10'000))), 0);
}

TEST_F(LinearLimitTest, E12_FewCallsNeverLimit) {
  limited(30, taking(milliseconds(100)));
  EXPECT_EQ(limited(100, taking(milliseconds(10'000), 9)), 0);
}

TEST_F(LinearLimitTest, E12_ASingleSpikeNeverLimits) {
  limited(30, taking(milliseconds(100)));
  EXPECT_EQ(limited(1, taking(milliseconds(4000))), 0);
  EXPECT_EQ(limited(10, taking(milliseconds(100))), 0);
}

TEST_F(LinearLimitTest, E12_TwoBadEpochsLimitUntilGoodOnesLiftIt) {
  limited(31, taking(milliseconds(100)));
  EXPECT_EQ(limited(2, taking(milliseconds(5001))), 1);
  EXPECT_EQ(limited(100, taking(milliseconds(5001))), 100);
  limited(100, taking(milliseconds(100)));
  EXPECT_EQ(limited(1000, taking(milliseconds(100))), 0);
}

TEST_F(LinearLimitTest, BeginsAtTheLoadAndShrinksByATwentieth) {
  limited(31, taking(milliseconds(100), 100, 200));
  EXPECT_EQ(limited(2, taking(milliseconds(5001), 100, 200)), 1);
  EXPECT_EQ(limit_.limit(), 200);
  limit_.update(taking(milliseconds(5001), 100, 200));
  EXPECT_EQ(limit_.limit(), 190);
  limited(200, taking(milliseconds(5001), 100, 200));
  EXPECT_EQ(limit_.limit(), 10);
}

TEST_F(LinearLimitTest, TooManyFailuresAreOverload) {
  limited(31, taking(milliseconds(100), 100, 50));
  EXPECT_EQ(limited(1, {100, 5, milliseconds(100), 50}), 0);
  EXPECT_EQ(limited(1, {100, 6, milliseconds(100), 50}), 1);
}

}  // namespace
}  // namespace revenge::resilience
