#include <gmock/gmock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "unit/admin/control_fixture.hpp"

namespace revenge::admin {
namespace {

constexpr const char* kBroken = R"({"id": "broken", "version": "1.2.3", "oops": true})";

TEST_F(ControlTest, StatusNamesVersionHealthAndAddresses) {
  auto condition = health_.condition("disk", "space", observe::Affects::kReadiness);
  serve();
  condition.unmet("full");
  const http::Reply reply = get("/v1/status");
  const document::Value status = parsed(reply.body);
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "application/json");
  EXPECT_EQ(status.at("/pid")->integer(), ::getpid());
  EXPECT_EQ(status.at("/ready")->boolean(), false);
  EXPECT_EQ(text(status, "/urls/0"), "http://here");
}

TEST_F(ControlTest, ListsAndShowsAPackageWithWhyItDoesNotRun) {
  addPackage("broken", kBroken);
  serve();
  plugins_->startWanted();
  const document::Value listing = parsed(get("/v1/plugins").body);
  EXPECT_EQ(text(listing, "/plugins/0/id"), "broken");
  EXPECT_EQ(text(listing, "/plugins/0/state"), "refused");
  EXPECT_NE(text(listing, "/plugins/0/note").find("oops"), std::string::npos);
  EXPECT_TRUE(listing.at("/plugins/0/rollback")->isNull());
  EXPECT_EQ(*parsed(get("/v1/plugins/broken").body).at("/id"), *listing.at("/plugins/0/id"));
}

TEST_F(ControlTest, AnUnknownPluginIs404EverywhereItIsNamed) {
  serve();
  for (const char* verb : {"enable", "disable", "reload", "rollback", "swap?path=/x"}) {
    const http::Reply reply = post(std::string("/v1/plugins/nope/") + verb);
    EXPECT_EQ(reply.status, 404) << verb;
    EXPECT_EQ(text(parsed(reply.body), "/error/code"), "not_found");
  }
  EXPECT_EQ(get("/v1/plugins/nope").status, 404);
}

TEST_F(ControlTest, SwapNeedsAnAbsolutePath) {
  addPackage("broken", kBroken);
  serve();
  for (const char* query : {"", "?path=", "?path=there"}) {
    const http::Reply reply = post(std::string("/v1/plugins/broken/swap") + query);
    EXPECT_EQ(reply.status, 422) << query;
    EXPECT_TRUE(text(parsed(reply.body), "/error/message").starts_with("path: expected an absolute folder"));
  }
}

TEST_F(ControlTest, WithProgressTheLastLineIsTheErrorAndTheStatusIs200) {
  addPackage("broken", kBroken);
  serve();
  const http::Reply plain = post("/v1/plugins/broken/enable");
  const http::Reply lines = post("/v1/plugins/broken/enable?progress=1");
  EXPECT_GE(plain.status, 400);
  EXPECT_EQ(lines.status, 200);
  EXPECT_EQ(lines.field("Content-Type"), "application/x-ndjson");
  EXPECT_EQ(lines.body, plain.body + "\n");
}

TEST_F(ControlTest, DisablingWhatDoesNotRunReportsNoVersion) {
  addPackage("broken", kBroken);
  serve();
  const http::Reply reply = post("/v1/plugins/broken/disable?progress=1");
  const document::Value report = parsed(reply.body);
  EXPECT_EQ(text(report, "/id"), "broken");
  EXPECT_EQ(text(report, "/from"), "");
  EXPECT_EQ(text(report, "/to"), "");
  EXPECT_EQ(parsed(get("/v1/plugins/broken").body).at("/wanted")->boolean(), false);
}

TEST_F(ControlTest, OverTcpNothingIsAnsweredWithoutCredentials) {
  tokens_ = {{.name = "ci", .secret = "s3cret", .role = Role::kSteer}};
  serve();
  for (const char* target : {"/v1/plugins/nope/enable", "/v1/plugins/nope/swap?path=/x", "/v1/stop"})
    EXPECT_EQ(post(connect(), target).status, 401) << target;
  for (const char* wrong : {"s3cre", "s3cret1", "S3cret", ""})
    EXPECT_EQ(withToken(wrong, "POST", "/v1/stop"), 401);
  EXPECT_FALSE(stopped_);
  EXPECT_EQ(connect().get("/v1/plugins").status, 401);
}

TEST_F(ControlTest, OverTcpATokenLooksOrSteersAsItsRoleSays) {
  tokens_ = {{.name = "ci", .secret = "s3cret", .role = Role::kSteer},
             {.name = "wall", .secret = "screen", .role = Role::kLook}};
  serve();
  EXPECT_EQ(withToken("screen", "GET", "/v1/plugins"), 200);
  EXPECT_EQ(withToken("screen", "POST", "/v1/stop"), 403);
  EXPECT_FALSE(stopped_);
  EXPECT_EQ(withToken("s3cret", "POST", "/v1/stop"), 202);
  const auto records = audit_->read(0, 10);
  ASSERT_EQ(records.size(), 2U);
  EXPECT_THAT(records[0], testing::HasSubstr(R"("name":"token wall")"));
  EXPECT_THAT(records[1], testing::HasSubstr(R"("name":"token ci")"));
  EXPECT_THAT(records[0] + records[1], testing::Not(testing::HasSubstr("s3cret")));
}

constexpr const char* kDisableIt = R"({"changes": [{"plugin": "broken", "disable": true}]})";
constexpr const char* kEnableIt = R"({"changes": [{"plugin": "broken", "enable": true}]})";

TEST_F(ControlTest, APlanIsShownAndNothingChanges) {
  addPackage("broken", kBroken);
  serve();
  const std::string before = get("/v1/plugins").body;
  const http::Reply reply = post("/v1/plan", kEnableIt);
  const document::Value outlook = parsed(reply.body);
  EXPECT_EQ(reply.status, 200) << reply.body;
  EXPECT_EQ(outlook.at("/feasible")->boolean(), false);
  EXPECT_EQ(outlook.at("/generation")->integer(), 0);
  EXPECT_EQ(text(outlook, "/changes/0/plugin"), "broken");
  EXPECT_EQ(text(outlook, "/changes/0/change"), "enable");
  EXPECT_NE(text(outlook, "/changes/0/refusal").find("oops"), std::string::npos);
  EXPECT_EQ(get("/v1/plugins").body, before);
}

TEST_F(ControlTest, AnAppliedPlanReportsEveryPlugin) {
  addPackage("broken", kBroken);
  serve();
  const document::Value answer = parsed(post("/v1/apply", kDisableIt).body);
  EXPECT_EQ(text(answer, "/reports/0/id"), "broken");
  EXPECT_EQ(answer.at("/reports")->array()->size(), 1U);
  EXPECT_EQ(answer.at("/reports/0/held_ms")->number(), 0);
  EXPECT_EQ(parsed(get("/v1/plugins/broken").body).at("/wanted")->boolean(), false);
}

TEST_F(ControlTest, AFailedPlanAnswersLikeAFailedOperation) {
  addPackage("broken", kBroken);
  serve();
  const http::Reply plain = post("/v1/apply", kEnableIt);
  const http::Reply lines = post("/v1/apply?progress=1", kEnableIt);
  EXPECT_GE(plain.status, 400);
  EXPECT_EQ(lines.status, 200);
  EXPECT_EQ(lines.body, plain.body + "\n");
  EXPECT_EQ(post("/v1/apply", R"({"changes": [{"plugin": "nope", "enable": true}]})").status, 404);
}

TEST_F(ControlTest, ABadPlanIsNamedAndOneTooLongIsNotRead) {
  serve();
  for (const char* target : {"/v1/plan", "/v1/apply"}) {
    const http::Reply reply = post(target, R"({"changes": [{"plugin": "a", "swap": "there"}]})");
    EXPECT_EQ(reply.status, 422) << target;
    EXPECT_EQ(text(parsed(reply.body), "/error/message"),
              "changes[0].swap: expected an absolute folder, got \"there\"");
    EXPECT_EQ(post(target).status, 422) << target;
    EXPECT_EQ(post(target, std::string((std::size_t{1} << 20U) + 1, ' ')).status, 413) << target;
  }
}

TEST_F(ControlTest, WhatWasDecidedOnAnotherGenerationIsStale) {
  addPackage("broken", kBroken);
  serve();
  for (const char* verb : {"disable?", "enable?", "reload?", "rollback?", "swap?path=/x&"}) {
    const http::Reply reply = post(fmt::format("/v1/plugins/broken/{}generation=99", verb));
    EXPECT_EQ(reply.status, 409) << verb;
    EXPECT_EQ(text(parsed(reply.body), "/error/code"), "stale") << verb;
  }
  const std::string stale = R"({"generation": 99, "changes": [{"plugin": "broken", "disable": true}]})";
  EXPECT_EQ(post("/v1/plan", stale).status, 409);
  EXPECT_EQ(post("/v1/apply", stale).status, 409);
  EXPECT_EQ(parsed(get("/v1/plugins/broken").body).at("/wanted")->boolean(), true);
  const http::Reply reply = post("/v1/plugins/broken/disable?generation=0");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(text(parsed(reply.body), "/id"), "broken");
  for (const char* number : {"", "x", "-1", "18446744073709551616"})
    EXPECT_EQ(post(std::string("/v1/plugins/broken/disable?generation=") + number).status, 422) << number;
}

TEST_F(ControlTest, WhyIsATreeOfStatements) {
  addPackage("broken", kBroken);
  serve();
  post("/v1/plugins/broken/disable");
  const document::Value cause = parsed(get("/v1/plugins/broken/why").body);
  EXPECT_TRUE(text(cause, "/text").starts_with("broken is disabled: ")) << text(cause, "/text");
  EXPECT_EQ(text(cause, "/behind/0/text"), "the operator switched it off");
  EXPECT_TRUE(cause.at("/behind/0/behind")->array()->empty());
  EXPECT_EQ(get("/v1/plugins/nope/why").status, 404);
}

TEST_F(ControlTest, TheGraphNamesPluginsAndWhatTheyMiss) {
  addPackage("reader", R"({"id": "reader", "version": "1.0.0", "abi": 1, "licence": "MIT",
    "description": "Reads.", "requires": [{"interface": "test.store/1"}]})");
  serve();
  const document::Value graph = parsed(get("/v1/graph").body);
  EXPECT_EQ(graph.at("/generation")->integer(), 0);
  EXPECT_EQ(text(graph, "/plugins/0/id"), "reader");
  EXPECT_EQ(text(graph, "/links/0/consumer"), "reader");
  EXPECT_EQ(text(graph, "/links/0/interface"), "test.store/1");
  EXPECT_EQ(text(graph, "/links/0/provider"), "");
  EXPECT_EQ(text(graph, "/links/0/why"), "needs test.store/1, which no installed plugin offers");
}

