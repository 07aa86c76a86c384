#include <csignal>
#include <future>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/signals.hpp"

namespace revenge::runtime {
namespace {

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
  sigset_t before;
  sigset_t after;
  struct sigaction pipeBefore{};
  struct sigaction pipeAfter{};
  sigaction(SIGPIPE, nullptr, &pipeBefore);
  pthread_sigmask(SIG_BLOCK, nullptr, &before);
  {
    Signals signals;
    raiseAtProcess(SIGPIPE);
  }
  pthread_sigmask(SIG_BLOCK, nullptr, &after);
  EXPECT_EQ(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
  struct sigaction pipe{};
  sigaction(SIGPIPE, nullptr, &pipe);
  EXPECT_EQ(pipe.sa_handler, SIG_DFL);
}

}  // namespace
}  // namespace revenge::runtime
