#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <poll.h>

#include "postgresql/rouser.hpp"

namespace database::postgresql {
namespace {

class RouserTest : public ::testing::Test {
 protected:
  ~RouserTest() override { end(); }

  void end() {
    rouser_.close();
    if (thread_.joinable()) thread_.join();
  }
  void begin(Rouser::Wait& wait) {
    while (!wait.begin()) std::this_thread::yield();
  }
  static bool isRoused(const Rouser::Wait& wait, int within_ms) {
    pollfd waited{.fd = wait.descriptor(), .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, within_ms) == 1;
  }

  static constexpr int kPatience = 20'000;
  Rouser rouser_{std::chrono::microseconds(200)};
  std::thread thread_{[this] { rouser_.run(); }};
};

TEST_F(RouserTest, RousesWhoWaitsForLong) {
  Rouser::Wait wait(rouser_);
  begin(wait);
  EXPECT_TRUE(isRoused(wait, kPatience));
}

TEST_F(RouserTest, LeavesWhoWasAnsweredAlone) {
  Rouser::Wait answered(rouser_);
  Rouser::Wait waiting(rouser_);
  begin(answered);
  answered.end();
  for (int i = 0; i < 10; ++i) {
    begin(waiting);
    ASSERT_TRUE(isRoused(waiting, kPatience));
    waiting.clear();
    if (i == 0) answered.clear();  // from a look that was under way
  }
  EXPECT_FALSE(isRoused(answered, 0));
}

TEST_F(RouserTest, AWaitAfterAQuietTimeWakesIt) {
  Rouser::Wait wait(rouser_);
  begin(wait);
  for (int i = 0; i < 20; ++i) {
    wait.end();
    wait.clear();
    const auto patience = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatience);
    while (!rouser_.isAsleep() && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    ASSERT_TRUE(rouser_.isAsleep());
    wait.clear();
    ASSERT_TRUE(wait.begin());
    ASSERT_TRUE(isRoused(wait, kPatience));
  }
}

TEST_F(RouserTest, ItsEndLeavesNobodyWaiting) {
  Rouser::Wait wait(rouser_);
  begin(wait);
  end();
  EXPECT_TRUE(isRoused(wait, 0));
  EXPECT_FALSE(wait.begin()) << "who begins now has to see to itself";
}

TEST_F(RouserTest, ManyMayWaitComeAndGo) {
  std::vector<std::thread> threads;
  std::atomic<int> roused = 0;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        Rouser::Wait wait(rouser_);
        begin(wait);
        if (i % 5 == 0 && isRoused(wait, kPatience)) ++roused;
        wait.end();
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(roused, 40);
}

}  // namespace
}  // namespace database::postgresql
