#include "pipeline/deadline.hpp"

#include <gtest/gtest.h>

namespace revenge::resilience {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Deadline, ReadsMillisecondsAndNothingElse) {
  EXPECT_EQ(readRemaining("250"), milliseconds(250));
  EXPECT_EQ(readRemaining(" 250\t"), milliseconds(250));
  EXPECT_EQ(readRemaining("0"), milliseconds(0)) << "expired, which is something else than not said";
  EXPECT_EQ(readRemaining("9999999999"), milliseconds(9999999999));
  for (const char* text : {"", " ", "-1", "+1", "1.5", "1e3", "250ms", "2 50", "10000000000", "0x10"})
    EXPECT_FALSE(readRemaining(text)) << text;
}

TEST(Deadline, TheCalleeIsNeverToldLongerThanWeWait) {
  EXPECT_EQ(RemainingText(microseconds(250999)).view(), "250");
  EXPECT_EQ(RemainingText(nanoseconds::max()).view(), "9223372036854");
}

TEST(Deadline, ACallWithoutAMillisecondLeftIsNotWorthMaking) {
  EXPECT_TRUE(RemainingText(milliseconds(1)).isWorthCalling());
  EXPECT_FALSE(RemainingText(microseconds(999)).isWorthCalling());
  EXPECT_FALSE(RemainingText(milliseconds(-5)).isWorthCalling());
}

TEST(Deadline, AnOutgoingCallTakesTheSmallerOfBoth) {
  EXPECT_EQ(outgoingTimeout(seconds(5), milliseconds(200)), milliseconds(200));
  EXPECT_EQ(outgoingTimeout(seconds(5), seconds(30)), seconds(5));
  EXPECT_EQ(outgoingTimeout(seconds(5), {}), seconds(5));
  EXPECT_EQ(outgoingTimeout(seconds(5), milliseconds(-3)), nanoseconds(0));
}

TEST(Deadline, BackgroundWorkIsNotBoundByTheCaller) {
  EXPECT_EQ(outgoingTimeout(seconds(5), milliseconds(200), Attachment::kBackground), seconds(5));
}

}  // namespace
}  // namespace revenge::resilience
