#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flags/flags.hpp"
#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::MatchesRegex;

class ClosedTest : public testing::Test {
 protected:
  Change define(std::string_view flags, std::string_view who = "") {
    return flags_.publish(defined(fileOf(flags)), who);
  }
  std::string why(std::string_view key) {
    const auto closed = flags_.closed(key);
    return closed ? closed->why : "open";
  }

  base::ManualClock clock_;  // 2023-11-14T23:13:20Z
  observe::Metrics metrics_;
  Flags flags_{clock_, metrics_};
};

TEST_F(ClosedTest, SaysWhyWhereAndWhatOpensIt) {
  define(
      "  off: {}\n  killed: {default: on, kill: true}\n  later: {default: on, schedule: {from: "
      "'2023-11-15T00:00:00Z'}}\n"
      "  over: {default: on, schedule: {until: '2023-11-14T00:00:00Z'}}\n"
      "  held: {default: on, prerequisites: [{flag: off}]}\n  on: {default: on}\n  few: {percentage: "
      "0.001}\n");
  EXPECT_EQ(why("off"), "flag 'off' is off (flags.yaml:3)");
  EXPECT_EQ(flags_.closed("off")->remedy, "revengectl flags set off on");
  EXPECT_EQ(why("killed"), "flag 'killed' is killed (flags.yaml:4)");
  EXPECT_EQ(why("later"), "flag 'later' begins at 2023-11-15T00:00:00Z (flags.yaml:5)");
  EXPECT_EQ(why("over"), "flag 'over' ended at 2023-11-14T00:00:00Z (flags.yaml:6)");
  EXPECT_EQ(why("held"), "flag 'held' needs 'on' of flag 'off' (flags.yaml:7)");
  EXPECT_EQ(flags_.closed("held")->remedy, "revengectl flags set off on");
  EXPECT_EQ(why("on"), "open");
  EXPECT_EQ(why("few"), "open");
  EXPECT_EQ(why("nobody defined it"), "open");
}

TEST_F(ClosedTest, NamesWhoChangedItSinceTheStart) {
  define("  a: {}\n");
  EXPECT_EQ(why("a"), "flag 'a' is off (flags.yaml:3)") << "who wrote the first file is not known";
  define("  b: {}\n  a: {default: off, owner: x}\n", "alice");
  EXPECT_THAT(why("a"), MatchesRegex(R"(flag 'a' is off \(flags.yaml:4, changed by alice [0-9:]+\))"));
  define("  a: {default: off, owner: x}\n", "bob");
  EXPECT_THAT(why("a"), MatchesRegex(R"(.*changed by alice [0-9:]+\))")) << "bob only moved it";
}

TEST_F(ClosedTest, AScheduleThatTurnsIsToldOnceWithWhatWaitsForIt) {
  define(
      "  a: {default: on, schedule: {from: '2023-11-14T23:14:00Z'}}\n"
      "  b: {default: on, prerequisites: [{flag: a}]}\n  c: {default: on, prerequisites: [{flag: b}]}\n  d: "
      "{}\n");
  std::vector<std::string> told;
  const auto subscription = flags_.subscribe([&](const Change& change) { told = change.keys; });
  clock_.advance(39s);
  flags_.turn();
  EXPECT_TRUE(told.empty());
  EXPECT_NE(why("c"), "open");
  clock_.advance(1s);
  const Change change = flags_.turn();
  EXPECT_THAT(told, ElementsAre("a", "b", "c"));
  EXPECT_EQ(change.before[0].says, "off schedule");
  EXPECT_EQ(change.after[0].says, "on");
  EXPECT_EQ(why("c"), "open");
  EXPECT_TRUE(flags_.turn().keys.empty());
}

TEST_F(ClosedTest, AViewTellsWhatIsOverdue) {
  define(
      "  a: {remove_when: '2023-11-14: the old player is gone'}\n  b: {remove_when: '2023-11-15'}\n"
      "  c: {remove_when: the old player is gone}\n");
  EXPECT_TRUE(flags_.view("a")->is_overdue);
  EXPECT_FALSE(flags_.view("b")->is_overdue);
  EXPECT_FALSE(flags_.view("c")->is_overdue);
  EXPECT_FALSE(flags_.view("d"));
}

TEST_F(ClosedTest, WhoAsksMattersWhereUsersAreToldApart) {
  define(
      "  on: {default: on}\n  none: {percentage: 0}\n  some: {percentage: 1}\n  rules: {rules: [{serve: "
      "on}]}\n"
      "  killed: {percentage: 1, kill: true}\n  follows: {prerequisites: [{flag: some}]}\n"
      "  required: {key: required}\n");
  const auto asks = [&](std::string_view key) { return flags_.asksWho(flags_.id(key).value()); };
  EXPECT_FALSE(asks("on"));
  EXPECT_FALSE(asks("none"));
  EXPECT_TRUE(asks("some"));
  EXPECT_TRUE(asks("rules"));
  EXPECT_FALSE(asks("killed"));
  EXPECT_TRUE(asks("follows"));
  EXPECT_TRUE(asks("required"));
  EXPECT_FALSE(asks("undefined"));
}

}  // namespace
}  // namespace revenge::flags
