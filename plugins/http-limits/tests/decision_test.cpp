#include <string_view>

#include <gtest/gtest.h>

#include "decision_fixture.hpp"

namespace revenge::http_limits {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Passage = Tally::Passage;

constexpr TrafficClass kBrowsing = TrafficClass::kBrowsing;
constexpr TrafficClass kPlayback = TrafficClass::kPlayback;

TEST_F(Decisions, WhatIsGrantedGoesOnWithAPermitADeadlineAndItsQuota) {
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->permit.token, 7U);
  EXPECT_EQ(decision_->deadline, now_ + seconds(30));
  EXPECT_EQ(decision_->answer.rate_limit.view(), R"("api";r=99;t=1)");
  EXPECT_EQ(decision_->answer.rate_limit_policy.view(), R"("api";q=100;w=60)");
  EXPECT_EQ(gate_.pipeline, "per-client");
  EXPECT_EQ(gate_.priority, kBrowsing);
  EXPECT_EQ(gate_.deadline, decision_->deadline);
  EXPECT_EQ(tally_.passes(kBrowsing, Passage::kAdmitted), 1U);
}

TEST_F(Decisions, WhatTheRateForbidsIs429WithWhenToComeBack) {
  gate_.answer = {.kind = GateAnswer::Kind::kRateLimited,
                  .permit = {},
                  .limit = 100,
                  .remaining = 0,
                  .reset = milliseconds(1500),
                  .retry_after = milliseconds(10)};
  EXPECT_EQ(status(), 429);
  EXPECT_EQ(decision_->permit.token, 0U);
  EXPECT_EQ(decision_->answer.retry_after.view(), "2");
  EXPECT_EQ(decision_->answer.rate_limit.view(), R"("api";r=0;t=2)");
  EXPECT_EQ(tally_.refusals(kBrowsing, Refusal::kRateLimited), 1U);
  EXPECT_EQ(tally_.passes(kBrowsing, Passage::kAdmitted), 0U);
}

TEST_F(Decisions, WhereNoPlaceIsFreeItIs503) {
  gate_.answer = {.kind = GateAnswer::Kind::kOverloaded, .permit = {}, .retry_after = seconds(3)};
  EXPECT_EQ(status(), 503);
  EXPECT_EQ(decision_->answer.retry_after.view(), "3");
  EXPECT_TRUE(decision_->answer.rate_limit.empty());
}

TEST_F(Decisions, WithoutAKeeperOfLimitsTheRequestGoesOnAndIsCounted) {
  gate_.answer = {.kind = GateAnswer::Kind::kUnavailable, .permit = {}, .limit = 5};
  EXPECT_EQ(status(), 200);
  EXPECT_TRUE(decision_->answer.rate_limit.empty());
  EXPECT_EQ(tally_.passes(kBrowsing, Passage::kUngated), 1U);
}

TEST_F(Decisions, ARuleWithoutAPipelineAsksNobody) {
  request_.path = "/stream/7/a.ts";
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(gate_.asked, 0);
  EXPECT_EQ(decision_->deadline, now_ + seconds(10));
  EXPECT_EQ(tally_.passes(kPlayback, Passage::kAdmitted), 1U);
}

TEST_F(Decisions, WhatNoRuleMatchesFallsToTheFallback) {
  request_.path = "/elsewhere";
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->rule->name, "default");
}

TEST_F(Decisions, TheClientBehindATrustedProxyIsCounted) {
  request_.remote_address = "10.0.0.1";
  header("x-forwarded-for", "198.51.100.4, 203.0.113.9");
  header("x-forwarded-for", "10.0.0.2");
  EXPECT_EQ(key(), "addr:203.0.113.9");
  request_.remote_address = "203.0.113.7";
  EXPECT_EQ(key(), "addr:203.0.113.7");
}

TEST_F(Decisions, AKnownApiKeyIsCountedByItsHashFromHeaderOrQuery) {
  header("x-api-key", "good");
  const std::string by_header = key();
  EXPECT_EQ(by_header.substr(0, 4), "key:");
  headers_.clear();
  query_ = {{"api_key", "good"}};
  EXPECT_EQ(key(), by_header);
}

TEST_F(Decisions, AnUnknownApiKeyIsCountedByItsAddress) {
  header("x-api-key", "made up");
  EXPECT_EQ(key(), "addr:203.0.113.7");
  request_.api_key_proved = true;
  EXPECT_EQ(key().substr(0, 4), "key:");
}

TEST_F(Decisions, OnlyAProvedUserIsCountedByName) {
  request_.user_key = "anon-123";
  EXPECT_EQ(key(), "addr:203.0.113.7");
  request_.user_key = "ada";
  EXPECT_EQ(key(), "user:ada");
}

TEST_F(Decisions, TheTimeInTheQueueIsPartOfTheDeadline) {
  request_.age = seconds(29);
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->deadline, now_ + seconds(1));
  request_.age = seconds(30);
  EXPECT_EQ(status(), 504);
  EXPECT_EQ(gate_.asked, 1) << "nothing is acquired for it";
}

TEST_F(Decisions, ATrustedCallersDeadlineCounts) {
  header("x-request-timeout-ms", "250");
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->deadline, now_ + seconds(30)) << "a stranger's does not";
  request_.remote_address = "10.0.0.1";
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->deadline, now_ + milliseconds(250));
  headers_[0].value = "0";
  EXPECT_EQ(status(), 504);
}

TEST_F(Decisions, ABodyOverItsLimitIs413) {
  settings_.rules[0].max_body_bytes = 1000;
  request_.content_length = 1000;
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->max_body_bytes, 1000);
  request_.content_length = 1001;
  EXPECT_EQ(status(), 413);
  EXPECT_NE(decision_->answer.body.view().find(R"("limit":1000,"seen":1001)"), std::string_view::npos);
}

TEST_F(Decisions, HeadersOverTheirLimitsAre431) {
  settings_.rules[0].max_headers = 2;
  settings_.rules[0].max_header_bytes = 20;
  header("a", "1234");
  header("b", "12345");
  EXPECT_EQ(status(), 200) << "9 and 10 bytes, with what stands around them";
  headers_[1].value = "1234567";
  EXPECT_EQ(status(), 431);
  headers_[1].value = "";
  header("c", "");
  EXPECT_EQ(status(), 431) << "three are more than two";
}

TEST_F(Decisions, UnderLoadBrowsingIsShedAndPlaybackGoesOn) {
  flood();
  request_.queue_delay = milliseconds(50);
  EXPECT_EQ(status(), 503);
  EXPECT_EQ(decision_->refusal, Refusal::kShed);
  EXPECT_EQ(decision_->answer.retry_after.view(), "1");
  EXPECT_EQ(gate_.asked, 0) << "what is shed takes nothing from its client's quota";
  request_.path = "/stream/7/a.ts";
  EXPECT_EQ(status(), 200);
}

TEST_F(Decisions, WithoutSheddingLoadIsNobodysMatter) {
  settings_.shed.enabled = false;
  flood();
  request_.queue_delay = milliseconds(50);
  EXPECT_EQ(status(), 200);
}

TEST_F(Decisions, NoAnswerHoldsAnApiKey) {
  header("x-api-key", "good");
  gate_.answer = {.kind = GateAnswer::Kind::kRateLimited, .permit = {}, .limit = 1};
  EXPECT_EQ(status(), 429);
  EXPECT_EQ(decision_->answer.body.view().find("good"), std::string_view::npos);
  EXPECT_EQ(decision_->key.view().find("good"), std::string_view::npos);
}

}  // namespace
}  // namespace revenge::http_limits
