// What callers in C++ have of a pipeline beside the result: fallbacks, reports, and hints of their own.
#include <chrono>
#include <optional>

#include <revenge/http_waits.hpp>
#include <revenge/resilience.hpp>

#include "tests/wiring/caller.hpp"

namespace revenge::resilience {
namespace {

using namespace std::chrono_literals;

// /run, /start and /launch make the same call in the three forms; each with the fallback "instead".
struct Consumer : Plugin<> {
  explicit Consumer(Host& host) : resilience(host) {
    how.report = &report;
    host.http().get("/run", [this](const Request& request) {
      return shown(resilience.run(
          request.call(), how, [&](const revenge::Call&, ResilientAttempt& note) { return attempt(note); },
          [this](const Error& why) { return instead(why); }));
    });
    host.http().get("/value", [this](const Request& request) {
      return shown(resilience.run(
          request.call(), how, [&](const revenge::Call&, ResilientAttempt& note) { return attempt(note); },
          Result<std::string>("a value")));
    });
    host.http().get("/none", [this](const Request& request) {
      return shown(resilience.run(
          request.call(), how, [&](const revenge::Call&, ResilientAttempt& note) { return attempt(note); }));
    });
    host.http().get("/start", [this](const Request& request) { return started(request); });
    host.http().get("/launch", [this, &host](const Request& request) { return launched(host, request); });
  }

  Result<std::string> attempt(ResilientAttempt& note) {
    ++attempts;
    note.retryAfter(asked_to_wait);
    if (is_final) note.setFinal();
    if (attempts <= failures) return fail(Errc::kIo, "it failed");
    return "good";
  }
  Result<std::string> instead(const Error& why) {
    reason = why.message;
    return "instead";
  }
  static Response shown(const Result<std::string>& value) {
    return text(value ? *value : value.error().message);
  }
  Task<Response> started(const Request& request) {
    const auto value = co_await resilience.start(
        request.call(), how,
        [this](const revenge::Call&, ResilientAttempt& note) -> Task<Result<std::string>> {
          co_return attempt(note);
        },
        [this](const Error& why) -> Task<Result<std::string>> { co_return instead(why); });
    co_return shown(value);
  }
  // The attempt answers when answered() is called, or at once.
  Response launched(Host&, const Request& request) {
    ended.reset();
    resilience.launch<std::string>(
        request.call(), how,
        [this](const revenge::Call&, ResilientAnswer<std::string> answer) {
          ++attempts;
          if (is_dropped) return;
          if (is_later)
            later.emplace(std::move(answer));
          else
            answer(attempts <= failures ? Result<std::string>(fail(Errc::kIo, "it failed")) : "good");
        },
        [this](Result<std::string> value) { ended = shown(value).body; },
        [this](const Error& why) { return instead(why); });
    return text("launched");
  }

