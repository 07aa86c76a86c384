#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using namespace std::chrono_literals;
using testing::FakeHost;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct TimersTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Timers timers = plugin->host().timers();
  int runs = 0;
};

TEST_F(TimersTest, RunsOnEachPeriodAndNotBefore) {
  timers.every(10s, [this] { ++runs; });
  fake.advance(9s);
  EXPECT_EQ(runs, 0);
  fake.advance(1s);
  EXPECT_EQ(runs, 1);
  fake.advance(30s);
  EXPECT_EQ(runs, 4);
}

TEST_F(TimersTest, AsksAPeriodFunctionAfterEachRun) {
  std::chrono::seconds period = 10s;
  timers.every([&] { return period; }, [this] { ++runs; });
  period = 100s;
  fake.advance(10s);
  EXPECT_EQ(runs, 1);
  fake.advance(99s);
  EXPECT_EQ(runs, 1);
  fake.advance(1s);
  EXPECT_EQ(runs, 2);
}

TEST_F(TimersTest, RunsOnceAfterADelay) {
  timers.after(5s, [this](const Call& call) { runs += call.deadline() ? 100 : 1; });
  fake.advance(60s);
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(fake.timers().pending(), 0U);
}

TEST_F(TimersTest, EndsWithItsOwner) {
  {
    const Timer timer = timers.every(1s, [this] { ++runs; });
    fake.advance(2s);
  }
  EXPECT_EQ(fake.timers().pending(), 0U);
  fake.advance(10s);
  EXPECT_EQ(runs, 2);
}

TEST_F(TimersTest, MayEndItself) {
  Timer timer;
  timer = timers.every(1s, [&] {
    if (++runs == 3) timer.end();
  });
  fake.advance(10s);
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(fake.timers().pending(), 0U);
}

TEST_F(TimersTest, GoesOnAfterARunThatThrew) {
  timers.every(1s, [this] {
    ++runs;
    throw std::runtime_error("scan failed");
  });
  fake.advance(2s);
  EXPECT_EQ(runs, 2);
  EXPECT_TRUE(fake.hasLogged("scan failed"));
}

TEST_F(TimersTest, DestroysWhatItCapturedExactlyOnce) {
  const auto counted = std::make_shared<int>(0);
  timers.after(1s, [counted] {});
  timers.every(1s, [counted] {});
  Timer owned = timers.every(1s, [counted] {});
  ASSERT_TRUE(timers.submit([counted] {}));
  EXPECT_EQ(counted.use_count(), 5);
  fake.advance(1s);
  EXPECT_EQ(counted.use_count(), 3);
  owned.end();
  EXPECT_EQ(counted.use_count(), 2);
  plugin.unload();
  EXPECT_EQ(counted.use_count(), 1);
}

TEST_F(TimersTest, RunsASubmittedJobForItsCall) {
  ASSERT_TRUE(timers.submit([this] { ++runs; }));
  EXPECT_EQ(runs, 0);
  fake.runJobs();
  EXPECT_EQ(runs, 1);
}

TEST_F(TimersTest, DropsWhatNeverRan) {
  const auto counted = std::make_shared<int>(0);
  ASSERT_TRUE(timers.submit([counted] {}));
  plugin.unload();
  fake.runJobs();
  EXPECT_EQ(counted.use_count(), 1);
}

}  // namespace
}  // namespace revenge
