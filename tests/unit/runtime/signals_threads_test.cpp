#include <csignal>
#include <future>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/signals.hpp"

namespace revenge::runtime {
namespace {

sigset_t stopSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

// As main() does: blocked before the first thread, so that none left from another test takes a signal meant for us.
class BlockedFromTheStart final : public testing::Environment {
 public:
  void SetUp() override {
    const sigset_t set = stopSignals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
  }
};
const auto* const kBlocked =
    testing::AddGlobalTestEnvironment(std::make_unique<BlockedFromTheStart>().release());

bool isBlocked(int signal) {
  sigset_t now;
  pthread_sigmask(SIG_BLOCK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}

struct SignalsTest : testing::Test {
  SignalHandlers handlers() {
    return {.stop = [this] { stop.set_value(); },
            .force = [this] { force.set_value(); },
            .hangup = [this] { hangup.set_value(); }};
  }
  static void raiseAtProcess(int signal) { ASSERT_EQ(kill(getpid(), signal), 0); }
  std::promise<void> stop, force, hangup;
};

TEST_F(SignalsTest, FirstTermStopsAndTheSecondInterruptForces) {
  Signals signals;
  ASSERT_TRUE(signals.listen(handlers()));
  raiseAtProcess(SIGTERM);
  stop.get_future().wait();
  raiseAtProcess(SIGINT);
  force.get_future().wait();
}

TEST_F(SignalsTest, HangupIsAnEventAndNoStop) {
  Signals signals;
  raiseAtProcess(SIGHUP);  // before anybody listens: kept
  ASSERT_TRUE(signals.listen(handlers()));
  hangup.get_future().wait();
  raiseAtProcess(SIGINT);
  stop.get_future().wait();
}

TEST_F(SignalsTest, BrokenPipeIsIgnoredAndEverythingIsRestoredAfterwards) {
  const sigset_t set = stopSignals();
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  struct sigaction pipeBefore{};
  struct sigaction pipeAfter{};
  sigaction(SIGPIPE, nullptr, &pipeBefore);
  {
    Signals signals;
    raiseAtProcess(SIGPIPE);
    EXPECT_TRUE(isBlocked(SIGTERM));
  }
  sigaction(SIGPIPE, nullptr, &pipeAfter);
  EXPECT_EQ(pipeBefore.sa_handler, pipeAfter.sa_handler);
  EXPECT_FALSE(isBlocked(SIGTERM));
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace
}  // namespace revenge::runtime
