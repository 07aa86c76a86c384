#include <gmock/gmock.h>

#include "tests/wiring/limited.hpp"

namespace revenge::http_limits {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using namespace std::chrono_literals;
using Settled = Pipelines::Settled;

TEST_F(Limited, WhatIsAdmittedIsToldOfItsQuotaAndWhatIsNotIsRefusedAsJson) {
  pipelines_.provide();
  auto plugin = load();
  pipelines_.permit.limit = 100;
  pipelines_.permit.remaining = 42;
  pipelines_.permit.reset_ns = 1'500'000'000;
  auto& admitted = get("/api/answer");
  EXPECT_EQ(admitted.status, 200);
  EXPECT_EQ(admitted.headers["RateLimit"], R"("api";r=42;t=2)");
  EXPECT_EQ(admitted.headers["RateLimit-Policy"], R"("api";q=100;w=60)");
  pipelines_.status = REVENGE_LIMIT;
  pipelines_.permit.remaining = 0;
  pipelines_.permit.refused_by = REVENGE_RESILIENCE_RATE_LIMITED;
  pipelines_.permit.retry_after_ns = 700'000'000;
  auto& refused = get("/api/answer");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.contentType, "application/json");
  EXPECT_EQ(refused.headers["Retry-After"], "2") << "not before the quota's reset";
  EXPECT_EQ(refused.body, R"({"code":"rate_limited","message":"too many requests; wait before the next",)"
                          R"("details":{"rule":"api","retry_after_s":2,"limit":100}})");
}

TEST_F(Limited, APlaceThatIsNotFreeIs503) {
  pipelines_.provide();
  auto plugin = load();
  pipelines_.status = REVENGE_LIMIT;
  pipelines_.permit.refused_by = REVENGE_RESILIENCE_BULKHEAD_FULL;
  auto& full = get("/api/answer");
  EXPECT_EQ(full.status, 503);
  EXPECT_EQ(full.headers["Retry-After"], "1");
  pipelines_.status = REVENGE_TIMED_OUT;
  pipelines_.permit.refused_by = REVENGE_RESILIENCE_TIMEOUT;
  EXPECT_EQ(get("/api/answer").status, 504);
}

TEST_F(Limited, APermitIsSettledByHowTheRequestEnds) {
  pipelines_.provide();
  auto plugin = load();
  get("/api/answer?status=200");
  get("/api/answer?status=404");
  get("/api/answer?status=500");
  EXPECT_THAT(pipelines_.settled,
              ElementsAre(Settled{101, REVENGE_RESILIENCE_SUCCESS}, Settled{102, REVENGE_RESILIENCE_IGNORED},
                          Settled{103, REVENGE_RESILIENCE_FAILURE}));
  auto& left = get("/api/later");
  EXPECT_EQ(pipelines_.settled.size(), 3u) << "it is under way";
  EXPECT_EQ(plugin->gatekeeperForTest().permits(), 1u);
  host_.http().leave(left);
  EXPECT_EQ(pipelines_.settled.back(), (Settled{104, REVENGE_RESILIENCE_IGNORED}));
  EXPECT_EQ(plugin->gatekeeperForTest().permits(), 0u);
  routes_->responders.clear();
}

TEST_F(Limited, TheGateIsAskedByKeyClassAndDeadline) {
  pipelines_.provide();
  auto plugin = load(R"({"fallback": {"class": "background", "pipeline": "p", "deadline_s": 3}})");
  get("/api/answer", "ada");
  EXPECT_EQ(pipelines_.key, "user:ada");
  EXPECT_EQ(pipelines_.priority, std::uint32_t{REVENGE_BACKGROUND});
  EXPECT_EQ(pipelines_.deadline_ns, (host_.clock().now() + 3s).time_since_epoch().count());
  get("/api/answer", "anon-17");
  EXPECT_EQ(pipelines_.key, "addr:192.0.2.1");
}

TEST_F(Limited, ProxiesAreBelievedWhenTheyAreTrusted) {
  pipelines_.provide();
  auto plugin = load(R"({"fallback": {"pipeline": "p"},
                         "trust": {"proxies": ["192.0.2.0/24"], "field": "x-forwarded-for"}})");
  host_.send({.target = "/api/answer", .headers = {{"x-forwarded-for", "2001:db8:1:2:3::4"}}});
  EXPECT_EQ(pipelines_.key, "addr:2001:db8:1:2::/64");
  ASSERT_TRUE(plugin.configure(R"({"fallback": {"pipeline": "p"},
                                   "trust": {"proxies": ["198.51.100.1"], "field": "x-forwarded-for"}})"));
  host_.send({.target = "/api/answer", .headers = {{"x-forwarded-for", "203.0.113.9"}}});
  EXPECT_EQ(pipelines_.key, "addr:192.0.2.1");
}