// Looking at another package runs its library, in a child process of the host's user.
TEST_F(ControlTest, WhoMayNotSteerMayPlanButNameNoFolder) {
  tokens_ = {{.name = "wall", .secret = "screen", .role = Role::kLook}};
  addPackage("broken", kBroken);
  serve();
  EXPECT_EQ(withToken("screen", "POST", "/v1/plan", kEnableIt), 200);
  const char* const swaps = R"({"changes": [{"plugin": "broken", "swap": "/x"}]})";
  EXPECT_EQ(withToken("screen", "POST", "/v1/plan", swaps), 403);
  EXPECT_EQ(withToken("screen", "POST", "/v1/apply", kDisableIt), 403);
  EXPECT_EQ(withToken("screen", "POST", "/v1/apply", "x"), 403);
  EXPECT_EQ(parsed(get("/v1/plugins/broken").body).at("/wanted")->boolean(), true);
}

// Credentials are those of the connecting thread, and the raw call changes only its own.
TEST_F(ControlTest, AnotherUserMayLookAndNotSteer) {
  serve();
  int looked = 0;
  int steered = 0;
  std::thread([&] {
    (void)::syscall(SYS_setresuid, -1, 65534, -1);
    looked = get("/v1/plugins").status;
    steered = post("/v1/stop").status;
  }).join();
  const bool another = ::geteuid() == 0;  // an ordinary user cannot become another: it may steer its own host
  EXPECT_EQ(looked, 200);
  EXPECT_EQ(steered, another ? 403 : 202);
  EXPECT_EQ(stopped_, !another);
}

