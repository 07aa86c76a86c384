#include <condition_variable>
#include <latch>
#include <mutex>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <pthread.h>

#include "base/manual_scheduler.hpp"
#include "runtime/spawner.hpp"

namespace revenge::runtime {
namespace {

using namespace std::chrono_literals;
using base::PluginMark;

constexpr PluginMark kPlugin{6};

void untilAsked(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any asked;
  std::unique_lock lock(mutex);
  asked.wait(lock, stop, [] { return false; });
}

struct SpawnerTest : testing::Test {
  base::ManualClock clock;
  base::ManualScheduler scheduler{clock};
  std::vector<Stuck> reports;
  std::optional<Spawner> spawner{std::in_place, scheduler, std::size_t{2},
                                 [this](const Stuck& stuck) { reports.push_back(stuck); }};
};

TEST_F(SpawnerTest, ThreadCarriesItsNameAndItsPluginsMarker) {
  std::string name(16, '\0');
  PluginMark mark{};
  const SpawnId id = spawner
                         ->spawn(kPlugin, "transcode-watcher",
                                 [&](const std::stop_token&) {
                                   pthread_getname_np(pthread_self(), name.data(), name.size());
                                   mark = base::currentPlugin();
                                 })
                         .value();
  EXPECT_TRUE(spawner->wait(id, 5s));
  EXPECT_STREQ(name.c_str(), "transcode-watch");
  EXPECT_EQ(mark, kPlugin);
  EXPECT_EQ(spawner->counts(kPlugin).running, 0U);
}

TEST_F(SpawnerTest, StopAllAsksAndWaitsForTheThreadsOfThatPluginOnly) {
  ASSERT_TRUE(spawner->spawn(kPlugin, "a", untilAsked));
  ASSERT_TRUE(spawner->spawn(kPlugin, "b", untilAsked));
  const SpawnId other = spawner->spawn(PluginMark{9}, "c", untilAsked).value();
  EXPECT_EQ(spawner->counts(kPlugin).running, 2U);
  EXPECT_TRUE(spawner->stopAll(kPlugin, 5s).empty());
  EXPECT_EQ(spawner->counts(kPlugin).running, 0U);
  EXPECT_EQ(spawner->counts(PluginMark{9}).running, 1U);
  spawner->requestStop(other);
  EXPECT_TRUE(spawner->wait(other, 5s));
}

TEST_F(SpawnerTest, RefusesBeyondTheLimitOfThePluginAndAdmitsAgainAfterwards) {
  const SpawnId first = spawner->spawn(kPlugin, "a", untilAsked).value();
  ASSERT_TRUE(spawner->spawn(kPlugin, "b", untilAsked));
  const auto third = spawner->spawn(kPlugin, "c", untilAsked);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().code, base::Errc::kLimit);
  EXPECT_TRUE(spawner->spawn(PluginMark{9}, "d", untilAsked));
  spawner->requestStop(first);
  ASSERT_TRUE(spawner->wait(first, 5s));
  EXPECT_TRUE(spawner->spawn(kPlugin, "c", untilAsked));
}

TEST_F(SpawnerTest, ThreadThatDoesNotStopIsReportedAndStaysCountedUntilItEnds) {
  std::latch release(1);
  const SpawnId id = spawner->spawn(kPlugin, "deaf", [&](const std::stop_token&) { release.wait(); }).value();
  std::vector<Stuck> left;
  std::thread stopper([&] { left = spawner->stopAll(kPlugin, 5s); });
  scheduler.awaitPending(1);
  scheduler.advance(5s);
  stopper.join();
  ASSERT_EQ(left.size(), 1U);
  EXPECT_EQ(left[0].name, "deaf");
  EXPECT_EQ(left[0].lasting, 5s);
  EXPECT_EQ(reports.size(), 1U);
  EXPECT_EQ(spawner->counts(kPlugin).stuck, 1U);
  release.count_down();
  EXPECT_TRUE(spawner->wait(id, 5s));
  EXPECT_EQ(spawner->counts(kPlugin).running, 0U);
}

TEST_F(SpawnerTest, DestructorGivesUpAThreadThatNeverStops) {
  const auto release = std::make_shared<std::latch>(1);
  const auto left = std::make_shared<std::latch>(1);
  ASSERT_TRUE(spawner->spawn(kPlugin, "deaf", [release, left](const std::stop_token&) {
    release->wait();
    left->count_down();
  }));
  std::thread destroyer([this] { spawner.reset(); });
  scheduler.awaitPending(1);
  scheduler.advance(5s);
  destroyer.join();
  release->count_down();
  left->wait();
}

}  // namespace
}  // namespace revenge::runtime