TEST_F(Limited, DeadlineAndBodyLimitHoldForTheRequest) {
  auto plugin =
      load(R"({"rules": [{"name": "api", "pattern": "/api/*", "deadline_s": 5, "max_body_bytes": 10}]})");
  auto& limited = host_.post("/api/answer", "0123456789");
  EXPECT_EQ(limited.status, 200);
  EXPECT_EQ(limited.deadlineNs, (host_.clock().now() + 5s).time_since_epoch().count());
  EXPECT_EQ(limited.maxBodyBytes, 10u);
  auto& large = host_.post("/api/answer", "0123456789a");
  EXPECT_EQ(large.status, 413);
  EXPECT_THAT(large.body, HasSubstr(R"("limit":10,"seen":11)"));
  EXPECT_EQ(get("/stream/film").deadlineNs, INT64_MAX) << "what no rule is for is as its route says";
}

TEST_F(Limited, MoreFieldsThanAllowedAre431) {
  auto plugin = load(R"({"fallback": {"max_headers": 60}})");
  revenge::testing::Ask ask{.method = revenge::Method::kGet, .target = "/api/answer"};
  for (int i = 0; i < 60; ++i) ask.headers.emplace_back("x-" + std::to_string(i), "1");
  EXPECT_EQ(host_.send(ask).status, 200);
  ask.headers.emplace_back("x-60", "1");
  EXPECT_EQ(host_.send(ask).status, 431);
}

TEST_F(Limited, WithoutPipelinesRequestsGoOnAndHealthSaysSo) {
  auto plugin = load();
  EXPECT_TRUE(host_.check("limits"));
  EXPECT_EQ(get("/api/answer").status, 200);
  EXPECT_THAT(host_.check("limits").error().message, HasSubstr("nobody provides revenge.resilience/1"));
  pipelines_.provide();
  pipelines_.status = REVENGE_NOT_FOUND;
  EXPECT_EQ(get("/api/answer").status, 200);
  EXPECT_THAT(host_.check("limits").error().message, HasSubstr("no pipeline per-client"));
  pipelines_.status = REVENGE_OK;
  EXPECT_EQ(get("/api/answer").status, 200);
  EXPECT_TRUE(host_.check("limits"));
  host_.advance(1s);
  EXPECT_EQ(host_.metric(R"(requests_total{class="browsing",outcome="ungated"})"), 2);
  EXPECT_EQ(host_.metric(R"(requests_total{class="browsing",outcome="admitted"})"), 1);
}

TEST_F(Limited, ADryRunLetsPassAndCounts) {
  pipelines_.provide();
  auto plugin = load(
      R"({"rules": [{"name": "api", "pattern": "/api/*", "pipeline": "p", "deadline_s": 5, "dry_run": true}]})");
  pipelines_.status = REVENGE_LIMIT;
  pipelines_.permit.refused_by = REVENGE_RESILIENCE_RATE_LIMITED;
  pipelines_.permit.limit = 1;
  auto& passed = get("/api/answer");
  EXPECT_EQ(passed.status, 200);
  EXPECT_EQ(passed.headers.count("RateLimit"), 0u);
  EXPECT_EQ(passed.deadlineNs, INT64_MAX);
  host_.advance(1s);
  EXPECT_EQ(host_.metric(R"(would_refuse_total{class="browsing",refusal="rate_limited"})"), 1);
  EXPECT_TRUE(host_.hasLogged("requests that a dry run let pass"));
}

TEST_F(Limited, AFloodOfRefusalsIsALineNowAndThen) {
  pipelines_.provide();
  auto plugin = load();
  pipelines_.status = REVENGE_LIMIT;
  pipelines_.permit.refused_by = REVENGE_RESILIENCE_RATE_LIMITED;
  for (int i = 0; i < 100; ++i) get("/api/answer");
  host_.advance(5s);
  get("/api/answer");
  const auto lines = std::ranges::count_if(
      host_.logged(), [](const auto& line) { return line.message == "requests refused"; });
  EXPECT_EQ(lines, 2);
}

TEST_F(Limited, UnderLoadBrowsingIsShedPlaybackGoesOnAndBothEndsAreEvents) {
  auto plugin = load();
  flood();
  auto& shed = host_.send({.target = "/api/answer", .queueDelay = 60ms});
  EXPECT_EQ(shed.status, 503);
  EXPECT_THAT(shed.body, StartsWith(R"({"code":"shed")"));
  EXPECT_EQ(host_.send({.target = "/stream/film", .queueDelay = 60ms}).status, 200);
  EXPECT_EQ(host_.send({.target = "/health", .queueDelay = 60ms}).status, 200) << "exempt by default";
  host_.advance(1s);
  EXPECT_FALSE(host_.check("load"));
  EXPECT_GT(host_.metric(R"(requests_total{class="browsing",outcome="shed"})"), 0);
  host_.advance(20s);
  EXPECT_TRUE(host_.check("load"));
  std::vector<std::string> states;
  for (const auto& event : host_.published())
    if (event.kind == "http-limits.shedding") states.push_back(event.attributes.at("state"));
  EXPECT_THAT(states, ElementsAre("begin", "end"));
}

TEST_F(Limited, WhatAnotherPluginsWorkersOrNoneAnswerIsNotShed) {
  auto plugin = load();
  flood();
  EXPECT_EQ(host_.send({.target = "/api/answer", .queueDelay = 60ms}).status, 503);
  EXPECT_EQ(host_.send({.target = "/api/answer", .queueDelay = 0ms, .queue = 2}).status, 200);
  EXPECT_EQ(host_.send({.target = "/api/answer", .queueDelay = 60ms, .queue = 0}).status, 200);
}

TEST_F(Limited, AConfigurationThatMakesNoSenseIsRefusedByItsKey) {
  auto plugin = load();
  const auto refused =
      plugin.configure(R"({"rules": [{"name": "a", "pattern": "/a"}, {"name": "b", "pattern": "b"}],
                                            "trust": {"proxies": ["10.0.0.1/8"]}})");
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("rules[1].pattern: "));
  EXPECT_THAT(refused.error().message, HasSubstr("trust.proxies[0]: "));
  EXPECT_THAT(host_.tryLoad<HttpLimitsPlugin>(R"({"ipv6_prefix": 8})").error().message,
              HasSubstr("ipv6_prefix"));
}

TEST_F(Limited, AWarningIsLoggedAndTheConfigurationServed) {
  auto plugin = load(R"({"trust": {"field": "forwarded"}})");
  EXPECT_TRUE(host_.hasLogged("trust.field: is read from trusted proxies only"));
}

TEST_F(Limited, ANewConfigurationHoldsFromTheNextRequestOn) {
  pipelines_.provide();
  auto plugin = load();
  get("/api/answer");
  EXPECT_EQ(pipelines_.asked, 1);
  ASSERT_TRUE(plugin.configure(R"({"exempt": {"addresses": ["192.0.2.1"]}, "fallback": {"pipeline": "p"}})"));
  EXPECT_EQ(get("/api/answer").status, 200);
  EXPECT_EQ(pipelines_.asked, 1) << "exempt";
  ASSERT_TRUE(plugin.configure("{}"));
  EXPECT_EQ(get("/api/answer").status, 200);
  EXPECT_EQ(pipelines_.asked, 1) << "no pipeline";
}

TEST_F(Limited, ExplainSaysWhichRuleAndKeyARequestGetsAndCountsNothing) {
  pipelines_.provide();
  auto plugin = load();
  const auto said = host_.run("explain", R"({"path": "/api/items", "address": "2001:db8::7"})");
  EXPECT_EQ(
      said.value_or("refused"),
      R"({"rule": "api", "class": "browsing", "client": "2001:db8::7", "client_by": "connection", "exempt": false, )"
      R"("key": "addr:2001:db8::/64", "pipeline": "per-client", "deadline_s": 30, "dry_run": false})");
  EXPECT_EQ(pipelines_.asked, 0);
  EXPECT_FALSE(host_.run("explain", R"({"path": "/", "method": "GRAB"})"));
  EXPECT_THAT(host_.run("list").value_or("refused"), HasSubstr(R"("browsing": {"admitted": 0)"));
}

}  // namespace
}  // namespace revenge::http_limits