TEST_F(ControlTest, WhatIsChangedIsToldWithWhoDidItAndWhatIsLookedAtIsNot) {
  serve();
  EXPECT_EQ(get("/v1/plugins").status, 200);
  EXPECT_EQ(post("/v1/config/reload").status, 200);
  advanceUntil([this] { return !get("/v1/events").body.empty(); });
  const document::Value event = parsed(get("/v1/events").body);  // one line, so one event
  EXPECT_EQ(text(event, "/kind"), "control.changed");
  EXPECT_TRUE(text(event, "/text").starts_with(fmt::format("config reload by uid {}", ::geteuid())));
  EXPECT_EQ(text(event, "/attributes/after"), "log.level, http.port");
}

TEST_F(ControlTest, StopIsAnsweredAndPassedOn) {
  serve();
  const http::Reply reply = post("/v1/stop");
  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, "{\"stopping\":true}");
  advanceUntil([this] { return stopped_.load(); });
  EXPECT_TRUE(stopped_);
}

TEST_F(ControlTest, EventsAreOneLineEachFromTheNumberAskedFor) {
  serve();
  for (const char* said : {"one", "two\n\x1b", "thr\xff"}) {
    events_.publish({.kind = "test", .plugin = "p", .text = said, .attributes = {{"k", "v"}}});
  }
  EXPECT_EQ(
      get("/v1/events?from=2").body,
      "{\"sequence\":2,\"time\":1700003600,\"kind\":\"test\",\"plugin\":\"p\",\"text\":\"two\\u000a\\u001b\","
      "\"attributes\":{\"k\":\"v\"}}\n"
      "{\"sequence\":3,\"time\":1700003600,\"kind\":\"test\",\"plugin\":\"p\",\"text\":\"thr\\ufffd\","
      "\"attributes\":{\"k\":\"v\"}}\n");
  EXPECT_EQ(get("/v1/events?from=9").body, "");
  for (const char* from : {"x", "-1", "1x", "18446744073709551616"})
    EXPECT_EQ(get(std::string("/v1/events?from=") + from).status, 422) << from;
}

