#include <csignal>
#include <cstdlib>
#include <future>

#include <gtest/gtest.h>
#include <unistd.h>

#include "runtime/signals.hpp"

namespace revenge::runtime {
namespace {

// Each case is a process of its own: signals go to a process, and a thread left by another test could take them.
struct SignalsTest : testing::Test {
  SignalsTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

struct Received {
  SignalHandlers handlers() {
    return {.stop = [this] { stop.set_value(); },
            .force = [this] { force.set_value(); },
            .hangup = [this] { hangup.set_value(); }};
  }
  std::promise<void> stop, force, hangup;
};

void raiseAtProcess(int signal) { kill(getpid(), signal); }

bool isBlocked(int signal) {
  sigset_t now;
  pthread_sigmask(SIG_BLOCK, nullptr, &now);
  return sigismember(&now, signal) == 1;
}

bool ignoresBrokenPipe() {
  struct sigaction pipe{};
  sigaction(SIGPIPE, nullptr, &pipe);
  return pipe.sa_handler == SIG_IGN;
}

[[noreturn]] void leave(bool success) { std::_Exit(success ? 0 : 1); }

[[noreturn]] void termThenInterrupt() {
  Received received;
  Signals signals;
  if (!signals.listen(received.handlers())) leave(false);
  raiseAtProcess(SIGTERM);
  received.stop.get_future().wait();
  raiseAtProcess(SIGINT);
  received.force.get_future().wait();
  leave(true);
}

[[noreturn]] void hangupThenInterrupt() {
  Received received;
  Signals signals;
  raiseAtProcess(SIGHUP);  // before anybody listens: kept
  if (!signals.listen(received.handlers())) leave(false);
  received.hangup.get_future().wait();
  raiseAtProcess(SIGINT);
  received.stop.get_future().wait();
  leave(true);
}

[[noreturn]] void brokenPipeAndRestore() {
  std::signal(SIGPIPE, SIG_DFL);
  bool during = false;
  {
    Signals signals;
    raiseAtProcess(SIGPIPE);
    during = isBlocked(SIGTERM) && ignoresBrokenPipe();
  }
  leave(during && !isBlocked(SIGTERM) && !ignoresBrokenPipe());
}

TEST_F(SignalsTest, FirstTermStopsAndTheSecondInterruptForces) {
  EXPECT_EXIT(termThenInterrupt(), testing::ExitedWithCode(0), "");
}

TEST_F(SignalsTest, HangupIsAnEventAndNoStopAndNoneIsLostBeforeListening) {
  EXPECT_EXIT(hangupThenInterrupt(), testing::ExitedWithCode(0), "");
}

TEST_F(SignalsTest, BrokenPipeIsIgnoredAndEverythingIsRestoredAfterwards) {
  EXPECT_EXIT(brokenPipeAndRestore(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace revenge::runtime
