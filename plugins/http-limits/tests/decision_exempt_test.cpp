// Who is exempt, and what a dry run does.
#include <string_view>

#include <gtest/gtest.h>

#include "decision_fixture.hpp"

namespace revenge::http_limits {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Passage = Tally::Passage;

constexpr TrafficClass kBrowsing = TrafficClass::kBrowsing;

TEST_F(Decisions, TheExemptAreNeitherShedNorCounted) {
  settings_.exempt.users = {"ada"};
  settings_.rules[0].exempt.addresses = {"203.0.113.0/24"};
  flood();
  request_.queue_delay = milliseconds(50);
  EXPECT_EQ(status(), 200);
  EXPECT_TRUE(decision_->exempt);
  EXPECT_EQ(gate_.asked, 0);
  EXPECT_EQ(tally_.passes(kBrowsing, Passage::kExempt), 1U);
  request_.remote_address = "198.51.100.1";
  EXPECT_EQ(status(), 503);
  request_.user_key = "ada";
  EXPECT_EQ(status(), 200);
}

TEST_F(Decisions, AnExemptApiKeyNeedsNobodyToKnowIt) {
  settings_.exempt.api_keys = {"s3cret"};
  header("x-api-key", "s3cret");
  decide();
  EXPECT_TRUE(decision_->exempt);
}

TEST_F(Decisions, NonsenseInAForwardingFieldExemptsNobodyByTheProxysAddress) {
  settings_.exempt.addresses = {"10.0.0.0/8"};
  request_.remote_address = "10.0.0.1";
  decide();
  EXPECT_TRUE(decision_->exempt);
  header("x-forwarded-for", "nonsense");
  EXPECT_EQ(key(), "addr:10.0.0.1");
  EXPECT_FALSE(decision_->exempt);
}

TEST_F(Decisions, APeerWithoutAnAddressIsCountedAndNotExempt) {
  settings_.exempt.addresses = {"::/0"};
  request_.remote_address = "@unix";
  EXPECT_EQ(key(), "addr:::/64");
}

TEST_F(Decisions, ADryRunCountsAndRefusesNothing) {
  settings_.rules[0].dry_run = true;
  settings_.rules[0].max_body_bytes = 10;
  request_.content_length = 11;
  request_.age = seconds(31);
  request_.queue_delay = seconds(31);
  gate_.answer = {.kind = GateAnswer::Kind::kRateLimited, .permit = {}, .limit = 1};
  flood();
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->refusal, Refusal::kBodyTooLarge);
  EXPECT_EQ(decision_->deadline, kNever);
  EXPECT_TRUE(decision_->answer.rate_limit.empty());
  for (const Refusal refusal :
       {Refusal::kBodyTooLarge, Refusal::kDeadline, Refusal::kShed, Refusal::kRateLimited}) {
    EXPECT_EQ(tally_.dryRefusals(kBrowsing, refusal), 1U) << codeOf(refusal);
    EXPECT_EQ(tally_.refusals(kBrowsing, refusal), 0U) << codeOf(refusal);
  }
  EXPECT_EQ(tally_.passes(kBrowsing, Passage::kAdmitted), 1U);
}

TEST_F(Decisions, ADryRunOfAllIsADryRunOfEach) {
  settings_.dry_run = true;
  gate_.answer = {.kind = GateAnswer::Kind::kOverloaded, .permit = {}};
  EXPECT_EQ(status(), 200);
}

TEST_F(Decisions, ThePermitOfADryRunIsStillSettled) {
  settings_.dry_run = true;
  EXPECT_EQ(status(), 200);
  EXPECT_EQ(decision_->permit.token, 7U);
}

}  // namespace
}  // namespace revenge::http_limits
