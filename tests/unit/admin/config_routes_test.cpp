#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "control_fixture.hpp"

namespace revenge::admin {
namespace {

class ConfigRoutes : public ControlTest {
 protected:
  // The last event of a change: what, before and after.
  std::vector<std::string> deed() {
    std::vector<std::string> told;
    for (const observe::Event& event : events_.subscribe(0, [] {}).read().events) {
      if (event.kind != "control.changed") continue;
      told.clear();
      for (const auto& [name, value] : event.attributes) {
        if (name != "who") told.push_back(value);
      }
    }
    return told;
  }
};

TEST_F(ConfigRoutes, ValuesComeWithTheirOriginAndWithoutSecrets) {
  serve();
  const auto values = get("/v1/config?key=x");
  EXPECT_EQ(values.status, 200);
  EXPECT_EQ(values.body,
            R"({"values":[{"key":"log.level","value":"info","secret":false,"origin":"default"},)"
            R"({"key":"plugins.a.password","value":null,"secret":true,"origin":"REVENGE_X_FILE"}]})");
  EXPECT_EQ(get("/v1/config?key=no.such").status, 404);
}

TEST_F(ConfigRoutes, AnExplanationSaysWhichLayerWins) {
  serve();
  const auto told = parsed(get("/v1/config/explain?key=http.port").body);
  EXPECT_EQ(text(told, "/effect"), "host restart");
  EXPECT_EQ(text(told, "/waits"), "80");
  EXPECT_EQ(told.at("/layers/0/wins")->boolean(), false);
  EXPECT_EQ(told.at("/layers/1/wins")->boolean(), true);
}

TEST_F(ConfigRoutes, AChangeIsPutOnRecordWithoutTheValuesOfSecrets) {
  serve();
  const auto changed = post("/v1/config/set?key=http.port&generation=7", "81");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(desk_.what_, "http.port=81");
  EXPECT_EQ(desk_.last_.decided_on, 7U);
  EXPECT_THAT(desk_.last_.by, testing::StartsWith("uid "));
  EXPECT_THAT(deed(), testing::ElementsAre("config set http.port", "http.port 80, plugins.a.password changed",
                                           "http.port 81, plugins.a.password changed", "done"));
  EXPECT_EQ(text(parsed(changed.body), "/differences/1/key"), "plugins.a.password");
  EXPECT_TRUE(parsed(changed.body).at("/differences/1/after")->isNull());
}

TEST_F(ConfigRoutes, ADryRunIsNoChangeAndAStaleOneIsTold) {
  serve();
  EXPECT_EQ(post("/v1/config/unset?key=http.port&dry_run=1").status, 200);
  EXPECT_EQ(desk_.last_.run, config::Run::kDry);
  EXPECT_THAT(deed(), testing::IsEmpty());
  EXPECT_EQ(post("/v1/config/rollback?number=3&generation=6").status, 409);
  EXPECT_EQ(desk_.what_, "3");
  EXPECT_EQ(post("/v1/config/rollback?number=x").status, 422);
  EXPECT_EQ(post("/v1/config/set?key=a&generation=x", "1").status, 422);
}

TEST_F(ConfigRoutes, WhatWasRefusedIsOnRecordByItsNameWithTheReason) {
  serve();
  EXPECT_EQ(post("/v1/config/set?key=http.port&generation=6", "81").status, 409);
  EXPECT_EQ(post("/v1/config/rollback?number=x").status, 422);
  EXPECT_THAT(
      audit_->read(0, 10),
      testing::ElementsAre(testing::AllOf(testing::HasSubstr(R"("what":"config set http.port")"),
                                          testing::HasSubstr(R"("outcome":"refused")"),
                                          testing::HasSubstr(R"("reason":"another runs")")),
                           testing::AllOf(testing::HasSubstr(R"("what":"config rollback")"),
                                          testing::HasSubstr("expected that of a configuration, got 'x'"))));
}

TEST_F(ConfigRoutes, OverTcpTheHistoryNamesTheToken) {
  tokens_ = {{.name = "ci", .secret = "s3cret", .role = Role::kSteer}};
  serve();
  EXPECT_EQ(withToken("s3cret", "POST", "/v1/config/unset?key=http.port"), 200);
  EXPECT_EQ(desk_.last_.by, "token ci: config unset http.port");
}

TEST_F(ConfigRoutes, ADraftIsComparedAndValidatedByItsName) {
  serve();
  EXPECT_EQ(post("/v1/config/diff?name=/x.yaml", "good").status, 200);
  const auto refused = post("/v1/config/diff?name=/x.yaml", "bad");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(text(parsed(refused.body), "/error/message"), "/x.yaml:1: one\n/x.yaml:2: two");
  EXPECT_EQ(post("/v1/config/validate?name=/x.yaml", "text").body,
            R"({"valid":false,"problems":["/x.yaml:1: text"],"warnings":["odd"]})");
}

TEST_F(ConfigRoutes, TheHistoryShowsWhatWasRefused) {
  serve();
  EXPECT_EQ(
      get("/v1/config/history").body,
      R"({"number":3,"trouble":"","kept":[{"number":3,"at":1700000000,"by":"files","changed":["log.level"]}],)"
      R"("refused":{"at":0,"by":"files","reasons":["revenge.yaml:1: no"]}})");
}

}  // namespace
}  // namespace revenge::admin
