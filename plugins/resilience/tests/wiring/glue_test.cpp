#include <chrono>
#include <stdexcept>

#include <revenge/resilience.hpp>

#include "tests/wiring/caller.hpp"

namespace revenge::resilience {
namespace {

using namespace std::chrono_literals;

// Its calls go through revenge::Resilience; /run blocks, /start does not.
struct Consumer : Plugin<> {
  explicit Consumer(Host& host) : resilience(host) {
    host.health().check("resilience", [this] { return resilience.health(); });
    host.http().get("/run", [this](const Request& request) { return blocked(request); });
    host.http().get("/start", [this](const Request& request) { return started(request); });
  }
  Result<std::string> attempt(const revenge::Call& call) {
    ++attempts;
    deadline = call.deadline();
    if (throws) throw std::runtime_error("thrown");
    if (attempts <= failures) return fail(Errc::kIo, "it failed");
    return "good";
  }
  Response blocked(const Request& request) {
    const auto value =
        resilience.run(request.call(), how, [&](const revenge::Call& call) { return attempt(call); });
    return text(value ? *value : value.error().message);
  }
  Task<Response> started(const Request& request) {
    const auto value = co_await resilience.start(
        request.call(), how,
        [&](const revenge::Call& call) -> Task<Result<std::string>> { co_return attempt(call); });
    co_return text(value ? *value : value.error().message);
  }

  revenge::Resilience resilience;
  ResilientCall how{.pipeline = "p", .repeatable = true};
  int attempts = 0;
  int failures = 0;
  bool throws = false;
  std::optional<std::chrono::steady_clock::time_point> deadline;
};

class Glue : public CallerTest {};

TEST_F(Glue, WithoutAProviderTheCallIsMadePlainlyAndHealthSaysSo) {
  auto consumer = host_.load<Consumer>();
  EXPECT_EQ(host_.get("/run").body, "good");
  EXPECT_EQ(host_.get("/start").body, "good");
  EXPECT_EQ(consumer->resilience.plainCalls(), 2u);
  EXPECT_TRUE(host_.check("resilience").error().message.contains("2 so far"));
  auto plugin = load(R"({"pipelines": {"p": ["breaker"]}})");
  EXPECT_EQ(host_.get("/run").body, "good");
  EXPECT_EQ(consumer->resilience.plainCalls(), 2u);
  EXPECT_TRUE(host_.check("resilience"));
}

TEST_F(Glue, APipelineThatIsNotThereIsNoReasonNotToCall) {
  auto plugin = load(R"({"pipelines": {}})");
  auto consumer = host_.load<Consumer>();
  EXPECT_EQ(host_.get("/run").body, "good");
  EXPECT_EQ(consumer->resilience.plainCalls(), 1u);
}

TEST_F(Glue, ACoroutineTriesAgainAfterTheDelay) {
  auto plugin = load(R"({"pipelines": {"p": [{"timeout": {"limit_s": 5}}, "retry"]}})");
  auto consumer = host_.load<Consumer>();
  consumer->failures = 2;
  auto& reply = host_.get("/start");
  EXPECT_EQ(consumer->attempts, 1);
  EXPECT_EQ(consumer->deadline, host_.clock().now() + 5s);
  host_.advance(1s);
  EXPECT_EQ(consumer->attempts, 3);
  EXPECT_EQ(reply.body, "good");
}

TEST_F(Glue, WhatTheAttemptSaysIsTheResultAndARefusalTheRest) {
  auto plugin = load(R"({"pipelines": {"p": ["breaker"]}})");
  auto consumer = host_.load<Consumer>();
  consumer->failures = 100;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(host_.get("/run").body, "it failed");
  EXPECT_EQ(host_.get("/run").body, "p.breaker: the circuit is open");
  EXPECT_EQ(host_.get("/start").body, "p.breaker: the circuit is open");
  EXPECT_EQ(consumer->attempts, 5);
}

TEST_F(Glue, AnAttemptThatThrowsIsAFailureAndHoldsNothing) {
  auto plugin = load(R"({"pipelines": {"p": [{"breaker": {"failures": 2}}, "bulkhead"]}})");
  auto consumer = host_.load<Consumer>();
  consumer->throws = true;
  EXPECT_EQ(host_.get("/run").status, 500);
  EXPECT_EQ(host_.get("/start").status, 500);
  EXPECT_TRUE(list().contains(R"("in_flight": 0)")) << list();
  EXPECT_EQ(host_.get("/run").body, "p.breaker: the circuit is open");
}

}  // namespace
}  // namespace revenge::resilience
