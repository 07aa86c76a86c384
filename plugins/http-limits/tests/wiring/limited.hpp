// The plugin on a host whose clock stands still, with routes behind it and a provider of pipelines that answers as it is told.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

#include "wiring/http_limits_plugin.hpp"

namespace revenge::http_limits {

// In place of the plugin resilience.
class Pipelines {
 public:
  struct Settled {
    std::uint64_t token = 0;
    std::uint32_t verdict = 0;
    bool operator==(const Settled&) const = default;
  };

  explicit Pipelines(revenge::testing::FakeHost& host) : host_(host) {}
  void provide() { host_.provide(table(), this); }

  // What acquire answers from now on.
  revenge_status status = REVENGE_OK;
  revenge_resilience_permit permit = boundary::sized<revenge_resilience_permit>();
  bool waits = false;  // it takes a completion; without one it is busy
  // What it was asked, and told.
  int asked = 0;
  std::string key;
  std::uint32_t priority = 99;
  std::int64_t deadline_ns = 0;
  std::vector<Settled> settled;
  bool is_cancelled = false;
  std::uint64_t last_token = 100;

  // Ends the wait of the request that waits longest.
  void finish(revenge_status with, const revenge_resilience_permit& answer) {
    ASSERT_FALSE(waits_.empty());
    const revenge_handle wait = waits_.front();
    waits_.erase(waits_.begin());
    host_.services().finish(wait, with, {reinterpret_cast<const char*>(&answer), sizeof answer}, nullptr);
    host_.runJobs();
  }
  revenge_resilience_permit granted() {
    auto made = boundary::sized<revenge_resilience_permit>();
    made.token = ++last_token;
    return made;
  }
  static revenge_resilience_permit refused(std::uint32_t by) {
    auto made = boundary::sized<revenge_resilience_permit>();
    made.refused_by = by;
    return made;
  }
  std::size_t waiting() const { return waits_.size(); }

 private:
  static Pipelines& of(void* self) { return *static_cast<Pipelines*>(self); }

  static revenge_status acquire(void* self, const revenge_call* call,
                                const revenge_resilience_request* request, revenge_handle done,
                                revenge_resilience_permit* permit, revenge_error*) {
    Pipelines& own = of(self);
    ++own.asked;
    own.key = boundary::text(request->key);
    own.priority = request->priority;
    own.deadline_ns = call->deadline_ns;
    if (own.waits && done == 0) return REVENGE_BUSY;
    if (own.waits) {
      revenge_function cancelled = boundary::sized<revenge_function>();
      cancelled.context = self;
      cancelled.call = [](void* context, const revenge_call*, revenge_view, revenge_buffer*, revenge_error*) {
        of(context).is_cancelled = true;
        return revenge_status{REVENGE_OK};
      };
      own.host_.services().accept(own.seat_, done, &cancelled);
      own.waits_.push_back(done);
      return REVENGE_PENDING;
    }
    *permit = own.permit;
    permit->size = sizeof *permit;
    if (own.status == REVENGE_OK) permit->token = ++own.last_token;
    return own.status;
  }
  static revenge_status settle(void* self, const revenge_call*, std::uint64_t token,
                               const revenge_resilience_outcome* outcome, revenge_handle,
                               revenge_resilience_permit*, revenge_error*) {
    EXPECT_EQ(outcome->flags, std::uint32_t{REVENGE_RESILIENCE_FINAL});
    of(self).settled.push_back({token, outcome->verdict});
    return REVENGE_OK;
  }
  static const revenge_resilience& table() {
    static constexpr revenge_resilience kTable{sizeof(revenge_resilience), 0, acquire, settle};
    return kTable;
  }

  revenge::testing::FakeHost& host_;
  revenge::testing::Seat seat_{&host_, "pipelines"};
  std::vector<revenge_handle> waits_;
};

// GET /api/answer?status=: that status. /api/later: not before `responders` is used. /stream/film: 200.
struct Routes : Plugin<> {
  explicit Routes(Host& host) {
    const auto answer = [](const Request& request) {
      return empty(std::stoi(std::string(request.query("status").value_or("200"))));
    };
    host.http().get("/api/answer", answer);
    host.http().post("/api/answer", answer);
    host.http().get("/stream/film", answer);
    host.http().get("/health", answer);
    host.http().get("/api/later", [this](const Request&, Responder responder) {
      responders.push_back(std::move(responder));
    });
  }
  std::vector<Responder> responders;
};

class Limited : public ::testing::Test {
 protected:
  using Loaded = revenge::testing::Loaded<HttpLimitsPlugin>;

  Loaded load(const std::string& json = kRules) { return host_.load<HttpLimitsPlugin>(json); }
  revenge::testing::Reply& get(const std::string& target, const std::string& user = "") {
    return host_.send({.target = target, .userKey = user});
  }
  // Requests that find a queue which does not get shorter.
  void flood(std::chrono::milliseconds delay = std::chrono::milliseconds(50)) {
    for (int ms = 0; ms < 300; ++ms) {
      host_.send({.target = "/api/answer", .queueDelay = delay + std::chrono::milliseconds(ms / 4)});
      host_.advance(std::chrono::milliseconds(1));
    }
  }

  static constexpr const char* kRules = R"({"rules": [
    {"name": "api", "pattern": "/api/*", "pipeline": "per-client", "window_s": 60},
    {"name": "play", "pattern": "/stream/*", "class": "playback", "deadline_s": 10}]})";

  revenge::testing::FakeHost host_;
  Pipelines pipelines_{host_};
  revenge::testing::Loaded<Routes> routes_ = host_.load<Routes>();
};

}  // namespace revenge::http_limits
