// The plugin on a host whose clock stands still, and callers of it as the host would let them in.
#pragma once

#include <cstring>
#include <optional>
#include <string>

#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

#include "wiring/resilience_plugin.hpp"

namespace revenge::resilience {

// What a completion brought.
struct Done {
  std::optional<revenge_status> status;
  revenge_resilience_permit permit{};

  static void complete(void* context, revenge_status status, revenge_view result, const revenge_error*) {
    auto& self = *static_cast<Done*>(context);
    EXPECT_FALSE(self.status) << "completed twice";
    self.status = status;
    if (result.size == sizeof self.permit) std::memcpy(&self.permit, result.data, sizeof self.permit);
  }
};

class CallerTest : public ::testing::Test {
 protected:
  using Plugin = revenge::testing::Loaded<ResiliencePlugin>;

  Plugin load(const std::string& json) { return host_.load<ResiliencePlugin>(json); }

  revenge_status acquire(revenge_resilience_permit& permit, std::uint32_t flags = 0, Done* done = nullptr) {
    auto request = boundary::sized<revenge_resilience_request>();
    request.flags = flags;
    request.pipeline = boundary::view(pipeline_);
    request.key = boundary::view(key_);
    request.priority = REVENGE_BROWSING;
    request.permits = permits_;
    return inside(
        [&](const revenge_resilience& table, void* self, const revenge_call* call, revenge_handle handle) {
          return table.acquire(self, call, &request, handle, &permit, &error_);
        },
        done, permit);
  }
  revenge_status settle(std::uint64_t token, std::uint32_t verdict, revenge_resilience_permit& next,
                        Done* done = nullptr) {
    auto outcome = boundary::sized<revenge_resilience_outcome>();
    outcome.verdict = verdict;
    return inside(
        [&](const revenge_resilience& table, void* self, const revenge_call* call, revenge_handle handle) {
          return table.settle(self, call, token, &outcome, handle, &next, &error_);
        },
        done, next);
  }
  // In one go; what acquire answers when it refuses.
  revenge_status call(std::uint32_t verdict) {
    revenge_resilience_permit permit{};
    const revenge_status status = acquire(permit);
    if (status != REVENGE_OK) return status;
    return settle(permit.token, verdict, permit);
  }
  std::uint64_t hold() {
    revenge_resilience_permit permit{};
    EXPECT_EQ(acquire(permit), REVENGE_OK) << boundary::text(error_);
    return permit.token;
  }
  std::string list() { return host_.run("list").value_or("refused"); }

  revenge::testing::FakeHost host_;
  std::string pipeline_ = "p";
  std::string key_;
  std::uint32_t permits_ = 0;
  std::uint64_t caller_ = 0;
  std::int64_t deadline_ns_ = 0;
  boundary::ErrorText error_;
  revenge_handle wait_ = 0;  // the last that was opened

 private:
  template <class Function>
  revenge_status inside(Function function, Done* done, revenge_resilience_permit& permit) {
    permit = boundary::sized<revenge_resilience_permit>();
    auto call = boundary::sized<revenge_call>();
    call.caller = caller_;
    call.deadline_ns = deadline_ns_;
    auto entry = boundary::sized<revenge_entry>();
    if (slot_ == 0) slot_ = host_.services().require(REVENGE_RESILIENCE_ID);
    if (host_.services().enter(call, slot_, entry) != REVENGE_OK) return REVENGE_UNAVAILABLE;
    revenge_handle handle = 0;
    if (done != nullptr) {
      auto completion = boundary::sized<revenge_completion>();
      completion.context = done;
      completion.complete = &Done::complete;
      handle = wait_ = host_.services().openWait(seat_, completion);
    }
    const revenge_status status =
        function(*static_cast<const revenge_resilience*>(entry.table), entry.self, &entry.call, handle);
    host_.services().leave();
    if (done != nullptr && status != REVENGE_PENDING) host_.services().cancel(handle);
    return status;
  }

  revenge_handle slot_ = 0;
  revenge::testing::Seat seat_{&host_, "caller"};
};

}  // namespace revenge::resilience