TEST_F(ControlTest, AFollowerSeesKeptEventsAndThenNewOnes) {
  serve();
  events_.publish({.kind = "test", .plugin = {}, .text = "kept"});
  http::Client client(socket_);
  client.send("GET /v1/events?follow=1 HTTP/1.1\r\nHost: test\r\n\r\n");
  EXPECT_NE(client.readUntil("kept").find("application/x-ndjson"), std::string::npos);
  events_.publish({.kind = "test", .plugin = {}, .text = "new"});
  EXPECT_NE(client.readUntil("\"new\"").find("\"sequence\":2"), std::string::npos);
  server_->force();
  client.readAll();
}

TEST_F(ControlTest, WrongMethodAndPathAreToldApart) {
  serve();
  EXPECT_EQ(get("/v1/plugins/x/enable").status, 405);
  EXPECT_EQ(post("/v1/plugins").status, 405);
  EXPECT_EQ(get("/v1/nothing").status, 404);
}

TEST_F(ControlTest, HealthTellsEverybodyTheVerdictAndTheControlSocketWhatIsBehindIt) {
  auto ready = health_.condition("http", "listening", observe::Affects::kReadiness);
  serve();
  ready.unmet("starting");
  EXPECT_EQ(get("/health/live").status, 200);
  const http::Reply unready = get("/health/ready");
  EXPECT_EQ(unready.status, 503);
  EXPECT_EQ(unready.field("cache-control") + unready.field("Cache-Control"), "no-store");
  EXPECT_EQ(unready.field("Content-Type"), "application/health+json");
  EXPECT_EQ(unready.body, R"({"status":"fail"})");
  const http::Reply detail = get("/v1/health");
  EXPECT_EQ(detail.status, 200);
  EXPECT_EQ(text(parsed(detail.body), "/ready"), "fail");
  EXPECT_EQ(text(parsed(detail.body), "/live"), "pass");
  EXPECT_EQ(text(parsed(detail.body), "/checks/http:listening/0/output"), "starting");
  ready.met();
  EXPECT_EQ(get("/health/ready").status, 200);
  EXPECT_EQ(get("/health/startup").status, 200);
  EXPECT_EQ(text(parsed(get("/health/ready").body), "/status"), "pass");
}

