#include "base/tick_clock.hpp"

#include <gtest/gtest.h>

namespace revenge::base {
namespace {

using namespace std::chrono_literals;

// Between two answers of the system there is a window that the clock's own has to lie in, give or take what the counter may
// be off by in the millisecond that it is counted on.
constexpr Duration kTolerance = 50us;

TEST(TickClock, AgreesWithTheSystem) {
  const TickClock clock;
  const SystemClock system;
  for (const Instant end = system.now() + 50ms; system.now() < end;) {
    const Moment before{system.now(), system.wall()};
    const Moment moment = clock.moment();
    const Moment after{system.now(), system.wall()};
    ASSERT_GE(moment.now, before.now - kTolerance);
    ASSERT_LE(moment.now, after.now + kTolerance);
    ASSERT_GE(moment.wall, before.wall - kTolerance);
    ASSERT_LE(moment.wall, after.wall + kTolerance);
  }
}

TEST(TickClock, AManualClockStandsStillForBoth) {
  ManualClock manual;
  const Clock& clock = manual;
  const Moment before = clock.moment();
  manual.advance(1s);
  const Moment after = clock.moment();
  EXPECT_EQ(after.now - before.now, 1s);
  EXPECT_EQ(after.wall - before.wall, 1s);
}

}  // namespace
}  // namespace revenge::base
