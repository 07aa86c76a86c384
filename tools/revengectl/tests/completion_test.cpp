#include "revengectl/completion.hpp"

#include "revengectl/command_line.hpp"
#include "revengectl/man_page.hpp"
#include "revengectl/tests/run_fixture.hpp"

namespace revenge::ctl {
namespace {

using Words = std::vector<std::string>;

constexpr const char* kListing = R"json({"plugins":[{"id":"stream","state":"running"},
  {"id":"store","state":"failed"},{"id":"$(reboot)"},{"id":"a b"}]})json";

class CompletionTest : public RunTest {
 protected:
  Words offered(const Words& words) {
    const Completion found = complete(words, {.clock = clock_, .socket = socket_, .out = {}, .err = {}});
    files_ = found.files;
    Words offered;
    for (const Candidate& candidate : found.candidates) offered.push_back(candidate.word);
    return offered;
  }

  std::string socket_ = "/nowhere/revenge.sock";
  bool files_ = false;
};

TEST_F(CompletionTest, OffersEveryListedCommandAtTheBegin) {
  const Words words = offered({""});
  for (const Spec* const spec : allCommands()) {
    const bool found = std::ranges::find(words, spec->name.substr(0, spec->name.find(' '))) != words.end();
    EXPECT_EQ(found, spec->listed == Listed::kYes) << spec->name;
  }
  EXPECT_EQ(offered({}), words);
}

TEST_F(CompletionTest, OffersWhatBeginsAsTyped) {
  EXPECT_EQ(offered({"st"}), (Words{"status", "stop"}));
  EXPECT_EQ(offered({"completion", ""}), (Words{"bash", "zsh", "fish"}));
  EXPECT_EQ(offered({"nosuch", ""}), Words{});
}

TEST_F(CompletionTest, OffersTheOptionsOfTheCommand) {
  EXPECT_EQ(offered({"swap", "stream", "--d"}), Words{"--dry-run"});
  EXPECT_EQ(offered({"list", "--d"}), Words{});
  EXPECT_EQ(offered({"list", "--so"}), Words{"--socket"});
  EXPECT_EQ(offered({"show", "--", "--so"}), Words{});
}

TEST_F(CompletionTest, OffersThePluginsOfTheRunningHost) {
  const FakeHost host(FakeHost::json(200, kListing));
  socket_ = host.socket();
  EXPECT_EQ(offered({"show", ""}), (Words{"stream", "store"}));
  EXPECT_EQ(offered({"swap", "str"}), Words{"stream"});
  EXPECT_EQ(offered({"show", "stream", ""}), Words{});
}

TEST_F(CompletionTest, AsksTheHostThatTheLineNames) {
  const FakeHost host(FakeHost::json(200, kListing));
  EXPECT_EQ(offered({"--socket", host.socket(), "show", "sto"}), Words{"store"});
  EXPECT_EQ(offered({"--socket=" + host.socket(), "show", "sto"}), Words{"store"});
  EXPECT_EQ(offered({"--socket", "=", host.socket(), "show", "sto"}), Words{"store"});
  EXPECT_EQ(offered({"show", "sto"}), Words{});
}

TEST_F(CompletionTest, LeavesNamesOfFilesToTheShell) {
  for (const Words& words : {Words{"plan", ""}, Words{"swap", "stream", "x"}, Words{"list", "--socket", ""},
                             Words{"list", "--socket="}, Words{"list", "--socket", "=", "/r"}}) {
    EXPECT_EQ(offered(words), Words{});
    EXPECT_TRUE(files_) << fmt::format("{}", words.back());
  }
  EXPECT_EQ(offered({"list", "--timeout", ""}), Words{});
  EXPECT_FALSE(files_);
}

TEST_F(CompletionTest, ManPageHasEveryListedCommandAndExitCode) {
  const std::string page = manPage();
  for (const Spec* const spec : allCommands()) {
    EXPECT_EQ(page.contains(fmt::format("\\fB{}\\fR", spec->name)), spec->listed == Listed::kYes)
        << spec->name;
  }
  for (const ExitText& exit : exitTexts())
    EXPECT_TRUE(page.contains(fmt::format("\\fB{}\\fR\n", static_cast<int>(exit.code))));
}

TEST(Colours, OnlyOnATerminalThatIsNotDumbAndWhereTheyAreWanted) {
  EXPECT_EQ(coloursFor(Output::kTerminal, nullptr, "xterm"), Colours::kOn);
  EXPECT_EQ(coloursFor(Output::kTerminal, "", "xterm"), Colours::kOn);
  EXPECT_EQ(coloursFor(Output::kTerminal, "1", "xterm"), Colours::kOff);
  EXPECT_EQ(coloursFor(Output::kTerminal, nullptr, "dumb"), Colours::kOff);
  EXPECT_EQ(coloursFor(Output::kTerminal, nullptr, nullptr), Colours::kOff);
  EXPECT_EQ(coloursFor(Output::kOther, nullptr, "xterm"), Colours::kOff);
}

}  // namespace
}  // namespace revenge::ctl
