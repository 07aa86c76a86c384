// Decisions from several threads on one queue's state: every request is counted once, every permit is one.
#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "limits/decision.hpp"
#include "limits/settings.hpp"

namespace revenge::http_limits {
namespace {

constexpr int kThreads = 4;
constexpr int kCalls = 50'000;

// Grants two of three, and counts what it has granted.
class CountingGate final : public Gate {
 public:
  GateAnswer acquire(const GateRequest&, Instant) override {
    const std::uint64_t call = calls.fetch_add(1);
    if (call % 3 == 0)
      return {.kind = GateAnswer::Kind::kRateLimited, .permit = {}, .retry_after = std::chrono::seconds(1)};
    granted.fetch_add(1);
    return {.permit = {call + 1}};
  }
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> granted{0};
};

std::uint64_t countedIn(const Tally& tally) {
  std::uint64_t sum = 0;
  for (std::size_t traffic = 0; traffic < kTrafficClasses; ++traffic) {
    const auto of = static_cast<TrafficClass>(traffic);
    for (std::size_t i = 0; i < Tally::kPassages; ++i)
      sum += tally.passes(of, static_cast<Tally::Passage>(i));
    for (std::size_t i = 0; i < kRefusals; ++i) sum += tally.refusals(of, static_cast<Refusal>(i));
  }
  return sum;
}

TEST(DecisionThreads, OutcomesSumUpToTheCallsAndPermitsToTheGrants) {
  Settings settings;
  settings.rules = {{.name = "api", .pattern = "/api/*", .pipeline = "p", .deadline_s = 3600},
                    {.name = "play", .pattern = "/stream/*", .traffic_class = "playback", .pipeline = "p"},
                    {.name = "scan", .pattern = "/scan", .traffic_class = "background"}};
  settings.exempt.users = {"ada"};
  const Policy policy = policyOf(settings, {1, 2});
  Codel codel{policy.shedding};
  CountingGate gate;
  Tally tally;
  const Admission admission(policy, codel, gate, tally);
  std::atomic<std::uint64_t> permits{0};
  std::atomic<std::uint64_t> playback_shed{0};
  {
    std::vector<std::jthread> threads;
    threads.reserve(kThreads);
    for (int thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&, thread] {
        static constexpr std::string_view kPaths[] = {"/api/1", "/stream/1", "/scan"};
        for (int i = 0; i < kCalls; ++i) {
          RequestView request;
          request.path = kPaths[(i + thread) % 3];
          request.remote_address = "203.0.113.7";
          request.user_key = i % 7 == 0 ? "ada" : "bob";
          request.queue_delay = std::chrono::milliseconds(i % 20'000 < 15'000 ? 40 : 1);
          Decision decision;
          admission.decide(request, Instant(std::chrono::hours(1)) + std::chrono::microseconds(20 * i),
                           decision);
          if (decision.permit.token != 0) permits.fetch_add(1);
          if (decision.refusal == Refusal::kShed && decision.rule->traffic == TrafficClass::kPlayback)
            playback_shed.fetch_add(1);
        }
      });
  }
  EXPECT_EQ(countedIn(tally), static_cast<std::uint64_t>(kThreads) * kCalls);
  EXPECT_EQ(permits, gate.granted);
  EXPECT_EQ(playback_shed, 0U);
  EXPECT_GT(tally.refusals(TrafficClass::kBackground, Refusal::kShed), 0U);
}

}  // namespace
}  // namespace revenge::http_limits
