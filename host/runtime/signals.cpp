#include "runtime/signals.hpp"

#include <array>
#include <cerrno>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include "runtime/named_thread.hpp"

namespace revenge::runtime {

namespace {

sigset_t handledSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&set, signal);
  return set;
}

}  // namespace

Signals::Signals() {
  const sigset_t handled = handledSignals();
  pthread_sigmask(SIG_BLOCK, &handled, &before_);
  struct sigaction ignore{};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &pipeBefore_);
}

Signals::~Signals() {
  if (thread_.joinable()) {
    eventfd_write(end_.get(), 1);
    thread_.join();
  }
  sigaction(SIGPIPE, &pipeBefore_, nullptr);
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

base::Result<> Signals::listen(SignalHandlers handlers) {
  const sigset_t handled = handledSignals();
  signals_.reset(signalfd(-1, &handled, SFD_CLOEXEC));
  end_.reset(eventfd(0, EFD_CLOEXEC));
  if (!signals_ || !end_) return base::fail(base::Errc::kIo, "signals: {}", base::errnoText(errno));
  auto thread = startThread("signals", [this, handlers = std::move(handlers)] { run(handlers); });
  if (!thread) return std::unexpected(std::move(thread).error());
  thread_ = std::move(*thread);
  return {};
}

void Signals::run(const SignalHandlers& handlers) {
  bool stopping = false;
  for (;;) {
    std::array<pollfd, 2> ready{{{signals_.get(), POLLIN, 0}, {end_.get(), POLLIN, 0}}};
    if (poll(ready.data(), ready.size(), -1) < 0) continue;  // EINTR
    if (ready[1].revents != 0) return;
    signalfd_siginfo info{};
    if (read(signals_.get(), &info, sizeof info) != sizeof info) continue;
    const bool hangup = info.ssi_signo == SIGHUP;
    const auto& handler = hangup                          ? handlers.hangup
                          : std::exchange(stopping, true) ? handlers.force
                                                          : handlers.stop;
    if (handler) handler();
  }
}

}  // namespace revenge::runtime
