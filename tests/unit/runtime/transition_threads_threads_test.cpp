#include <future>
#include <latch>
#include <optional>
#include <thread>

#include <gtest/gtest.h>

#include "base/manual_scheduler.hpp"
#include "runtime/transition_threads.hpp"

namespace revenge::runtime {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using base::PluginMark;
using base::Result;

constexpr PluginMark kPlugin{6};

struct TransitionTest : testing::Test {
  // Runs a call that does not return before `release`, until its deadline passes.
  template <typename Call>
  auto runPastDeadline(Call call) {
    auto result = std::async(std::launch::async,
                             [this, call] { return threads->run("stream: start", kPlugin, 5s, call); });
    scheduler.awaitPending(1);
    scheduler.advance(5s);
    return result.get();
  }
  base::ManualClock clock;
  base::ManualScheduler scheduler{clock};
  std::promise<Stuck> late;
  std::optional<TransitionThreads> threads{std::in_place, scheduler,
                                           [this](const Stuck& stuck) { late.set_value(stuck); }};
};

TEST_F(TransitionTest, GivesTheResultOfACallThatReturnsInTime) {
  const auto caller = std::this_thread::get_id();
  EXPECT_EQ(threads->run("a", kPlugin, 5s, [] { return 42; }).value(), 42);
  EXPECT_TRUE(threads->run("a", kPlugin, 5s, [&] {
    EXPECT_NE(std::this_thread::get_id(), caller);
    EXPECT_EQ(base::currentPlugin(), kPlugin);
  }));
  const auto refused =
      threads->run("a", kPlugin, 5s, []() -> Result<> { return base::fail(Errc::kRefused, "no"); });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "no");
  EXPECT_TRUE(threads->givenUp().empty());
}

TEST_F(TransitionTest, CallThatDoesNotReturnIsGivenUpAndReportedOnceWhenItDoes) {
  const auto release = std::make_shared<std::latch>(1);
  const auto result = runPastDeadline([release]() -> Result<std::string> {
    release->wait();
    return std::string(100, 'x');  // dies with the call: nobody is there to take it
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::kTimedOut);
  EXPECT_EQ(result.error().message, "stream: start did not return within 5000 ms");
  ASSERT_EQ(threads->givenUp().size(), 1U);
  EXPECT_EQ(threads->givenUp()[0].plugin, kPlugin);

  scheduler.advance(1min);
  release->count_down();
  const Stuck stuck = late.get_future().get();
  EXPECT_EQ(stuck.name, "stream: start");
  EXPECT_EQ(stuck.lasting, 65s);
  EXPECT_TRUE(threads->givenUp().empty());
}

TEST_F(TransitionTest, AHurriedCallIsGivenUpBeforeItsDeadlineAndTheNextOneIsNot) {
  const auto release = std::make_shared<std::latch>(1);
  auto hurried = std::async(std::launch::async, [this, release] {
    return threads->run("stream: start", kPlugin, 1h, [release] { release->wait(); });
  });
  scheduler.awaitPending(1);
  threads->hurry(2s);
  scheduler.advance(2s);
  const auto result = hurried.get();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::kCancelled);
  EXPECT_EQ(result.error().message, "stream: start did not return before the host stopped");
  EXPECT_EQ(threads->givenUp().size(), 1U);
  EXPECT_EQ(threads->run("stream: stop", kPlugin, 5s, [] { return 42; }).value(), 42);
  release->count_down();
  EXPECT_EQ(late.get_future().get().name, "stream: start");
}

TEST_F(TransitionTest, CallThatReturnsAfterTheEndOfItsHostReportsNothing) {
  const auto release = std::make_shared<std::latch>(1);
  const auto left = std::make_shared<std::latch>(1);
  EXPECT_FALSE(runPastDeadline([release, left] {
    release->wait();
    left->count_down();
  }));
  threads.reset();
  release->count_down();
  left->wait();
  EXPECT_EQ(late.get_future().wait_for(0s), std::future_status::timeout);
}

}  // namespace
}  // namespace revenge::runtime
