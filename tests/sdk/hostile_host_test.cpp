// The hostile host on a plugin that looks at what it is answered, and on one that does not.
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <revenge/testing/hostile_host.hpp>

namespace {

using revenge::Errc;
using revenge::testing::FaultPlan;
using revenge::testing::HostileHost;
using revenge::testing::Life;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Careful : revenge::Plugin<> {
  explicit Careful(revenge::Host& host)
      : route(host.http().get("/careful", [](const revenge::Request&) { return revenge::text("ok"); })) {
    host.timers().every(std::chrono::seconds(1), [] {});
  }
  revenge::Route route;
};

constexpr auto kCareful = &revenge::detail::Boundary<Careful>::create;

revenge_status throws(void*, const revenge_call*, revenge_error*) {
  throw std::runtime_error("left start()");
}
void destroyNothing(void*) {}
const revenge_host_api* kept = nullptr;

revenge_status registersLate(void*, const revenge_call*, revenge_error*) {
  const auto* timers =
      static_cast<const revenge_timer*>(kept->query(kept->host, revenge::boundary::view(REVENGE_TIMER_ID)));
  auto job = revenge::boundary::sized<revenge_job>();
  job.run = [](void*, const revenge_call*) {};
  revenge_handle timer = 0;
  return timers->start(kept->host, 1, 0, &job, &timer, nullptr);
}

revenge_status careless(const revenge_host_api* api, const revenge_call*, const revenge_config*,
                        revenge_instance* instance, revenge_error*) {
  kept = api;
  instance->start = throws;
  instance->stop = registersLate;
  instance->destroy = destroyNothing;
  return REVENGE_OK;
}

TEST(FaultPlan, FailsTheNthCallOnce) {
  FaultPlan plan;
  plan.failNth(2);
  EXPECT_EQ(plan.next("a.one", REVENGE_LIMIT), std::nullopt);
  EXPECT_EQ(plan.next("a.two", REVENGE_LIMIT), REVENGE_LIMIT);
  EXPECT_EQ(plan.next("a.three", REVENGE_LIMIT), std::nullopt);
  EXPECT_EQ(plan.failed(), "a.two");
  EXPECT_EQ(plan.calls(), 3U);
  plan.failNth(1);
  EXPECT_EQ(plan.next("a.four", REVENGE_GONE), REVENGE_GONE);
}

TEST(FaultPlan, FailsAFunctionUntilItIsCleared) {
  FaultPlan plan;
  plan.fail("a.one", REVENGE_IO);
  EXPECT_EQ(plan.next("a.one", REVENGE_LIMIT), REVENGE_IO);
  EXPECT_EQ(plan.next("a.one", REVENGE_LIMIT), REVENGE_IO);
  EXPECT_EQ(plan.next("a.two", REVENGE_LIMIT), std::nullopt);
  plan.clear();
  EXPECT_EQ(plan.next("a.one", REVENGE_LIMIT), std::nullopt);
}

TEST(HostileHost, LeadsALifeStepByStep) {
  HostileHost host;
  Life life(host, kCareful);
  ASSERT_TRUE(life.create("{}").ok());
  ASSERT_TRUE(life.start().ok());
  EXPECT_EQ(host.get("/careful").body, "ok");
  EXPECT_TRUE(life.health().ok());
  life.drain();
  EXPECT_TRUE(life.stop().ok());
  life.join();
  EXPECT_TRUE(life.destroy().ok());
  EXPECT_TRUE(host.registeredTooLate().empty());
}

TEST(HostileHost, EachFailingCallBecomesARefusalWithItsReason) {
  HostileHost counted;
  Life whole(counted, kCareful);
  ASSERT_TRUE(whole.create("{}").ok());
  whole.destroy();
  const auto calls = counted.faults().calls();
  ASSERT_GE(calls, 2U);
  for (std::uint64_t nth = 1; nth <= calls; ++nth) {
    HostileHost host;
    host.faults().failNth(nth);
    Life life(host, kCareful);
    const auto created = life.create("{}");
    EXPECT_FALSE(created.threw);
    EXPECT_THAT(created.reason, HasSubstr("made to fail")) << host.faults().failed();
    EXPECT_EQ(host.http().registrations(), 0U);
    EXPECT_EQ(host.timers().pending(), 0U);
  }
}

TEST(HostileHost, CatchesAndTellsWhatIsThrown) {
  HostileHost host;
  Life life(host, careless);
  ASSERT_TRUE(life.create("{}").ok());
  const auto started = life.start();
  ASSERT_TRUE(started.threw.has_value());
  EXPECT_THAT(*started.threw, HasSubstr("runtime_error: left start()"));
}

TEST(HostileHost, SeesWhatIsRegisteredTooLateAndAskedForInVain) {
  HostileHost host;
  Life life(host, careless);
  ASSERT_TRUE(life.create("{}").ok());
  EXPECT_EQ(kept->query(kept->host, revenge::boundary::view("acme.none/1")), nullptr);
  EXPECT_THAT(host.absent(), ElementsAre("acme.none/1"));
  EXPECT_TRUE(life.stop().ok());
  EXPECT_THAT(host.registeredTooLate(), ElementsAre("timer.start"));
}

// Gives back what it does not have, and registers what is nothing.
revenge_status misuses(void*, const revenge_call*, revenge_error*) {
  const auto* http =
      static_cast<const revenge_http*>(kept->query(kept->host, revenge::boundary::view(REVENGE_HTTP_ID)));
  revenge_handle handle = 0;
  EXPECT_EQ(http->add_route(kept->host, nullptr, &handle, nullptr), REVENGE_INVALID);
  EXPECT_EQ(http->remove(kept->host, 99), REVENGE_GONE);
  return REVENGE_OK;
}
revenge_status misusing(const revenge_host_api* api, const revenge_call* call, const revenge_config* config,
                        revenge_instance* instance, revenge_error* error) {
  careless(api, call, config, instance, error);
  instance->start = misuses;
  return REVENGE_OK;
}

struct Misuses : revenge::testing::Observer {
  void misused(std::string_view function, std::string_view how) override {
    told.push_back(std::string(function) + ": " + std::string(how));
  }
  std::vector<std::string> told;
};

TEST(HostileHost, TellsOfArgumentsAndHandlesThatNoHostTakes) {
  Misuses seen;
  HostileHost host(&seen);
  Life life(host, misusing);
  ASSERT_TRUE(life.create("{}").ok());
  ASSERT_TRUE(life.start().ok());
  EXPECT_THAT(seen.told, ElementsAre("http.add_route: NULL",
                                     "http.remove: what it gives back is not its own, or no more"));
}

TEST(HostileHost, DoesNothingToWhatIsLoadedBesideIt) {
  HostileHost host;
  host.faults().fail("http.add_route", REVENGE_LIMIT);
  const auto beside = host.load<Careful>();
  EXPECT_EQ(host.get("/careful").body, "ok");
  EXPECT_TRUE(host.routes().empty());
  EXPECT_EQ(host.faults().calls(), 0U);
  Life life(host, kCareful);
  EXPECT_THAT(life.create("{}").reason, HasSubstr("made to fail"));
}

}  // namespace
