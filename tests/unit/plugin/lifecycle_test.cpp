#include "plugin/lifecycle.hpp"

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

namespace revenge::plugin {
namespace {

constexpr int kStates = static_cast<int>(State::kQuarantined) + 1;
constexpr int kEvents = static_cast<int>(Event::kQuarantine) + 1;

// The whole table, written down a second time as a reader of the design would: rows are states, "event>state" the only
// moves out of them.
const std::map<std::string, std::set<std::string>> kAllowed{
    {"discovered",
     {"verify>verified", "refuse>refused", "fail>failed", "hang>stuck", "miss>waiting", "disable>disabled",
      "quarantine>quarantined"}},
    {"verified", {"load>loaded", "refuse>refused", "disable>disabled"}},
    {"loaded",
     {"create>configured", "refuse>refused", "fail>failed", "hang>stuck", "unmap>unloaded",
      "retire>retired"}},
    {"configured", {"publish>running", "fail>failed", "hang>stuck", "stop>stopped"}},
    {"running", {"degrade>degraded", "miss>waiting", "withdraw>draining"}},
    {"degraded", {"recover>running", "miss>waiting", "withdraw>draining"}},
    {"waiting", {"recover>running", "withdraw>draining", "enable>discovered", "disable>disabled"}},
    {"draining", {"stop>stopped", "hang>stuck", "retire>retired"}},
    {"stopped", {"unmap>unloaded", "retire>retired", "hang>stuck"}},
    {"unloaded", {"enable>discovered", "disable>disabled"}},
    {"retired", {"unmap>unloaded", "stop>stopped"}},
    {"stuck", {"retire>retired", "enable>discovered", "disable>disabled"}},
    {"refused", {"enable>discovered", "disable>disabled"}},
    {"failed", {"enable>discovered", "disable>disabled", "quarantine>quarantined"}},
    {"disabled", {"enable>discovered", "disable>disabled"}},
    {"quarantined", {"enable>discovered", "disable>disabled"}},
};

TEST(Lifecycle, EveryStateAnswersEveryEventAsTheTableSays) {
  for (int s = 0; s < kStates; ++s) {
    const auto state = static_cast<State>(s);
    std::set<std::string> moves;
    for (int e = 0; e < kEvents; ++e) {
      const auto event = static_cast<Event>(e);
      if (const auto next = transition(state, event))
        moves.insert(std::string(name(event)) + ">" + std::string(name(*next)));
    }
    EXPECT_EQ(moves, kAllowed.at(std::string(name(state)))) << name(state);
  }
}

TEST(Lifecycle, NamesAreAllDifferent) {
  std::set<std::string_view> states;
  std::set<std::string_view> events;
  for (int s = 0; s < kStates; ++s) states.insert(name(static_cast<State>(s)));
  for (int e = 0; e < kEvents; ++e) events.insert(name(static_cast<Event>(e)));
  EXPECT_EQ(states.size(), kStates);
  EXPECT_EQ(events.size(), kEvents);
}

TEST(Lifecycle, NothingServesThatIsOver) {
  for (int s = 0; s < kStates; ++s) {
    const auto state = static_cast<State>(s);
    EXPECT_FALSE(isServing(state) && isOver(state)) << name(state);
  }
}

TEST(Lifecycle, EveryStateCanComeToAnEnd) {
  for (int s = 0; s < kStates; ++s) {
    std::set<State> reached{static_cast<State>(s)};
    for (bool grew = true; grew;) {
      grew = false;
      for (const State from : std::set<State>(reached)) {
        for (int e = 0; e < kEvents; ++e) {
          const auto next = transition(from, static_cast<Event>(e));
          if (next && reached.insert(*next).second) grew = true;
        }
      }
    }
    EXPECT_TRUE(reached.contains(State::kUnloaded) || reached.contains(State::kRetired))
        << name(static_cast<State>(s));
  }
}

}  // namespace
}  // namespace revenge::plugin
