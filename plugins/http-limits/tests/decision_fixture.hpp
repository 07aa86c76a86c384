// A decision's surroundings under the control of a test: settings, queue, gate, clock. Thread safety: one thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "limits/decision.hpp"
#include "limits/settings.hpp"
#include "limits/validation.hpp"

namespace revenge::http_limits {

// Answers what it is told to, and remembers what it was asked.
class ScriptedGate final : public Gate {
 public:
  GateAnswer acquire(const GateRequest& request, Instant) override {
    ++asked;
    pipeline = request.pipeline;
    key = request.key;
    priority = request.priority;
    deadline = request.deadline;
    return answer;
  }
  GateAnswer answer{.permit = {7}, .limit = 100, .remaining = 99, .reset = std::chrono::seconds(1)};
  int asked = 0;
  std::string pipeline;
  std::string key;
  TrafficClass priority = TrafficClass::kBackground;
  Instant deadline;
};

class Decisions : public testing::Test {
 protected:
  Decisions() {
    settings_.rules = {
        {.name = "api", .pattern = "/api/*", .pipeline = "per-client", .window_s = 60},
        {.name = "play", .pattern = "/stream/*", .traffic_class = "playback", .deadline_s = 10}};
    settings_.trust = {.proxies = {"10.0.0.0/8"}, .field = "x-forwarded-for", .max_hops = 16};
    settings_.api_key = {.header = "X-Api-Key", .query = "api_key", .known = {"good"}};
    request_.path = "/api/items";
    request_.remote_address = "203.0.113.7";
  }

  void decide() {
    ASSERT_TRUE(findingsOf(settings_).empty());
    policy_ = policyOf(settings_, {1, 2});
    request_.headers = headers_;
    request_.query = query_;
    decision_.emplace();
    Admission(policy_, codel_, gate_, tally_).decide(request_, now_, *decision_);
  }
  std::uint16_t status() {
    decide();
    return decision_->admitted ? 200 : decision_->answer.status;
  }
  std::string key() {
    decide();
    return gate_.key;
  }
  // A queue that rises by browsing alone, for an interval.
  void flood() {
    for (int ms = 0; ms <= 100; ++ms, now_ += std::chrono::milliseconds(1))
      (void)codel_.judge(TrafficClass::kBrowsing, std::chrono::milliseconds(6 + ms * 2 / 3), now_);
    ASSERT_EQ(codel_.level(), 2);
  }
  void header(std::string_view name, std::string_view value) { headers_.push_back({name, value}); }

  Settings settings_;
  Policy policy_ = policyOf({}, {});
  Codel codel_{CodelOptions{}};
  ScriptedGate gate_;
  Tally tally_;
  Instant now_{std::chrono::hours(5)};
  std::vector<Field> headers_;
  std::vector<Field> query_;
  RequestView request_;
  std::optional<Decision> decision_;
};

}  // namespace revenge::http_limits
