#include "process/warden.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/unique_fd.hpp"
#include "process/launch.hpp"
#include "process/strays.hpp"
#include "process/wire.hpp"

namespace revenge::process {
namespace {

// The outer process has gone: nothing would catch what a killed inner one leaves behind.
constexpr int kOuterGone = SIGUSR2;
// An end is told once nothing is left of the child; something that will not die even so delays it by no more.
constexpr int kHoldMs = 500;

class Warden {
 public:
  explicit Warden(int socket) : socket_(socket), null_(::open("/dev/null", O_RDWR | O_CLOEXEC)) {
    sigset_t heard;
    sigemptyset(&heard);
    sigaddset(&heard, SIGCHLD);
    sigaddset(&heard, kOuterGone);
    signals_.reset(::signalfd(-1, &heard, SFD_CLOEXEC | SFD_NONBLOCK));
  }

  // Until the host has gone.
  void serve() {
    for (;;) {
      std::array<pollfd, 2> ready{{{socket_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}}};
      const int count = ::poll(ready.data(), ready.size(), held_.empty() ? -1 : kHoldMs);
      if (count == 0) tellEnds();
      if (count <= 0) continue;
      if (ready[1].revents != 0 && !signalled()) return;
      if (ready[0].revents != 0 && !heard()) return;
    }
  }

 private:
  bool signalled() {
    signalfd_siginfo info{};
    while (::read(signals_.get(), &info, sizeof info) == sizeof info)
      if (info.ssi_signo == static_cast<std::uint32_t>(kOuterGone)) return false;
    reap();
    return true;
  }

  bool heard() {
    Packet packet;
    const Received received = receivePacket(socket_.get(), packet, MSG_DONTWAIT);
    if (received != Received::kPacket) return received == Received::kNothing;
    auto message = unpackFromHost(std::move(packet));
    if (!message) return false;
    if (const auto* start = std::get_if<StartChild>(&*message)) return this->start(*start);
    const auto& signal = std::get<SignalChild>(*message);
    // Until it is reaped its number is nobody else's.
    for (const auto& [pid, id] : mains_)
      if (id == signal.id) ::kill(-pid, signal.signal);
    return true;
  }

  bool start(const StartChild& start) {
    const Launched launched = launch(start, null_);
    if (launched.pid == 0) return tell(pack(Refused{start.id, launched.step, launched.error}));
    mains_[launched.pid] = start.id;
    return tell(pack(Started{start.id, launched.pid}));
  }

  void reap() {
    bool some = false;
    for (;;) {
      int status = 0;
      rusage used{};
      const pid_t pid = ::wait4(-1, &status, WNOHANG, &used);
      if (pid <= 0) {
        // No child at all: nothing to look for.
        if (pid < 0 || (some && !killStrays())) tellEnds();
        return;
      }
      some = true;
      const auto main = mains_.find(pid);
      if (main == mains_.end()) continue;
      held_.push_back({main->second, status, used.ru_utime.tv_sec * 1'000'000 + used.ru_utime.tv_usec,
                       used.ru_stime.tv_sec * 1'000'000 + used.ru_stime.tv_usec,
                       static_cast<std::uint64_t>(used.ru_maxrss)});
      mains_.erase(main);
    }
  }

  // A running child adopts what its descendants leave behind; so whatever is here and no such child belonged to one that
  // has ended. True: there was something.
  bool killStrays() {
    bool some = false;
    forEachChild([&](pid_t child) {
      if (mains_.contains(child)) return;
      ::kill(child, SIGKILL);
      some = true;
    });
    return some;
  }

  void tellEnds() {
    for (const Ended& ended : std::exchange(held_, {})) tell(pack(ended));
  }

  bool tell(const Packet& packet) { return sendPacket(socket_.get(), packet, 0) == Sent::kSent; }

  base::UniqueFd socket_;
  base::UniqueFd null_;
  base::UniqueFd signals_;
  std::map<pid_t, std::uint64_t> mains_;
  std::vector<Ended> held_;  // ended, while something of them or of others is still being killed
};

void closeAllBut(int socket) {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int i = 0; i < 3; ++i)
    if (i != socket) ::dup2(null, i);
  const auto number = static_cast<unsigned>(socket);
  if (number > 3) ::syscall(SYS_close_range, 3U, number - 1, 0U);
  ::syscall(SYS_close_range, number + 1, ~0U, 0U);
  ::fcntl(socket, F_SETFD, FD_CLOEXEC);
}

// Whoever signals the host's group or its unit means the host, which then ends the warden by closing the socket.
void blockSignals() {
  sigset_t all;
  sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);  // NOLINT(concurrency-mt-unsafe): one thread
  // The kernel's own call: glibc keeps two to itself, which may be ignored since before it was there.
  struct {
    void (*handler)(int) = SIG_DFL;
    unsigned long flags = 0;
    void (*restorer)() = nullptr;
    std::uint64_t mask = 0;
  } const standard;
  for (int signal = 1; signal < NSIG; ++signal)
    ::syscall(SYS_rt_sigaction, signal, &standard, nullptr, sizeof standard.mask);
}

}  // namespace

int wardenMain(int socket) {
  blockSignals();
  ::setsid();
  closeAllBut(socket);
  ::prctl(PR_SET_NAME, "revenge-warden");
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  const pid_t outer = ::getpid();
  const pid_t inner = ::fork();
  if (inner < 0) return 1;
  if (inner > 0) {
    ::close(socket);
    int status = 0;
    while (::waitpid(inner, &status, 0) < 0 && errno == EINTR) {
    }
    killAllChildren();
    return status == 0 ? 0 : 1;
  }
  ::prctl(PR_SET_PDEATHSIG, kOuterGone);
  if (::getppid() != outer) return 1;
  ::prctl(PR_SET_CHILD_SUBREAPER, 1);
  Warden(socket).serve();
  killAllChildren();
  return 0;
}

}  // namespace revenge::process
