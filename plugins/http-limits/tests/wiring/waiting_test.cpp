// Requests that wait for a place, and versions that follow each other.
#include "tests/wiring/limited.hpp"

namespace revenge::http_limits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;
using Settled = Pipelines::Settled;

class WaitingTest : public Limited {
 protected:
  WaitingTest() { pipelines_.provide(); }
};

TEST_F(WaitingTest, ARequestWaitsForItsPlaceAndGoesOn) {
  auto plugin = load();
  pipelines_.waits = true;
  auto& reply = get("/api/answer");
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(plugin->gatekeeperForTest().waiting(), 1u);
  EXPECT_EQ(pipelines_.key, "addr:192.0.2.1");
  auto permit = pipelines_.granted();
  permit.limit = 9;
  pipelines_.finish(REVENGE_OK, permit);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers["RateLimit"], R"("api";r=0;t=0)");
  EXPECT_EQ(plugin->gatekeeperForTest().waiting(), 0u);
  EXPECT_THAT(pipelines_.settled, ElementsAre(Settled{101, REVENGE_RESILIENCE_SUCCESS}));
}

TEST_F(WaitingTest, WhatWaitedInVainIsRefusedWithTheReason) {
  auto plugin = load();
  pipelines_.waits = true;
  auto& reply = get("/api/answer");
  pipelines_.finish(REVENGE_LIMIT, Pipelines::refused(REVENGE_RESILIENCE_BULKHEAD_FULL));
  EXPECT_EQ(reply.status, 503);
  EXPECT_THAT(reply.body, HasSubstr("overloaded"));
  EXPECT_THAT(pipelines_.settled, IsEmpty());
}

TEST_F(WaitingTest, ItWaitsUntilItsDeadlineAndIsThen504) {
  auto plugin = load();
  pipelines_.waits = true;
  auto& reply = get("/api/answer");
  EXPECT_EQ(pipelines_.deadline_ns, (host_.clock().now() + 30s).time_since_epoch().count());
  pipelines_.finish(REVENGE_TIMED_OUT, Pipelines::refused(REVENGE_RESILIENCE_TIMEOUT));
  EXPECT_EQ(reply.status, 504);
  EXPECT_THAT(reply.body, HasSubstr("deadline_exceeded"));
}

TEST_F(WaitingTest, WhoLeavesWaitsNoLonger) {
  auto plugin = load();
  pipelines_.waits = true;
  auto& reply = get("/api/answer");
  host_.http().leave(reply);
  EXPECT_TRUE(pipelines_.is_cancelled);
  EXPECT_EQ(plugin->gatekeeperForTest().waiting(), 0u);
  EXPECT_THAT(pipelines_.settled, IsEmpty());
}

TEST_F(WaitingTest, WhileTheProviderIsReplacedItAsksAgain) {
  auto plugin = load();
  pipelines_.waits = true;
  auto& reply = get("/api/answer");
  pipelines_.finish(REVENGE_BUSY, Pipelines::refused(REVENGE_RESILIENCE_NO_POLICY));
  EXPECT_EQ(reply.status, 0);
  EXPECT_EQ(pipelines_.waiting(), 1u) << "asked once more, by a worker";
  pipelines_.finish(REVENGE_OK, pipelines_.granted());
  EXPECT_EQ(reply.status, 200);
}

TEST_F(WaitingTest, AProviderThatIsAlwaysBusyHoldsNobodyForEver) {
  auto plugin = load();
  pipelines_.status = REVENGE_BUSY;
  EXPECT_EQ(get("/api/answer").status, 200) << "ungated";
  EXPECT_LT(pipelines_.asked, 10);
}

TEST_F(WaitingTest, TheNextVersionGoesOnWithSecretAndLoad) {
  const std::string config =
      R"({"api_key": {"header": "x-api-key", "known": ["good"]}, "fallback": {"pipeline": "p"}})";
  const auto keyOf = [&] {
    host_.send({.target = "/stream/film", .headers = {{"x-api-key", "good"}}});
    return pipelines_.key;
  };
  std::string state;
  std::string key;
  {
    auto before = load(config);
    key = keyOf();
    flood();
    state = before.save().value_or("");
  }
  {
    auto stranger = load(config);
    EXPECT_NE(keyOf(), key) << "each process has a secret of its own";
  }
  auto after = host_.tryLoad<HttpLimitsPlugin>(config);
  ASSERT_TRUE(after->restore(state, "0.1.0"));
  EXPECT_EQ(keyOf(), key);
  EXPECT_EQ(host_.send({.target = "/api/answer", .queueDelay = 60ms}).status, 503) << "still under load";
}

TEST_F(WaitingTest, AStateThatIsNoneIsRefused) {
  auto plugin = load();
  for (const std::string_view bytes : {"", "http-limits 1", "http-limits 1 2", "http-limits 1 2 3 4",
                                       "http-limits 1 2 3 0 9", "http-limits 1 2 3x"})
    EXPECT_FALSE(plugin.restore(bytes, "0.1.0")) << bytes;
  EXPECT_TRUE(plugin.restore("http-limits 1 2 3 0 1", "0.1.0"));
}

TEST_F(WaitingTest, HandingOverGivesPermitsBackAndHoldsNoFurther) {
  auto plugin = load();
  get("/api/later");
  ASSERT_TRUE(plugin.save());
  EXPECT_THAT(pipelines_.settled, ElementsAre(Settled{101, REVENGE_RESILIENCE_IGNORED}));
  get("/api/later");
  EXPECT_EQ(pipelines_.settled.back(), (Settled{102, REVENGE_RESILIENCE_IGNORED}));
  plugin->resume();
  get("/api/later");
  EXPECT_EQ(pipelines_.settled.size(), 2u);
  for (Responder& responder : routes_->responders) (void)responder.send(text("at last"));
  host_.runJobs();
  host_.get("/health");
  EXPECT_EQ(pipelines_.settled.size(), 3u) << "each once";
  EXPECT_EQ(pipelines_.settled.back(), (Settled{103, REVENGE_RESILIENCE_SUCCESS}));
}

}  // namespace
}  // namespace revenge::http_limits
