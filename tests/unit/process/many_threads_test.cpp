#include <algorithm>

#include <fmt/format.h>

#include "unit/process/process_fixture.hpp"

namespace revenge::process {
namespace {

using base::Errc;

class Many : public ProcessTest {};

// After a turn of both loops nothing is under way there that was before.
void turn(runtime::Reactor& reactor) {
  for (std::size_t loop = 0; loop < reactor.size(); ++loop) {
    std::promise<void> done;
    ASSERT_TRUE(reactor.post(loop, [&] { done.set_value(); }));
    done.get_future().wait();
  }
}

struct Traces {
  std::size_t descriptors;
  std::size_t threads;
  std::size_t processes;
  bool operator==(const Traces&) const = default;
};
Traces traces() {
  return {entriesOf("/proc/self/fd"), entriesOf("/proc/self/task"), below(::getpid()).size()};
}

TEST_F(Many, AThousandOneAfterAnotherLeaveNothing) {
  EXPECT_EQ(run(command({"true"})).exit_code, 0);
  turn(reactor_);
  const Traces before = traces();
  EXPECT_EQ(before.processes, 2U);  // the warden's two
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(run(command({"/bin/true"})).exit_code, 0);
  turn(reactor_);
  const Traces after = traces();
  EXPECT_EQ(after.descriptors, before.descriptors);
  EXPECT_EQ(after.threads, before.threads);
  EXPECT_EQ(after.processes, before.processes);
}

TEST_F(Many, FiftyAtOnceKeepTheLimit) {
  open({.max_running = 8, .max_running_per_plugin = 5});
  const std::filesystem::path folder =
      std::filesystem::path(testing::TempDir()) / fmt::format("many-{}", ::getpid());
  std::filesystem::create_directory(folder);
  // Each says how many there were when it came; it leaves a trace while it is there.
  const std::string script =
      "cd '" + folder.string() + "'; : > $1.$$; set -- $(ls); echo $#; sleep 0.02; ls | grep -c $0.; rm *.$$";
  std::vector<Run> runs;
  for (int i = 0; i < 50; ++i) {
    const std::string owner = i % 2 == 0 ? "a" : "b";
    Command asked = command({"sh", "-c", script, owner, owner});
    asked.owner = owner;
    runs.push_back(start(std::move(asked)));
  }
  int most = 0;
  for (Run& one : runs) {
    std::istringstream said(one.outcome().out);
    int all = 0;
    int own = 0;
    said >> all >> own;
    EXPECT_LE(all, 8);
    EXPECT_LE(own, 5);
    most = std::max(most, all);
  }
  EXPECT_GT(most, 1);
  std::filesystem::remove_all(folder);
}

TEST_F(Many, WhoFindsNoPlaceWaitsInOrder) {
  open({.max_running = 1, .max_running_per_plugin = 1});
  Command gate = command({"cat"});
  gate.input = InputForm::kStream;
  Run first = running(std::move(gate));
  const std::string file = testing::TempDir() + fmt::format("order-{}", ::getpid());
  std::vector<Run> waiting;
  for (int i = 0; i < 5; ++i) {
    waiting.push_back(start(shell(fmt::format("echo {} >> '{}'", i, file))));
    // Each has come before the next one does.
    const auto patience = std::chrono::steady_clock::now() + kSoon;
    while (metric(R"(revenge_children_waiting{plugin="p"})") < i + 1 &&
           std::chrono::steady_clock::now() < patience) {
    }
    turn(reactor_);
  }
  EXPECT_EQ(metric(R"(revenge_children_waiting{plugin="p"})"), 5);
  EXPECT_TRUE(first.child->finish());
  for (Run& one : waiting) EXPECT_EQ(one.outcome().exit_code, 0);
  std::ifstream order(file);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(order), {}), "0\n1\n2\n3\n4\n");
  EXPECT_EQ(metric(R"(revenge_children_waiting{plugin="p"})"), 0);
  std::filesystem::remove(file);
}

TEST_F(Many, WhoWaitsIsGivenUpAtTheDeadlineOrWhenCancelled) {
  open({.max_running = 1, .max_running_per_plugin = 1});
  Command gate = command({"cat"});
  gate.input = InputForm::kStream;
  Run first = running(std::move(gate));
  Command late = command({"true"});
  late.timeout = std::chrono::milliseconds(50);
  const base::Error error = fails(std::move(late));
  EXPECT_EQ(error.code, Errc::kTimedOut);
  EXPECT_EQ(
      error.message,
      "true: no place was free before the deadline (process.max_running, process.max_running_per_plugin)");
  Run cancelled = start(command({"true"}));
  cancelled.child->cancel({Errc::kCancelled, "nobody wants it"});
  EXPECT_EQ(cancelled.wait().error.message, "nobody wants it");
  Run another = start(command({"true"}));
  EXPECT_TRUE(first.child->finish());
  EXPECT_EQ(another.outcome().exit_code, 0);
}

// Wherever it is met, it ends once and leaves its place.
TEST_F(Many, CancelledAtEveryMoment) {
  open({.max_running = 4, .max_running_per_plugin = 4});
  for (int i = 0; i < 200; ++i) {
    Run child = start(command({"sleep", "1000"}));
    const auto until = std::chrono::steady_clock::now() + std::chrono::microseconds(i * 5);
    while (std::chrono::steady_clock::now() < until) {
    }
    child.child->cancel({Errc::kCancelled, "enough"});
    const Word word = child.wait();
    if (word.ok)
      EXPECT_EQ(child.outcome().how, How::kCancelled);
    else
      EXPECT_EQ(word.error.code, Errc::kCancelled);
  }
  EXPECT_EQ(run(command({"true"})).exit_code, 0);
  turn(reactor_);
  EXPECT_EQ(metric(R"(revenge_children_running{plugin="p"})"), 0);
}

}  // namespace
}  // namespace revenge::process
