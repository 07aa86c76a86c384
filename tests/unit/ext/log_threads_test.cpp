#include <atomic>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "ext/log.hpp"
#include "observe/recording_log.hpp"

namespace revenge::ext {
namespace {

class BoundLoggers : public testing::Test {
 protected:
  revenge_handle bind(int number, service::InstanceRef owner = {1, 1}) {
    return adapter_.bind(owner, log_.logger().with({{"number", number}}));
  }
  bool says(revenge_handle handle, const std::string& text, service::InstanceRef owner = {1, 1}) {
    const observe::Logger* const found = adapter_.find(handle, owner);
    if (found == nullptr) return false;
    found->info("said");
    return log_.lines().back().text.contains(text);
  }

  observe::RecordingLog log_;
  LogAdapter adapter_;
};

TEST_F(BoundLoggers, AreFoundByTheirHandleAlsoInTurns) {
  const revenge_handle one = bind(1);
  const revenge_handle two = bind(2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(says(one, "number=1"));
    EXPECT_TRUE(says(one, "number=1"));
    EXPECT_TRUE(says(two, "number=2"));
  }
}

TEST_F(BoundLoggers, AreNotFoundOnceUnboundNorByAnother) {
  const revenge_handle handle = bind(1);
  EXPECT_TRUE(says(handle, "number=1"));
  EXPECT_EQ(adapter_.find(handle, {2, 1}), nullptr);
  adapter_.unbind(handle, {2, 1});
  EXPECT_TRUE(says(handle, "number=1"));
  adapter_.unbind(handle, {1, 1});
  EXPECT_EQ(adapter_.find(handle, {1, 1}), nullptr);
  const revenge_handle next = bind(2);
  EXPECT_EQ(adapter_.find(handle, {1, 1}), nullptr);
  EXPECT_TRUE(says(next, "number=2"));
}

TEST_F(BoundLoggers, GoWithTheirInstanceAndTheirAdapter) {
  const revenge_handle handle = bind(1);
  EXPECT_TRUE(says(handle, "number=1"));
  EXPECT_EQ(adapter_.withdraw({1, 1}), 1U);
  EXPECT_EQ(adapter_.find(handle, {1, 1}), nullptr);
  const revenge_handle again = bind(3);
  EXPECT_TRUE(says(again, "number=3"));
  LogAdapter other;
  EXPECT_EQ(other.find(again, {1, 1}), nullptr);
}

TEST_F(BoundLoggers, ThreadsSeeWhatAnotherHasUnbound) {
  const revenge_handle handle = bind(1);
  std::atomic<int> using_it{0};
  std::atomic<bool> unbound{false};
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      EXPECT_NE(adapter_.find(handle, {1, 1}), nullptr);
      ++using_it;
      while (!unbound) {
        if (const observe::Logger* const found = adapter_.find(handle, {1, 1})) {
          EXPECT_TRUE(found->enabled(observe::Level::kInfo));
        }
      }
      EXPECT_EQ(adapter_.find(handle, {1, 1}), nullptr);
    });
  }
  while (using_it < 4) std::this_thread::yield();
  adapter_.unbind(handle, {1, 1});
  unbound = true;
  for (std::thread& each : threads) each.join();
}

}  // namespace
}  // namespace revenge::ext
