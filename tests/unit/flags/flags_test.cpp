#include "flags/flags.hpp"

#include <chrono>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/flags/definitions.hpp"

namespace revenge::flags {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class FlagsInForce : public testing::Test {
 protected:
  Change define(std::string_view flags) { return flags_.publish(defined(fileOf(flags))); }
  bool on(std::string_view key, std::string_view user = "ada", bool fallback = false) {
    return flags_.enabled(flags_.id(key).value(), {user}, fallback);
  }

  base::ManualClock clock_;
  observe::Metrics metrics_;
  Flags flags_{clock_, metrics_};
};

TEST_F(FlagsInForce, UnknownFlagsLeaveTheCallersDefault) {
  EXPECT_FALSE(on("a"));
  EXPECT_TRUE(on("a", "ada", true));
  define("  b: {default: on}\n");
  EXPECT_TRUE(on("a", "ada", true));
}

TEST_F(FlagsInForce, AKeyLookedUpBeforeItsFlagExistsFindsItLater) {
  const FlagId early = flags_.id("a").value();
  define("  a: {default: on}\n");
  EXPECT_TRUE(flags_.enabled(early, {"ada"}, false));
  define("  b: {default: on}\n");
  EXPECT_FALSE(flags_.enabled(early, {"ada"}, false));
  define("  a: {default: on}\n  b: {}\n");
  EXPECT_TRUE(flags_.enabled(early, {"ada"}, false));
  EXPECT_EQ(flags_.id("a").value(), early);
}

TEST_F(FlagsInForce, F17_ThoseWhoAskedBeforeTheFirstFlagsAreTold) {
  std::vector<std::string> told;
  bool seen = false;
  const auto subscription = flags_.subscribe([&](const Change& change) {
    told = change.keys;
    seen = on("a");
  });
  define("  a: {default: on}\n");
  EXPECT_THAT(told, ElementsAre("a"));
  EXPECT_TRUE(seen) << "the change is told after it is in force";
}

TEST_F(FlagsInForce, OnlyWhatMeansSomethingElseHasChanged) {
  define("  a: {default: on}\n  b: {}\n  c: {}\n  child: {prerequisites: [{flag: a}]}\n");
  EXPECT_THAT(
      define("\n  c: {default: on}\n  a: {default: on}\n  child: {prerequisites: [{flag: a}]}\n  d: {}\n")
          .keys,
      ElementsAre("b", "c", "d"));
  EXPECT_THAT(define("  a: {}\n  c: {default: on}\n  child: {prerequisites: [{flag: a}]}\n  d: {}\n").keys,
              ElementsAre("a", "child"));
  EXPECT_THAT(define("  a: {}\n  c: {default: on}\n  child: {prerequisites: [{flag: a}]}\n  d: {}\n").keys,
              IsEmpty());
}

TEST_F(FlagsInForce, WhoHasLeftIsNotTold) {
  int calls = 0;
  {
    const auto subscription = flags_.subscribe([&](const Change&) { ++calls; });
    define("  a: {}\n");
  }
  define("  b: {}\n");
  EXPECT_EQ(calls, 1);
}

TEST_F(FlagsInForce, CountsWhatIsServed) {
  define("  a: {percentage: 100}\n  b: {enabled: false}\n");
  on("a");
  on("a");
  on("a", "");
  on("b");
  (void)flags_.explain("a", {"ada"});
  EXPECT_THAT(metrics_.render(), HasSubstr("revenge_flag_served_total{flag=\"a\",variant=\"on\"} 2\n"));
  EXPECT_THAT(metrics_.render(), HasSubstr("revenge_flag_served_total{flag=\"a\",variant=\"off\"} 1\n"));
  EXPECT_THAT(metrics_.render(), HasSubstr("revenge_flag_served_total{flag=\"b\",variant=\"\"} 1\n"));

  define("  a: {default: on}\n");
  on("a");
  EXPECT_THAT(metrics_.render(), HasSubstr("revenge_flag_served_total{flag=\"a\",variant=\"on\"} 3\n"));
  EXPECT_THAT(metrics_.render(), Not(HasSubstr("flag=\"b\"")));
}

TEST_F(FlagsInForce, ExplainsWithoutBorrowing) {
  define("  a: {owner: playback, remove_when: done, default: on, prerequisites: [{flag: b}]}\n");
  const Explanation told = flags_.explain("a", {"ada"});
  define("");
  EXPECT_EQ(told.variant, "off");
  EXPECT_EQ(told.value, "false");
  EXPECT_EQ(told.prerequisite, "b");
  EXPECT_EQ(told.owner, "playback");
  EXPECT_EQ(told.line, 3U);
  EXPECT_EQ(flags_.explain("a", {}).fault, Fault::kFlagNotFound);
}

TEST_F(FlagsInForce, RefusesKeysThatNoFlagCanHave) {
  EXPECT_EQ(flags_.id("").error().code, base::Errc::kInvalid);
  EXPECT_EQ(flags_.id(std::string(kMaxName + 1, 'a')).error().code, base::Errc::kInvalid);
}

TEST_F(FlagsInForce, TwoStoresOnOneThreadKeepApart) {
  Flags other(clock_, metrics_);
  other.publish(defined(fileOf("  a: {default: on}\n")));
  define("  a: {}\n");
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(on("a"));
    EXPECT_TRUE(other.enabled(other.id("a").value(), {"ada"}, false));
  }
}

}  // namespace
}  // namespace revenge::flags
