// Flags as a plugin asks for them.
#include <gtest/gtest.h>

#include <revenge/testing/fake_host.hpp>

namespace revenge {
namespace {

using testing::FakeHost;

class Wired : public Plugin<> {
 public:
  using Plugin::host;
};

struct FlagsTest : ::testing::Test {
  FakeHost fake;
  testing::Loaded<Wired> plugin = fake.load<Wired>();
  Host& host = plugin->host();
};

TEST_F(FlagsTest, AnswerTheCallersDefaultWhileNobodyDefinedThem) {
  EXPECT_TRUE(host.flags().get("a", true).value("ada"));
  EXPECT_EQ(host.flags().get("b", "dark").value("ada"), "dark");
  EXPECT_EQ(host.flags().get("c", 7).value("ada"), 7);
  EXPECT_EQ(host.flags().get("d", 0.5).value("ada"), 0.5);
  EXPECT_EQ(host.flags().object("e", "{}").value("ada"), "{}");
  const FlagAnswer<bool> answer = host.flags().get("a", true).evaluate("ada");
  EXPECT_EQ(answer.fault, FlagFault::kNotFound);
  EXPECT_EQ(answer.reason, FlagReason::kError);
}

TEST_F(FlagsTest, AnswerWhatTheOperatorSaysFromThenOn) {
  const Flag<bool> flag = host.flags().get("a", false);
  const Flag<std::string> theme = host.flags().get("theme", "dark");
  fake.setFlag("a", true);
  fake.setFlag("theme", std::string("light"));
  EXPECT_TRUE(flag.value());
  EXPECT_EQ(theme.value(), "light");
  fake.setFlag("a", false);
  EXPECT_FALSE(flag.value());
}

TEST_F(FlagsTest, GoByTheUserOfTheCall) {
  const Flag<bool> flag = host.flags().get("a", false);
  fake.setFlag("a", false);
  fake.setFlag("a", true, "ada");
  std::string seen;
  host.http().get("/", [&](const Request& request) {
    seen += flag.value(request.call()) ? "on " : "off ";
    return empty();
  });
  fake.send({.target = "/", .userKey = "ada"});
  fake.send({.target = "/", .userKey = "bob"});
  EXPECT_EQ(seen, "on off ");
  EXPECT_EQ(flag.evaluate("ada").reason, FlagReason::kTargetingMatch);
}

TEST_F(FlagsTest, AreOfOneType) {
  fake.setFlag("a", std::int64_t{3});
  EXPECT_EQ(host.flags().get("a", 1).value(), 3);
  EXPECT_EQ(host.flags().get("a", "none").evaluate("ada").fault, FlagFault::kTypeMismatch);
  EXPECT_EQ(host.flags().get("a", "none").value("ada"), "none");
}

TEST_F(FlagsTest, TellWhoWatchesThem) {
  int changes = 0;
  {
    const FlagWatch watch = host.flags().onChange("a", [&] { ++changes; });
    fake.setFlag("b", true);
    EXPECT_EQ(changes, 0);
    fake.setFlag("a", true);
    EXPECT_EQ(changes, 1);
  }
  fake.setFlag("a", false);
  EXPECT_EQ(changes, 1);
}

TEST_F(FlagsTest, AWatchMayEndItself) {
  int changes = 0;
  FlagWatch watch;
  watch = host.flags().onChange("a", [&] {
    ++changes;
    watch.end();
  });
  fake.setFlag("a", true);
  fake.setFlag("a", false);
  EXPECT_EQ(changes, 1);
}

}  // namespace
}  // namespace revenge
