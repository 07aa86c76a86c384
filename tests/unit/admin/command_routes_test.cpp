#include <gtest/gtest.h>

#include "control_fixture.hpp"

namespace revenge::admin {
namespace {

using plugin::CommandEffect;

class CommandRoutes : public ControlTest {
 protected:
  void serveCommands() {
    addPackage("a", R"({"id": "a", "version": "1.0.0", "abi": 1, "licence": "MIT", "description": "A."})");
    addPackage("b", R"({"id": "b", "version": "1.0.0", "abi": 1, "licence": "MIT", "description": "B."})");
    const std::string schema = R"({"type": "object"})";
    commands_.views_ = {
        {.name = "look", .description = "Looks.", .schema = schema, .timeout = std::chrono::seconds(30)},
        {.name = "set", .steers = true, .effect = CommandEffect::kChanges, .schema = schema},
        {.name = "hide",
         .steers = true,
         .effect = CommandEffect::kChangesOrTells,
         .schema = R"({"type": "object", "properties": {"password": {"writeOnly": true}}})"}};
    serve();
  }
  std::vector<std::string> records() const { return audit_->read(0, 100); }
};

TEST_F(CommandRoutes, AreListedWithWhatTheyTake) {
  serveCommands();
  const auto listed = parsed(get("/v1/plugins/a/commands").body);
  EXPECT_EQ(text(listed, "/commands/0/name"), "look");
  EXPECT_EQ(text(listed, "/commands/0/role"), "look");
  EXPECT_EQ(text(listed, "/commands/1/effect"), "changes");
  EXPECT_EQ(text(listed, "/commands/0/arguments/type"), "object");
  EXPECT_EQ(get("/v1/plugins/nobody/commands").status, 404);
  EXPECT_EQ(get("/v1/plugins/b/commands").status, 503);
}

TEST_F(CommandRoutes, PassOnWhatIsAskedAndAnswerWhatComes) {
  serveCommands();
  const auto done = post("/v1/plugins/a/commands/look?dry_run=1", R"({"x": 1})");
  EXPECT_EQ(done.status, 200);
  EXPECT_EQ(done.body, R"({"done": true})");
  EXPECT_EQ(commands_.last_.json, R"({"x": 1})");
  EXPECT_TRUE(commands_.last_.dry);
  EXPECT_TRUE(commands_.last_.may_steer);
  commands_.answer_ = base::fail(base::Errc::kBusy, "later");
  const auto busy = post("/v1/plugins/a/commands/look");
  EXPECT_EQ(busy.status, 409);
  EXPECT_EQ(text(parsed(busy.body), "/error/message"), "later");
}

TEST_F(CommandRoutes, AChangeLeavesOneRecordWithoutSecrets) {
  serveCommands();
  post("/v1/plugins/a/commands/look");
  post("/v1/plugins/a/commands/hide?dry_run=1");
  EXPECT_TRUE(records().empty());
  post("/v1/plugins/a/commands/set", R"({"x": 1})");
  post("/v1/plugins/a/commands/hide", R"({"password": "sesame"})");
  commands_.answer_ = base::fail(base::Errc::kFailed, "broken");
  post("/v1/plugins/a/commands/set");
  ASSERT_EQ(records().size(), 3U);
  EXPECT_EQ(text(parsed(records()[0]), "/what"), "run a set");
  EXPECT_EQ(text(parsed(records()[0]), "/after"), R"({"x": 1})");
  EXPECT_FALSE(records()[1].contains("sesame"));
  EXPECT_EQ(text(parsed(records()[2]), "/outcome"), "failed");
  EXPECT_EQ(text(parsed(records()[2]), "/reason"), "broken");
}

}  // namespace
}  // namespace revenge::admin
