#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control_fixture.hpp"

namespace revenge::admin {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr const char* kFlags = R"(bucketing: 1
flags:
  player: {owner: ann, remove_when: never, default: off, percentage: 10}
  theme:
    type: string
    variants: [{name: dark, value: night}, {name: light, value: day}]
    default: dark
    rules:
      - if: [{attribute: client, semver: ">= 2.0.0"}]
        serve: light
  wide:
    type: boolean
    default: off
    rules:
      - if: [{attribute: width, min: 1000}, {attribute: touch, equals: true}]
        serve: on
)";

class FlagsRoutes : public ControlTest {
 protected:
  // Flags are in force, as generation 1.
  void serveFlags() {
    flags_text_ = kFlags;
    auto read = flags::readDefinitions(flags_text_, "flags.yaml");
    ASSERT_TRUE(read) << read.error().front();
    (void)flags_.publish(std::move(*read));
    serve();
  }

  std::string explained(const std::string& query) { return text(parsed(get(query).body), "/variant"); }
  std::string refusal(const http::Reply& reply) { return text(parsed(reply.body), "/error/message"); }
  std::vector<std::string> records() { return audit_->read(0, 100); }
};

TEST_F(FlagsRoutes, ListAndShowSayWhatIsInForce) {
  serveFlags();
  const document::Value listed = parsed(get("/v1/flags").body);
  EXPECT_EQ(listed.at("/generation")->integer(), 1);
  EXPECT_EQ(listed.at("/flags")->array()->size(), 3U);
  const document::Value shown = parsed(get("/v1/flags/player").body);
  EXPECT_EQ(text(shown, "/key"), "player");
  EXPECT_EQ(text(shown, "/says"), "10 %");
  EXPECT_EQ(text(shown, "/owner"), "ann");
  EXPECT_EQ(shown.at("/percentage")->number(), 10);
  EXPECT_EQ(parsed(get("/v1/flags/theme").body).at("/rules")->integer(), 1);
  const http::Reply unknown = get("/v1/flags/nope");
  EXPECT_EQ(unknown.status, 404);
  EXPECT_THAT(refusal(unknown), HasSubstr("no flag 'nope' in "));
}

TEST_F(FlagsRoutes, AttributesAreNumbersTruthsOrTexts) {
  serveFlags();
  EXPECT_EQ(explained("/v1/flags/wide/explain?attr=width=1000&attr=touch=true"), "on");
  EXPECT_EQ(explained("/v1/flags/wide/explain?attr=width=999.5&attr=touch=true"), "off");
  EXPECT_EQ(explained("/v1/flags/wide/explain?attr=width:=1000&attr=touch=true"), "off");
  EXPECT_EQ(explained("/v1/flags/wide/explain?attr=width=1000&attr=touch:=true"), "off");
  EXPECT_EQ(explained("/v1/flags/theme/explain?attr=client=2.1.0"), "light");
  EXPECT_EQ(explained("/v1/flags/theme/explain?attr=client:=2.1"), "light");
  EXPECT_EQ(explained("/v1/flags/theme/explain?attr=client=1.9.9"), "dark");
  for (const char* attribute : {"client", "=2.1.0", ""}) {
    const http::Reply reply = get(std::string("/v1/flags/theme/explain?attr=") + attribute);
    EXPECT_EQ(reply.status, 422) << attribute;
    EXPECT_EQ(refusal(reply), fmt::format("attr: expected name=value, got '{}'", attribute));
  }
}

TEST_F(FlagsRoutes, AnExplanationNamesRuleReasonAndBucket) {
  serveFlags();
  const document::Value ruled = parsed(get("/v1/flags/theme/explain?user=ada&attr=client=2.1.0").body);
  EXPECT_EQ(text(ruled, "/user"), "ada");
  EXPECT_EQ(text(ruled, "/reason"), "TARGETING_MATCH");
  EXPECT_EQ(ruled.at("/rule")->integer(), 0);
  const document::Value shared = parsed(get("/v1/flags/player/explain?user=ada").body);
  EXPECT_EQ(text(shared, "/reason"), "SPLIT");
  EXPECT_TRUE(shared.at("/rule")->isNull());
  EXPECT_NE(shared.at("/bucket")->number(), std::nullopt);
  EXPECT_EQ(get("/v1/flags/nope/explain").status, 404);
}

