#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

#include <gtest/gtest.h>

#include "policy/notices.hpp"
#include "together.hpp"

namespace revenge::resilience {
namespace {

TEST(NoticesThreads, AllHearAllInTheOrderOfPosting) {
  Notices<int> notices;
  std::vector<int> first;
  std::vector<int> second;
  const auto one = notices.listen([&](int event) { first.push_back(event); });
  const auto other = notices.listen([&](int event) { second.push_back(event); });
  std::mutex mutex;
  int next = 0;
  together(4, [&](int) {
    for (int i = 0; i < 2000; ++i) {
      {
        const std::lock_guard lock(mutex);
        notices.post(next++);
      }
      notices.deliver();
    }
  });
  ASSERT_EQ(first.size(), 8000U);
  EXPECT_TRUE(std::ranges::is_sorted(first));
  EXPECT_EQ(first, second);
}

TEST(NoticesThreads, AfterItsEndAListenerNeverRuns) {
  Notices<int> notices;
  std::atomic<bool> ran_late{false};
  together(4, [&](int thread) {
    for (int i = 0; i < 1000; ++i) {
      if (thread < 2) {
        notices.post(i);
        notices.deliver();
        continue;
      }
      std::atomic<bool> alive{true};
      auto listening = notices.listen([&](int) {
        if (!alive) ran_late = true;
      });
      listening.end();
      alive = false;
    }
  });
  EXPECT_FALSE(ran_late);
}

}  // namespace
}  // namespace revenge::resilience
