// Health checks and metrics as a plugin makes them.
#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using testing::FakeHost;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct HealthTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Host& host = plugin->host();
};

TEST_F(HealthTest, ACheckAnswersWhatItsFunctionSays) {
  bool up = true;
  host.health().check("database", [&]() -> Status {
    if (up) return {};
    return fail(Errc::kUnavailable, "connection refused");
  });
  EXPECT_TRUE(fake.check("database"));
  up = false;
  EXPECT_EQ(fake.check("database").error().message, "connection refused");
  EXPECT_EQ(fake.check("cache").error().code, Errc::kNotFound);
}

TEST_F(HealthTest, AnExceptionIsAFailureWithItsText) {
  host.health().check("database", []() -> Status { throw std::runtime_error("no route to host"); });
  EXPECT_EQ(fake.check("database").error().message, "no route to host");
}

TEST_F(HealthTest, ACheckEndsWithItsOwner) {
  {
    const HealthCheck held = host.health().check("database", [] { return Status(); });
    EXPECT_TRUE(fake.check("database"));
  }
  EXPECT_EQ(fake.check("database").error().code, Errc::kNotFound);
}

TEST_F(HealthTest, AStopwatchObservesOnceHowLongItLived) {
  const Histogram histogram = host.metrics().histogram("wait_seconds", "Help.");
  {
    const Stopwatch stopwatch = histogram.time();
    fake.advance(std::chrono::milliseconds(250));
  }
  EXPECT_EQ(fake.metric("wait_seconds"), 1);
}

TEST_F(HealthTest, WhatIsCountedForARequestIsCounted) {
  const Counter counter = host.metrics().counter("served_total", "Help.");
  counter.add(2, host.call());
  EXPECT_EQ(fake.metric("served_total"), 2);
}

}  // namespace
}  // namespace revenge
