#include "base/periodic.hpp"

#include <optional>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"

namespace revenge::base {
namespace {

using namespace std::chrono_literals;

struct PeriodicTest : testing::Test {
  ManualClock clock;
  ManualScheduler scheduler{clock};
  int calls = 0;
};

TEST_F(PeriodicTest, CallsOnceAPeriodUntilDestroyed) {
  std::optional<Periodic> periodic(std::in_place, scheduler, 10s, [this] { ++calls; });
  scheduler.advance(9s);
  EXPECT_EQ(calls, 0);
  scheduler.advance(21s);
  EXPECT_EQ(calls, 3);
  periodic.reset();
  scheduler.advance(1min);
  EXPECT_EQ(calls, 3);
  EXPECT_EQ(scheduler.pending(), 0U);
}

TEST_F(PeriodicTest, MayBeDestroyedByItsOwnTask) {
  std::unique_ptr<Periodic> periodic;
  periodic = std::make_unique<Periodic>(scheduler, 1s, [&] {
    ++calls;
    periodic.reset();
  });
  scheduler.advance(1min);
  EXPECT_EQ(calls, 1);
}

}  // namespace
}  // namespace revenge::base
