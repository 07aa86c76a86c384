#include "limits/answer.hpp"

#include <limits>
#include <string>

#include <gtest/gtest.h>

namespace revenge::http_limits {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::string body(Refusal refusal, std::string_view rule = "api", const Quota& quota = {},
                 const Measured& measured = {}) {
  Answer answer;
  writeRefusal(answer, refusal, rule, milliseconds(1200), quota, measured);
  EXPECT_FALSE(answer.body.cut());
  return std::string(answer.body.view());
}

std::string retryAfter(Duration retry_after, const Quota& quota = {},
                       Refusal refusal = Refusal::kRateLimited) {
  Answer answer;
  writeRefusal(answer, refusal, "api", retry_after, quota);
  return std::string(answer.retry_after.view());
}

struct Told {
  std::string limit;
  std::string policy;
};
Told told(std::string_view rule, const Quota& quota) {
  Answer answer;
  writeQuota(answer, policyName(rule), quota);
  EXPECT_FALSE(answer.rate_limit.cut() || answer.rate_limit_policy.cut());
  return {std::string(answer.rate_limit.view()), std::string(answer.rate_limit_policy.view())};
}

TEST(Refusals, EachHasItsStatus) {
  EXPECT_EQ(statusOf(Refusal::kRateLimited), 429);
  EXPECT_EQ(statusOf(Refusal::kShed), 503);
  EXPECT_EQ(statusOf(Refusal::kOverloaded), 503);
  EXPECT_EQ(statusOf(Refusal::kDeadline), 504);
  EXPECT_EQ(statusOf(Refusal::kSlowRequest), 408);
  EXPECT_EQ(statusOf(Refusal::kBodyTooLarge), 413);
  EXPECT_EQ(statusOf(Refusal::kHeadersTooLarge), 431);
  EXPECT_EQ(codeOf(Refusal::kShed), "shed");
}

TEST(Refusals, TheBodyIsCodeMessageAndDetails) {
  EXPECT_EQ(
      body(Refusal::kRateLimited, "api", {.limit = 100, .remaining = 0, .reset = seconds(1), .window = {}}),
      R"({"code":"rate_limited","message":"too many requests; wait before the next",)"
      R"("details":{"rule":"api","retry_after_s":2,"limit":100}})");
  EXPECT_EQ(body(Refusal::kBodyTooLarge, "api", {}, {.limit = 10, .seen = 11}),
            R"({"code":"body_too_large","message":"the request's body is larger than allowed here",)"
            R"("details":{"rule":"api","limit":10,"seen":11}})");
}

TEST(Refusals, ARulesNameCannotLeaveItsString) {
  EXPECT_NE(body(Refusal::kDeadline, "a\"b\\c").find(R"("rule":"a\"b\\c")"), std::string::npos);
  EXPECT_NE(body(Refusal::kDeadline, "a\n\x01").find(R"("rule":"a\u000a\u0001")"), std::string::npos);
  EXPECT_NE(body(Refusal::kDeadline, "\xc3\xa9").find(R"("rule":"??")"), std::string::npos);
}

TEST(Refusals, TheLongestNameFitsWhateverItHolds) {
  for (const char c : {'x', '"', '\x01', '\xff'})
    for (std::size_t kind = 0; kind < kRefusals; ++kind)
      EXPECT_TRUE(
          body(static_cast<Refusal>(kind), std::string(kMaxRuleName + 10, c),
               {.limit = std::numeric_limits<std::int64_t>::max(), .remaining = 0, .reset = {}, .window = {}})
              .ends_with("}}"));
}

TEST(Refusals, RetryAfterIsWholeSecondsRoundedUpAndOneAtLeast) {
  EXPECT_EQ(retryAfter(milliseconds(0)), "1");
  EXPECT_EQ(retryAfter(milliseconds(-5)), "1");
  EXPECT_EQ(retryAfter(milliseconds(1000)), "1");
  EXPECT_EQ(retryAfter(Duration(1'000'000'001)), "2");
  EXPECT_EQ(retryAfter(hours(24)), "86400");
  EXPECT_EQ(retryAfter(Duration::max()), "9223372037");
}

TEST(Refusals, RetryAfterIsNotBeforeTheQuotasReset) {
  EXPECT_EQ(retryAfter(seconds(1), {.limit = 5, .remaining = 0, .reset = milliseconds(2500), .window = {}}),
            "3");
}

TEST(Refusals, WhereComingBackDoesNotHelpNothingSaysWhen) {
  EXPECT_EQ(retryAfter(seconds(5), {}, Refusal::kBodyTooLarge), "");
  EXPECT_EQ(retryAfter(seconds(5), {}, Refusal::kHeadersTooLarge), "");
  EXPECT_EQ(retryAfter(seconds(5), {}, Refusal::kDeadline), "");
  EXPECT_EQ(retryAfter(seconds(5), {}, Refusal::kSlowRequest), "");
  EXPECT_EQ(retryAfter(seconds(5), {}, Refusal::kShed), "5");
}

TEST(RateLimitFields, AreTheExamplesOfTheDraft) {
  const Told fields = told(
      "default", {.limit = 100, .remaining = 50, .reset = seconds(30), .window = std::chrono::minutes(1)});
  EXPECT_EQ(fields.limit, R"("default";r=50;t=30)");
  EXPECT_EQ(fields.policy, R"("default";q=100;w=60)");
}

TEST(RateLimitFields, WithoutAWindowNoneIsTold) {
  EXPECT_EQ(told("daily", {.limit = 3, .remaining = 1, .reset = {}, .window = {}}).policy, R"("daily";q=3)");
}

TEST(RateLimitFields, WithoutALimitNothingIsTold) {
  EXPECT_EQ(told("daily", {}).limit, "");
  EXPECT_EQ(told("daily", {}).policy, "");
}

TEST(RateLimitFields, NamesAreStringsOfAStructuredField) {
  EXPECT_EQ(told("a\"b\\c", {.limit = 1}).policy, R"("a\"b\\c";q=1)");
  EXPECT_EQ(told("caf\xc3\xa9\n", {.limit = 1}).policy, R"("caf???";q=1)");
  EXPECT_EQ(told(std::string(100, '"'), {.limit = 1}).policy.size(), 2 * kMaxRuleName + 2 + 4);
}

TEST(RateLimitFields, NumbersStayWithinFifteenDigits) {
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  const Told fields =
      told("x", {.limit = kHuge, .remaining = -3, .reset = Duration(-1), .window = Duration(1)});
  EXPECT_EQ(fields.limit, R"("x";r=0;t=0)");
  EXPECT_EQ(fields.policy, R"("x";q=999999999999999;w=1)");
}

}  // namespace
}  // namespace revenge::http_limits
