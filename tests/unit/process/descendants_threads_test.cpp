#include "unit/process/process_fixture.hpp"

namespace revenge::process {
namespace {

using base::Errc;

// Says its descendants' numbers and stays: one in its group, one in a group of its own, and one that has left by a double
// fork into a session of its own.
const std::string kFamily =
    "sleep 1000 & echo $!; "
    "setsid sh -c 'sleep 1000 & echo $!; wait' & echo $!; "
    "(setsid sh -c 'echo $$; exec sleep 1000' &) ; "
    "while :; do sleep 1000; done";

class Descendants : public ProcessTest {
 protected:
  Run family(std::string script = kFamily, std::size_t count = 4) {
    Command asked = shell(std::move(script));
    asked.out.form = OutputForm::kStream;
    asked.grace = std::chrono::minutes(5);
    Run child = running(std::move(asked));
    std::string said;
    while (static_cast<std::size_t>(std::ranges::count(said, '\n')) < count)
      said += readPiece(*child.child).value_or(std::string(count, '\n'));
    std::istringstream numbers(said);
    for (pid_t pid = 0; numbers >> pid;) family_.push_back(pid);
    EXPECT_EQ(family_.size(), count) << said;
    return child;
  }
  void expectNobody() {
    for (const pid_t pid : family_) EXPECT_FALSE(lives(pid)) << pid;
  }
  void kill(Run& child) { child.child->cancel({Errc::kCancelled, "enough"}); }