TEST_F(FlagsRoutes, AChangeIsInForceAndOnRecordWithWhatWasBefore) {
  serveFlags();
  const document::Value set = parsed(post("/v1/flags/theme/set?variant=light").body);
  EXPECT_EQ(set.at("/dry_run")->boolean(), false);
  EXPECT_EQ(set.at("/generation")->integer(), 2);
  EXPECT_EQ(text(set, "/after/default"), "light");
  EXPECT_EQ(explained("/v1/flags/theme/explain"), "light");
  EXPECT_EQ(post("/v1/flags/player/rollout?percentage=12.5").status, 200);
  EXPECT_EQ(parsed(get("/v1/flags/player").body).at("/percentage")->number(), 12.5);
  EXPECT_EQ(post("/v1/flags/player/kill").status, 200);
  EXPECT_EQ(text(parsed(get("/v1/flags/player").body), "/says"), "killed");
  EXPECT_FALSE(edited_by_.empty());
  EXPECT_THAT(
      records(),
      ElementsAre(AllOf(HasSubstr(R"("what":"flags set theme")"), HasSubstr(R"("outcome":"done")")),
                  AllOf(HasSubstr(R"("what":"flags rollout player")"), HasSubstr(R"("before":"10 %")"),
                        HasSubstr(R"("after":"12.5 %")")),
                  AllOf(HasSubstr(R"("what":"flags kill player")"), HasSubstr(R"("after":"killed")"))));
}

TEST_F(FlagsRoutes, APercentageThatIsNoneChangesNothing) {
  serveFlags();
  for (const char* percentage : {"", "ten", "-1", "100.001", "1e1", "10%25", "nan", "inf"}) {
    const http::Reply reply = post(std::string("/v1/flags/player/rollout?percentage=") + percentage);
    EXPECT_EQ(reply.status, 422) << percentage;
    EXPECT_THAT(refusal(reply), HasSubstr("percentage: expected a number from 0 to 100, got ")) << percentage;
  }
  EXPECT_EQ(flags_text_, kFlags);
  EXPECT_EQ(flags_.generation(), 1U);
  for (const std::string& record : records()) {
    EXPECT_THAT(record,
                AllOf(HasSubstr(R"("what":"flags rollout player")"), HasSubstr(R"("outcome":"refused")"),
                      HasSubstr("expected a number from 0 to 100")));
  }
}

TEST_F(FlagsRoutes, AVariantThatIsNotThereIsNamedWithThoseThatAre) {
  serveFlags();
  const http::Reply reply = post("/v1/flags/theme/set?variant=pink");
  EXPECT_EQ(reply.status, 422);
  EXPECT_EQ(refusal(reply), "flag 'theme' has no variant 'pink'; expected one of dark, light");
  EXPECT_EQ(post("/v1/flags/nope/set?variant=pink").status, 404);
  EXPECT_THAT(records(), ElementsAre(HasSubstr(R"("reason":"flag 'theme' has no variant 'pink')"),
                                     HasSubstr(R"("what":"flags set nope")")));
}

TEST_F(FlagsRoutes, ADryRunSaysWhatWouldBeAndLeavesNoTrace) {
  serveFlags();
  const document::Value told = parsed(post("/v1/flags/player/rollout?percentage=50&dry_run=1").body);
  EXPECT_EQ(told.at("/dry_run")->boolean(), true);
  EXPECT_EQ(text(told, "/before/says"), "10 %");
  EXPECT_EQ(text(told, "/after/says"), "50 %");
  EXPECT_EQ(flags_text_, kFlags);
  EXPECT_EQ(flags_.generation(), 1U);
  EXPECT_THAT(records(), IsEmpty());
}

TEST_F(FlagsRoutes, WhatWasDecidedOnOtherFlagsIsStale) {
  serveFlags();
  for (const char* verb : {"set?variant=on&", "rollout?percentage=1&", "kill?"}) {
    const http::Reply reply = post(fmt::format("/v1/flags/player/{}generation=7", verb));
    EXPECT_EQ(reply.status, 409) << verb;
    EXPECT_EQ(text(parsed(reply.body), "/error/code"), "stale") << verb;
    EXPECT_EQ(post(fmt::format("/v1/flags/player/{}generation=x", verb)).status, 422) << verb;
  }
  EXPECT_EQ(flags_text_, kFlags);
  EXPECT_EQ(post("/v1/flags/player/kill?generation=1").status, 200);
}

TEST_F(FlagsRoutes, WhoMayOnlyLookChangesNoFlag) {
  tokens_ = {{.name = "wall", .secret = "screen", .role = Role::kLook},
             {.name = "ci", .secret = "s3cret", .role = Role::kSteer}};
  serveFlags();
  EXPECT_EQ(withToken("screen", "GET", "/v1/flags/player/explain"), 200);
  for (const char* verb : {"set?variant=on", "rollout?percentage=1", "kill", "kill?dry_run=1"})
    EXPECT_EQ(withToken("screen", "POST", std::string("/v1/flags/player/") + verb), 403) << verb;
  EXPECT_EQ(flags_text_, kFlags);
  EXPECT_EQ(withToken("s3cret", "POST", "/v1/flags/player/kill"), 200);
  EXPECT_EQ(edited_by_, "token ci");
}

}  // namespace
}  // namespace revenge::admin