  revenge::Resilience resilience;
  ResilienceReport report;
  ResilientCall how{.pipeline = "p", .repeatable = true};
  int attempts = 0;
  int failures = 0;
  bool is_final = false;
  bool is_later = false;
  bool is_dropped = false;
  std::chrono::nanoseconds asked_to_wait{0};
  std::string reason;
  std::optional<ResilientAnswer<std::string>> later;
  std::optional<std::string> ended;
};

class Fallbacks : public CallerTest {};

TEST_F(Fallbacks, ARefusalIsAnsweredByTheFallbackInEveryForm) {
  auto plugin = load(R"({"pipelines": {"p": ["fallback", {"breaker": {"failures": 1}}]}})");
  auto consumer = host_.load<Consumer>();
  consumer->failures = 1;
  EXPECT_EQ(host_.get("/run").body, "instead");
  EXPECT_EQ(consumer->reason, "it failed");
  EXPECT_EQ(host_.get("/run").body, "instead");
  EXPECT_EQ(consumer->reason, "a policy has refused the call");
  EXPECT_TRUE(consumer->report.is_fallback);
  EXPECT_EQ(consumer->report.refused_by, std::uint32_t{REVENGE_RESILIENCE_CIRCUIT_OPEN});
  EXPECT_EQ(consumer->report.retry_after, 30s);
  EXPECT_EQ(host_.get("/value").body, "a value");
  EXPECT_EQ(host_.get("/start").body, "instead");
  (void)host_.get("/launch");
  EXPECT_EQ(consumer->ended, "instead");
  EXPECT_EQ(host_.get("/none").body, "p.breaker: the circuit is open");
  EXPECT_EQ(consumer->attempts, 1);
}

TEST_F(Fallbacks, WithoutPoliciesAFailureIsAnsweredAndAGoodCallIsNot) {
  auto consumer = host_.load<Consumer>();
  EXPECT_EQ(host_.get("/run").body, "good");
  EXPECT_FALSE(consumer->report.is_fallback);
  EXPECT_TRUE(consumer->report.is_plain);
  consumer->failures = 100;
  EXPECT_EQ(host_.get("/run").body, "instead");
  EXPECT_EQ(host_.get("/start").body, "instead");
  EXPECT_EQ(host_.get("/none").body, "it failed");
}

TEST_F(Fallbacks, ARefusalSaysWhenToAskAgainAndWhatIsLeft) {
  auto plugin = load(R"({"pipelines": {"p": [{"rate": {"permits": 1, "burst": 2}}]}})");
  auto consumer = host_.load<Consumer>();
  EXPECT_EQ(host_.get("/run").body, "good");
  EXPECT_EQ(consumer->report.limit, 2u);
  EXPECT_EQ(consumer->report.remaining, 1u);
  EXPECT_EQ(consumer->report.reset, 1s);
  EXPECT_EQ(consumer->report.attempts, 1u);
  EXPECT_EQ(host_.get("/run").body, "good");
  EXPECT_EQ(host_.get("/none").body, "p.rate: too many calls in this time");
  EXPECT_EQ(consumer->report.refused_by, std::uint32_t{REVENGE_RESILIENCE_RATE_LIMITED});
  EXPECT_EQ(consumer->report.retry_after, 1s);
  EXPECT_EQ(consumer->report.remaining, 0u);
}

TEST_F(Fallbacks, WhatTheOtherSideAsksForIsWaited) {
  auto plugin = load(R"({"pipelines": {"p": ["retry"]}})");
  auto consumer = host_.load<Consumer>();
  consumer->failures = 1;
  consumer->asked_to_wait = 7s;
  auto& reply = host_.get("/start");
  host_.advance(6s);
  EXPECT_EQ(consumer->attempts, 1);
  host_.advance(3s);
  EXPECT_EQ(consumer->attempts, 2);
  EXPECT_EQ(reply.body, "good");
}

TEST_F(Fallbacks, AnErrorThatNothingMendsIsNotTriedAgain) {
  auto plugin = load(R"({"pipelines": {"p": ["retry"]}})");
  auto consumer = host_.load<Consumer>();
  consumer->failures = 1;
  consumer->is_final = true;
  consumer->asked_to_wait = 7s;
  EXPECT_EQ(host_.get("/none").body, "it failed");
  EXPECT_EQ(consumer->attempts, 1);
  EXPECT_EQ(consumer->report.retry_after, 7s);
}

TEST_F(Fallbacks, AnAttemptThatAnswersLaterIsWaitedForAndOneThatIsDroppedHasFailed) {
  auto plugin = load(R"({"pipelines": {"p": [{"breaker": {"failures": 1}}, "bulkhead"]}})");
  auto consumer = host_.load<Consumer>();
  consumer->is_later = true;
  (void)host_.get("/launch");
  EXPECT_FALSE(consumer->ended);
  EXPECT_TRUE(list().contains(R"("in_flight": 1)")) << list();
  (*consumer->later)("later");
  EXPECT_EQ(consumer->ended, "later");
  EXPECT_TRUE(list().contains(R"("in_flight": 0, "most")")) << list();
  consumer->is_dropped = true;
  (void)host_.get("/launch");
  EXPECT_EQ(consumer->ended, "the attempt was dropped without an answer");
  EXPECT_TRUE(list().contains(R"("state": "open")")) << list();
}

TEST(HttpWaits, WhatRemainsIsRoundedDownAndReadBackAsAMoment) {
  revenge::testing::FakeHost host;
  struct Nobody : Plugin<> {
    explicit Nobody(Host&) {}
    using Plugin<>::host;
  };
  auto plugin = host.load<Nobody>();
  const auto now = plugin->host().clock().now();
  const revenge::Call call = plugin->host().call();
  EXPECT_EQ(remainingText(call, now), std::nullopt);
  const NearerCall nearer(plugin->host(), call, now + 1500ms + 999us);
  EXPECT_EQ(remainingText(nearer, now), "1500");
  EXPECT_EQ(remainingText(nearer, now + 2s), "0");
  EXPECT_EQ(deadlineOf("1500", now), now + 1500ms);
  const auto never = std::chrono::steady_clock::time_point::max();
  for (const char* wrong : {"", "-1", "1.5", "12345678901", "1 2", "soon"})
    EXPECT_EQ(deadlineOf(wrong, now), never);
  EXPECT_EQ(deadlineOf(std::nullopt, now), never);
  const NearerCall kept(plugin->host(), nearer, deadlineOf("60000", now));
  EXPECT_EQ(static_cast<revenge::Call>(kept).deadline(), now + 1500ms + 999us);
}

TEST(HttpWaits, RetryAfterIsSecondsOrADate) {
  using std::chrono::sys_days;
  const auto now = sys_days(1994y / std::chrono::November / 6) + 8h + 49min;
  EXPECT_EQ(retryAfter("120", now), 120s);
  EXPECT_EQ(retryAfter(" 0 ", now), 0s);
  EXPECT_EQ(retryAfter("Sun, 06 Nov 1994 08:49:37 GMT", now), 37s);
  EXPECT_EQ(retryAfter("Sun, 06 Nov 1994 08:48:00 GMT", now), 0s);
  for (const char* wrong :
       {"", "soon", "-5", "Sun, 06 Nox 1994 08:49:37 GMT", "Sun, 36 Nov 1994 08:49:37 GMT"})
    EXPECT_EQ(retryAfter(wrong, now), 0s) << wrong;
  EXPECT_EQ(retryAfter(std::nullopt, now), 0s);
}

}  // namespace
}  // namespace revenge::resilience