  std::vector<pid_t> family_;
};

TEST_F(Descendants, AllGoWithTheChild) {
  Run child = family();
  for (const pid_t pid : family_) EXPECT_TRUE(lives(pid)) << pid;
  kill(child);
  EXPECT_TRUE(end(child).ok);
  EXPECT_EQ(child.outcome().how, How::kCancelled);
  EXPECT_EQ(child.outcome().signal, SIGTERM);
  expectNobody();
}

TEST_F(Descendants, OrphansLiveAsLongAsTheirChild) {
  Run child = family();
  EXPECT_EQ(run(shell("exit 0")).exit_code, 0);  // whose end has the warden look for what was left
  for (const pid_t pid : family_) EXPECT_TRUE(lives(pid)) << pid;
}

TEST_F(Descendants, WhatAChildLeavesBehindIsKilled) {
  Command asked = shell("sleep 1000 & echo $!; (setsid sh -c 'echo $$; exec sleep 1000' &) ; exit 3");
  const Outcome outcome = run(std::move(asked));
  EXPECT_EQ(outcome.how, How::kExited);
  EXPECT_EQ(outcome.exit_code, 3);
  std::istringstream numbers(outcome.out);
  for (pid_t pid = 0; numbers >> pid;) EXPECT_FALSE(lives(pid)) << pid;
}

// It still holds the pipe when the child has ended, being nobody's descendant any more that the warden could know of.
TEST_F(Descendants, APipeThatIsHeldElsewhereHoldsNobody) {
  Command asked = shell("echo here; echo $$; read line");
  asked.out.form = OutputForm::kStream;
  asked.input = InputForm::kStream;
  Run child = start(std::move(asked));
  std::string said;
  while (std::ranges::count(said, '\n') < 2) said += readPiece(*child.child).value_or("\n\n");
  const base::UniqueFd held(::open(("/proc/" + said.substr(5, said.size() - 6) + "/fd/1").c_str(), O_WRONLY));
  ASSERT_TRUE(held);
  EXPECT_TRUE(child.child->finish());
  EXPECT_EQ(child.outcome().how, How::kExited);
  EXPECT_EQ(readPiece(*child.child), std::nullopt);
}

TEST_F(Descendants, APipeThatAGrandchildHoldsIsClosedWithIt) {
  const Outcome outcome = run(shell("(setsid sleep 1000 &) ; echo done"));
  EXPECT_EQ(outcome.out, "done\n");
}

TEST_F(Descendants, WhoIgnoresTheRequestIsKilledAfterTheGrace) {
  Command asked = shell("trap 'echo asked' TERM; echo ready; while :; do sleep 0.01; done");
  asked.out.form = OutputForm::kStream;
  asked.grace = std::chrono::milliseconds(200);
  Run child = running(std::move(asked));
  EXPECT_EQ(readLine(*child.child), "ready\n");
  kill(child);
  EXPECT_EQ(readLine(*child.child), "asked\n");
  EXPECT_TRUE(end(child).ok);
  EXPECT_EQ(child.outcome().how, How::kCancelled);
  EXPECT_EQ(child.outcome().signal, SIGKILL);
}

TEST_F(Descendants, WhoTakesTheRequestEndsByItself) {
  Command asked = shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.01; done");
  asked.out.form = OutputForm::kStream;
  asked.grace = std::chrono::minutes(5);
  Run child = running(std::move(asked));
  EXPECT_EQ(readLine(*child.child), "ready\n");
  kill(child);
  EXPECT_EQ(readLine(*child.child), "bye\n");
  EXPECT_TRUE(end(child).ok);
  EXPECT_EQ(child.outcome().how, How::kCancelled);
  EXPECT_EQ(child.outcome().exit_code, 7);
}

TEST_F(Descendants, TheDeadlineEndsAChild) {
  Command asked = shell("printf begun; exec sleep 1000");
  asked.timeout = std::chrono::milliseconds(300);
  const Outcome outcome = run(std::move(asked));
  EXPECT_EQ(outcome.how, How::kTimedOut);
  EXPECT_EQ(outcome.out, "begun");
  asked = shell("exec sleep 1000");
  asked.timeout = std::chrono::hours(1);
  asked.deadline = clock_.now() - std::chrono::seconds(1);
  Run late = start(std::move(asked));
  const Word word = late.wait();
  // It may have got a place before the look at the clock, or not.
  if (word.ok)
    EXPECT_EQ(late.outcome().how, How::kTimedOut);
  else
    EXPECT_EQ(word.error.code, Errc::kTimedOut);
}

TEST_F(Descendants, ASignalGoesToTheGroup) {
  Run child = family();
  EXPECT_TRUE(child.child->signal(SIGINT));
  EXPECT_TRUE(child.child->signal(SIGKILL));
  EXPECT_TRUE(end(child).ok);
  EXPECT_EQ(child.outcome().how, How::kSignalled);
  expectNobody();
  EXPECT_EQ(child.child->signal(SIGTERM).error().code, Errc::kGone);
  EXPECT_EQ(child.child->signal(0).error().code, Errc::kInvalid);
}

TEST_F(Descendants, GoWithTheirOwner) {
  Run child = family();
  child.child->close();
  EXPECT_TRUE(end(child).ok);
  expectNobody();
}

TEST_F(Descendants, GoWithTheProcesses) {
  Run child = family();
  Run waits = start(shell("exec sleep 1000"));
  EXPECT_TRUE(processes_->stop());
  expectNobody();
  EXPECT_TRUE(below(::getpid()).empty());
  EXPECT_EQ(end(child).error.code, Errc::kCancelled);
  EXPECT_EQ(waits.wait().error.code, Errc::kCancelled);
  EXPECT_EQ(processes_->prepare(shell("true")).error().code, Errc::kCancelled);
}

class LostWarden : public Descendants {
 protected:
  // The outer one is this process's child, the inner one that one's.
  static std::pair<pid_t, pid_t> wardens() {
    const auto all = below(::getpid());
    for (const auto& [pid, seen] : all)
      if (seen.parent == ::getpid())
        for (const auto& [inner, that] : all)
          if (that.parent == pid && that.name == "revenge-warden") return {pid, inner};
    ADD_FAILURE() << "no warden";
    return {0, 0};
  }
  void expectAnotherOne(Run& child) {
    const Word word = end(child);
    EXPECT_FALSE(word.ok);
    EXPECT_EQ(word.error.code, Errc::kUnavailable);
    EXPECT_TRUE(word.error.message.contains("warden has died")) << word.error.message;
    EXPECT_EQ(run(shell("echo again")).out, "again\n");
    // What they left falls to the other of the two, or to nobody for a moment.
    const auto patience = std::chrono::steady_clock::now() + kSoon;
    const auto some = [&] { return std::ranges::any_of(family_, lives); };
    while (some() && std::chrono::steady_clock::now() < patience) {
    }
    expectNobody();
    EXPECT_EQ(metric(R"(revenge_children_ended_total{how="lost",plugin="p"})"), 1);
    EXPECT_EQ(metric(R"(revenge_children_running{plugin="p"})"), 0);
  }
};

TEST_F(LostWarden, TheInnerOneIsReplacedAndLeavesNobody) {
  Run child = family();
  ::kill(wardens().second, SIGKILL);
  expectAnotherOne(child);
}

TEST_F(LostWarden, TheOuterOneIsReplacedAndLeavesNobody) {
  Run child = family();
  ::kill(wardens().first, SIGKILL);
  expectAnotherOne(child);
}

TEST_F(LostWarden, OneThatIsNotThereIsToldOf) {
  processes_.reset();
  ProcessOptions options;
  options.warden = {"/no/such/warden", {}};
  processes_ =
      std::make_unique<Processes>(Processes::Parts{reactor_, timers_, metrics_, log_.log()}, options);
  const base::Error error = fails(shell("true"));
  EXPECT_EQ(error.code, Errc::kUnavailable);
  EXPECT_EQ(error.message, "the warden cannot be started: /no/such/warden: No such file or directory");
}

}  // namespace
}  // namespace revenge::process
