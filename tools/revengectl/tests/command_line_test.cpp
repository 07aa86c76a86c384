#include "revengectl/command_line.hpp"

#include <gtest/gtest.h>

namespace revenge::ctl {
namespace {

using Words = std::vector<std::string>;

Command parsed(const Words& words) {
  auto command = parseCommandLine(words);
  EXPECT_TRUE(command) << (command ? "" : command.error().message);
  return command.value_or(Command{});
}

std::string refusal(const Words& words) {
  const auto command = parseCommandLine(words);
  return command ? "" : command.error().message;
}

TEST(CommandLine, TakesOptionsBeforeAndAfterTheCommand) {
  for (const Words& words : {Words{"--socket", "/a", "--json", "swap", "stream", "x", "--timeout=2.5"},
                             Words{"swap", "--timeout", "2.5", "stream", "x", "--socket=/a", "--json"}}) {
    const Command command = parsed(words);
    ASSERT_NE(command.spec, nullptr);
    EXPECT_EQ(command.spec->name, "swap");
    EXPECT_EQ(command.arguments, (Words{"stream", "x"}));
    EXPECT_EQ(command.socket, "/a");
    EXPECT_EQ(command.format, Format::kJson);
    EXPECT_EQ(command.timeout, std::chrono::milliseconds(2500));
  }
}

TEST(CommandLine, WordsAfterTheDashesAreNoOptions) {
  EXPECT_EQ(parsed({"show", "--", "--json"}).arguments, Words{"--json"});
}

TEST(CommandLine, WaitsLongerForChangesThanForQuestions) {
  EXPECT_EQ(parsed({"list"}).timeout, std::chrono::seconds(10));
  EXPECT_EQ(parsed({"swap", "a", "b"}).timeout, std::chrono::seconds(130));
}

TEST(CommandLine, NamesWhatIsWrong) {
  EXPECT_EQ(refusal({}), "a command is missing");
  EXPECT_EQ(refusal({"lst"}), "unknown command 'lst'");
  EXPECT_EQ(refusal({"list", "--jsn"}), "unknown option '--jsn'");
  EXPECT_EQ(refusal({"swap", "stream"}), "expected: revengectl swap ID PATH");
  EXPECT_EQ(refusal({"list", "stream"}), "expected: revengectl list");
  EXPECT_EQ(refusal({"show", ""}), "expected: revengectl show ID");
  EXPECT_EQ(refusal({"list", "--socket"}), "--socket: a value is missing");
  EXPECT_EQ(refusal({"list", "--follow"}), "--follow is an option of 'events', 'audit', not of 'list'");
  EXPECT_EQ(refusal({"list", "--dot"}), "--dot is an option of 'graph', not of 'list'");
  EXPECT_EQ(refusal({"plan", "x", "--generation=1"}),
            "--generation is an option of 'enable', 'disable', 'reload', 'swap', 'rollback', 'apply', "
            "'config set', 'config unset', 'config rollback', 'config reload', 'flags set', 'flags rollout', "
            "'flags kill', not of 'plan'");
  EXPECT_EQ(refusal({"plan"}), "expected: revengectl plan FILE");
}

TEST(CommandLine, RefusesNumbersThatAreNone) {
  for (const char* seconds : {"0", "-1", "1s", "nan", "inf", "", "1e99"}) {
    EXPECT_EQ(refusal({"list", std::string("--timeout=") + seconds}),
              fmt::format("--timeout: expected seconds above 0, got '{}'", seconds));
  }
  EXPECT_EQ(refusal({"events", "--from", "x"}), "--from: expected the number of an event or record, got 'x'");
  EXPECT_EQ(refusal({"events", "--from", "18446744073709551616"}),
            "--from: expected the number of an event or record, got '18446744073709551616'");
  EXPECT_EQ(refusal({"apply", "x", "--generation", "-1"}),
            "--generation: expected the number of a generation, got '-1'");
}

TEST(CommandLine, EveryCommandHasItsHelp) {
  const std::string all = parsed({"--help"}).help;
  for (const char* verb : {"list", "show", "enable", "disable", "reload", "swap", "rollback", "plan", "apply",
                           "why", "graph", "events", "status", "stop", "version"}) {
    EXPECT_NE(all.find(fmt::format("\n  {}", verb)), std::string::npos) << verb;
    const std::string one = parsed({verb, "--help"}).help;
    EXPECT_TRUE(one.starts_with(fmt::format("usage: revengectl {}", verb))) << one;
    EXPECT_NE(one.find("Exit codes:"), std::string::npos);
  }
}

}  // namespace
}  // namespace revenge::ctl
