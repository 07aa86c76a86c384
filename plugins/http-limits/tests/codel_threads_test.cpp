// Codel from several threads: what holds whatever their order.
#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "limits/codel.hpp"

namespace revenge::http_limits {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

// Each thread has a clock of its own that goes on by a microsecond, so they lag behind each other as real ones do.
template <class Each>
void onThreads(int threads, int steps, const Each& each) {
  std::vector<std::jthread> running;
  running.reserve(static_cast<std::size_t>(threads));
  for (int thread = 0; thread < threads; ++thread)
    running.emplace_back([&each, thread, steps] {
      Instant now(std::chrono::hours(1));
      for (int i = 0; i < steps; ++i) each(thread, i, now += microseconds(1));
    });
}

TEST(CodelThreads, PlaybackIsAdmittedWhateverOthersMeet) {
  Codel codel{CodelOptions{}};
  std::atomic<long> playback_shed{0};
  std::atomic<long> others_shed{0};
  onThreads(4, 300'000, [&](int thread, int i, Instant now) {
    const auto traffic = static_cast<TrafficClass>(thread % 3);
    const bool admitted = codel.judge(traffic, milliseconds(i % 300'000 < 10'000 ? 1 : 40), now).admitted;
    if (!admitted) (traffic == TrafficClass::kPlayback ? playback_shed : others_shed)++;
  });
  EXPECT_EQ(playback_shed, 0) << "no delay was over its bound";
  EXPECT_GT(others_shed, 0);
}

TEST(CodelThreads, ReadersAndNewBoundsMeetNoTornState) {
  Codel codel{CodelOptions{}};
  std::atomic<int> highest{0};
  std::atomic<int> lowest{0};
  onThreads(4, 100'000, [&](int thread, int i, Instant now) {
    if (thread == 0 && i % 100 == 0) codel.use({.target = milliseconds(1 + i % 10)});
    if (thread == 1) codel.observe(milliseconds(i % 200), now);
    (void)codel.judge(static_cast<TrafficClass>(i % 3), milliseconds(i % 300), now);
    const int level = codel.level();
    if (level > highest) highest = level;
    if (level < lowest) lowest = level;
  });
  EXPECT_LE(highest, 3);
  EXPECT_EQ(lowest, 0);
}

}  // namespace
}  // namespace revenge::http_limits