TEST_F(ControlTest, DegradedStillServes) {
  auto cache = health_.condition("cache", "redis", observe::Affects::kDetail);
  serve();
  cache.unmet("away");
  const http::Reply reply = get("/health/ready");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(text(parsed(reply.body), "/status"), "warn");
}

TEST_F(ControlTest, MetricsArePrometheusText) {
  serve();
  const http::Reply reply = get("/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(reply.body.find("# TYPE "), std::string::npos);
}

TEST_F(ControlTest, M3_MetricsComeInTheFormatThatIsPreferred) {
  serve();
  const auto ask = [this](const std::string& fields) {
    return http::Client(socket_).get("/metrics", fields);
  };
  const http::Reply open =
      ask("Accept: "
          "application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.3,*/*;q=0.2\r\n");
  EXPECT_EQ(open.field("Content-Type"), "application/openmetrics-text; version=1.0.0; charset=utf-8");
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
  const http::Reply any = ask("Accept: */*\r\n");
  EXPECT_EQ(any.field("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_FALSE(any.body.contains("# EOF"));
  const http::Reply packed = ask("Accept-Encoding: gzip\r\n");
  EXPECT_EQ(packed.field("content-encoding"), "gzip");
  EXPECT_TRUE(packed.body.starts_with("\x1f\x8b"));
}

TEST_F(ControlTest, TopTellsWhatIsGoingOn) {
  addPackage("broken", kBroken);
  serve();
  plugins_->startWanted();
  const document::Value top = parsed(get("/v1/top").body);
  EXPECT_EQ(text(top, "/plugins/0/id"), "broken");
  EXPECT_EQ(top.at("/plugins/0/requests_per_s")->number(), 0);
  EXPECT_TRUE(top.at("/plugins/0/p99_s")->isNull());
}

TEST_F(ControlTest, AReloadOfTheConfigurationSaysWhoTookItAndWhatWaits) {
  serve();
  const auto applied = post("/v1/config/reload");
  EXPECT_EQ(applied.status, 200);
  EXPECT_EQ(
      applied.body,
      R"({"generation":7,"number":4,"changed":["log.level","http.port"],"restart":["http.port"],"configured":["a"],)"
      R"("reloaded":["b"],"warnings":[]})");
  EXPECT_EQ(post("/v1/config/reload?all=1").status, 200);
  EXPECT_EQ(desk_.whom_, (std::vector{config::Whom::kChanged, config::Whom::kAll}));
  const auto refused = post("/v1/config/reload");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(text(parsed(refused.body), "/error/message"), "revenge.yaml:1: no");
}

}  // namespace
}  // namespace revenge::admin
