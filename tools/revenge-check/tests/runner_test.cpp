#include "revenge-check/runner.hpp"

#include <array>
#include <atomic>
#include <new>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

namespace revenge::check {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What the rows of these tests are to find, and in which processes they ran: in memory that those share.
struct Seen {
  std::atomic<int> runs = 0;
  int finds = 0;  // of the runs, from the first on
  std::array<std::atomic<pid_t>, 4> processes{};
};
Seen* seen = nullptr;

void look(Work& work) {
  const int before = seen->runs++;
  seen->processes.at(static_cast<std::size_t>(before)) = ::getpid();
  if (before < seen->finds) work.journal.found("it grew");
}

constexpr std::string_view kMeasured = "leaks.memory";

class RunnerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    void* shared = ::mmap(nullptr, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    ASSERT_NE(shared, MAP_FAILED);
    seen = new (shared) Seen;
  }
  void TearDown() override { ::munmap(seen, sizeof(Seen)); }

  // Of a row that finds something in its first runs.
  static Outcome outcomeOf(std::string_view id, int finds) {
    seen->finds = finds;
    const Row row{.id = id, .description = "", .remedy = "", .needs = Needs::kNothing, .run = look};
    const Package package;
    const std::array selected{Selected{.row = &row, .kept = true}};
    const auto outcomes =
        run(package, selected, {.timeout = std::chrono::seconds(60), .seed = 1, .scratch = "."});
    return outcomes.at(0);
  }
};

TEST_F(RunnerTest, MemoryThatGrewInOneProcessAloneIsNoLeak) {
  const auto outcome = outcomeOf(kMeasured, 1);
  EXPECT_EQ(outcome.state, State::kClean);
  EXPECT_THAT(outcome.findings, IsEmpty());
  EXPECT_EQ(seen->runs, 2);
  EXPECT_NE(seen->processes[0], seen->processes[1]);
}

TEST_F(RunnerTest, MemoryThatGrewInTwoProcessesIsALeakAndThereIsNoThird) {
  const auto outcome = outcomeOf(kMeasured, 4);
  EXPECT_EQ(outcome.state, State::kFound);
  EXPECT_THAT(outcome.findings, ElementsAre("it grew"));
  EXPECT_EQ(seen->runs, 2);
}

TEST_F(RunnerTest, WhatIsCleanIsNotLookedAtAgain) {
  EXPECT_EQ(outcomeOf(kMeasured, 0).state, State::kClean);
  EXPECT_EQ(seen->runs, 1);
}

TEST_F(RunnerTest, WhatIsCountedAccusesAtOnce) {
  EXPECT_EQ(outcomeOf("leaks.fds", 1).state, State::kFound);
  EXPECT_EQ(seen->runs, 1);
}

}  // namespace
}  // namespace revenge::check
