#include "flags/moment.hpp"

#include <chrono>

#include <gtest/gtest.h>

namespace revenge::flags {
namespace {

using namespace std::chrono_literals;

base::WallTime at(std::chrono::sys_days day, base::Duration time) {
  return base::WallTime(day.time_since_epoch() + time);
}

const std::chrono::sys_days kDay = std::chrono::year(2026) / 12 / 1;

TEST(Moment, ReadsRfc3339) {
  EXPECT_EQ(parseMoment("2026-12-01T00:00:00Z"), at(kDay, 0s));
  EXPECT_EQ(parseMoment("2026-12-01t10:20:30.5z"), at(kDay, 10h + 20min + 30s + 500ms));
  EXPECT_EQ(parseMoment("2026-12-01T00:30:00+01:00"), at(kDay, -30min));
  EXPECT_EQ(parseMoment("2026-12-01T00:30:00-01:30"), at(kDay, 2h));
  EXPECT_EQ(parseMoment("2026-12-01T00:00:00.123456789Z"), at(kDay, 123456789ns));
}

TEST(Moment, RefusesWhatIsNone) {
  for (const char* none :
       {"", "2026-12-01", "2026-12-01T00:00:00", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
        "2026-12-01T24:00:00Z", "2026-12-01T00:60:00Z", "2026-12-01T00:00:00.Z",
        "2026-12-01T00:00:00.1234567890Z", "2026-12-01T00:00:00Zx", "2026-12-01T00:00:00+25:00",
        "+026-12-01T00:00:00Z", "1500-01-01T00:00:00Z", "2300-01-01T00:00:00Z"})
    EXPECT_FALSE(parseMoment(none).has_value()) << none;
}

}  // namespace
}  // namespace revenge::flags
