#include "observe/thread_stacks.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <latch>
#include <thread>

#include <gtest/gtest.h>
#include <unistd.h>

#include "base/current_plugin.hpp"
#include "observe/symbols.hpp"

namespace revenge::observe {
namespace {

using namespace std::chrono_literals;

constexpr auto kMark = static_cast<base::PluginMark>(9);
std::atomic<bool> over{false};
std::atomic<int> turns{0};

[[gnu::noinline]] void turnInCircles() {
  while (!over) turns.fetch_add(1, std::memory_order_relaxed);
}

// A thread that does it, inside a plugin, until it is over.
class Busy {
 public:
  explicit Busy(void (*deed)()) {
    over = false;
    thread_ = std::thread([this, deed] {
      const base::PluginScope plugin(kMark);
      const base::ActivityScope doing("/films/{id}");
      id = ::gettid();
      begun.count_down();
      deed();
    });
    begun.wait();
  }
  ~Busy() { end(); }
  void end() {
    over = true;
    if (thread_.joinable()) thread_.join();
  }

  pid_t id = 0;

 private:
  std::latch begun{1};
  std::thread thread_;
};

struct ThreadStacksTest : testing::Test {
  base::Result<ThreadStacks> stacks = ThreadStacks::install();
  void SetUp() override { ASSERT_TRUE(stacks) << stacks.error().message; }
};

TEST_F(ThreadStacksTest, TellsWhereAThreadIsAndWhatFor) {
  const Busy busy(turnInCircles);
  auto taken = stacks->take(busy.id, 20s);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->inside, kMark);
  EXPECT_EQ(taken->doing, "/films/{id}");
  nameFunctions(taken->frames);
  ASSERT_GE(taken->frames.size(), 2U);
  const auto in = [](const StackFrame& frame) {
    return frame.function.find("turnInCircles") != std::string::npos;
  };
  EXPECT_TRUE(std::ranges::any_of(taken->frames, in)) << taken->frames[0].text();
}

TEST_F(ThreadStacksTest, ASleepingThreadAnswersToo) {
  const Busy busy([] {
    while (!over) std::this_thread::sleep_for(10ms);
  });
  EXPECT_TRUE(stacks->take(busy.id, 20s));
}

TEST_F(ThreadStacksTest, AgainAndAgainNoPlaceIsLost) {
  const Busy busy(turnInCircles);
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(stacks->take(busy.id, 20s)) << i;
}

TEST_F(ThreadStacksTest, AThreadThatHasEndedIsGone) {
  Busy busy(turnInCircles);
  busy.end();
  const auto taken = stacks->take(busy.id, 1s);
  ASSERT_FALSE(taken);
  EXPECT_EQ(taken.error().code, base::Errc::kGone);
}

// More of them than there are places, one after the other: those that wait for a thread that is gone are given out again.
TEST_F(ThreadStacksTest, OneThatBlocksTheSignalIsGivenUpAndItsPlaceComesBack) {
  for (int i = 0; i < 40; ++i) {
    turns = 0;
    const Busy busy([] {
      sigset_t all;
      ::sigfillset(&all);
      ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
      turnInCircles();
    });
    // Until it has blocked it.
    while (turns.load() == 0) std::this_thread::yield();
    const auto taken = stacks->take(busy.id, 1ms);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, base::Errc::kTimedOut) << i;
  }
}

TEST_F(ThreadStacksTest, AnAnswerThatComesLateDisturbsNobody) {
  static std::atomic<bool> open{false};
  open = false;
  turns = 0;
  const Busy late([] {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
    turns = 1;
    while (!open) std::this_thread::yield();
    ::pthread_sigmask(SIG_UNBLOCK, &all, nullptr);
    turnInCircles();
  });
  while (turns.load() == 0) std::this_thread::yield();
  EXPECT_FALSE(stacks->take(late.id, 5ms));
  open = true;
  const auto taken = stacks->take(late.id, 20s);
  ASSERT_TRUE(taken) << taken.error().message;
  EXPECT_EQ(taken->doing, "/films/{id}");
}

TEST_F(ThreadStacksTest, SomebodyElsesHandlerIsLeftAlone) {
  {
    const auto ended = std::move(stacks);
  }
  struct sigaction mine{};
  mine.sa_handler = [](int) {};
  ::sigaction(ThreadStacks::signalNumber(), &mine, nullptr);
  const auto refused = ThreadStacks::install();
  ::signal(ThreadStacks::signalNumber(), SIG_DFL);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, base::Errc::kExists);
}

}  // namespace
}  // namespace revenge::observe
