#include "observe/thread_stacks.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <utility>

#include <semaphore.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "observe/code_map.hpp"
#include "observe/stack_walk.hpp"

namespace revenge::observe {

namespace {

constexpr std::size_t kMostFrames = 64;
constexpr int kFromTheEnd = 2;  // the last ones are those that programs take first

// A slot is given to one question and is free again only when no handler can write to it any more: whoever gives up leaves it to
// the handler that still comes.
struct Slot {
  enum State : std::uint8_t { kFree, kAsked, kWriting, kDone, kGivenUp, kGivenUpWriting };
  std::atomic<State> state{kFree};
  std::atomic<pid_t> thread{0};
  sem_t written{};
  base::PluginMark inside = base::PluginMark::kHost;
  FixedText<200> doing{};
  std::array<std::uintptr_t, kMostFrames> frames{};
  std::size_t count = 0;

  bool moves(State from, State to) { return state.compare_exchange_strong(from, to); }
};
constinit std::array<Slot, 16> slots{};

bool addFrame(std::uintptr_t address, void* argument) {
  Slot& slot = *static_cast<Slot*>(argument);
  // The interrupted place was written first.
  if (slot.count == 1 && slot.frames[0] == address) return true;
  slot.frames[slot.count++] = address;
  return slot.count < kMostFrames;
}

void onAsked(int, siginfo_t* info, void* context) {
  const int before = errno;
  auto* const slot = static_cast<Slot*>(info->si_value.sival_ptr);
  const bool ours = info->si_code == SI_QUEUE && info->si_pid == ::getpid() && slot >= slots.data() &&
                    slot < slots.data() + slots.size();
  if (ours && slot->moves(Slot::kAsked, Slot::kWriting)) {
    slot->inside = base::currentPlugin();
    const char* const doing = base::currentActivity();
    slot->doing.set(doing == nullptr ? std::string_view()
                                     : std::string_view(doing, ::strnlen(doing, slot->doing.bytes.size())));
    const std::uintptr_t at = programCounter(context);
    slot->frames[0] = at;
    slot->count = 1;
    walkStack(&addFrame, slot, at);
    if (slot->moves(Slot::kWriting, Slot::kDone)) {
      ::sem_post(&slot->written);
    } else {
      slot->state.store(Slot::kFree);
    }
  } else if (ours) {
    slot->moves(Slot::kGivenUp, Slot::kFree);
  }
  errno = before;
}

int signalTo(pid_t thread, int number, Slot* slot) {
  siginfo_t info{};
  info.si_signo = number;
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_ptr = slot;
  const auto failed = ::syscall(SYS_rt_tgsigqueueinfo, ::getpid(), thread, number, &info);
  return failed == 0 ? 0 : errno;
}

// What waits for a thread that has ended comes no more.
bool isForNobody(const Slot& slot) {
  return ::syscall(SYS_tgkill, ::getpid(), slot.thread.load(), 0) != 0 && errno == ESRCH;
}

Slot* freeSlot() {
  for (Slot& slot : slots) {
    if (slot.moves(Slot::kFree, Slot::kAsked)) return &slot;
    if (slot.state.load() == Slot::kGivenUp && isForNobody(slot) && slot.moves(Slot::kGivenUp, Slot::kAsked))
      return &slot;
  }
  return nullptr;
}

// False: it gave up, and the slot is the handler's.
bool awaitWritten(Slot& slot, base::Duration patience) {
  timespec until{};
  ::clock_gettime(CLOCK_MONOTONIC, &until);
  const auto at = std::chrono::seconds(until.tv_sec) + std::chrono::nanoseconds(until.tv_nsec) + patience;
  const auto whole = std::chrono::floor<std::chrono::seconds>(at);
  until.tv_sec = whole.count();
  until.tv_nsec = std::chrono::nanoseconds(at - whole).count();
  int failed = 0;
  do {
    failed = ::sem_clockwait(&slot.written, CLOCK_MONOTONIC, &until);
  } while (failed != 0 && errno == EINTR);
  if (failed == 0) return true;
  if (slot.moves(Slot::kAsked, Slot::kGivenUp) || slot.moves(Slot::kWriting, Slot::kGivenUpWriting))
    return false;
  // Written just then: what follows is the post alone.
  while (::sem_wait(&slot.written) != 0) {
  }
  return true;
}

}  // namespace

int ThreadStacks::signalNumber() { return SIGRTMAX - kFromTheEnd; }

base::Result<ThreadStacks> ThreadStacks::install() {
  struct sigaction before{};
  ::sigaction(signalNumber(), nullptr, &before);
  if (before.sa_handler != SIG_DFL && before.sa_handler != SIG_IGN)
    return base::fail(base::Errc::kExists,
                      "signal {} has a handler already: no stack of a thread can be taken", signalNumber());
  prepareWalks();
  noteImages();
  for (Slot& slot : slots) {
    if (slot.state.load() == Slot::kFree) ::sem_init(&slot.written, 0, 0);
  }
  struct sigaction action{};
  action.sa_sigaction = onAsked;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
  if (::sigaction(signalNumber(), &action, nullptr) != 0)
    return base::fail(base::Errc::kIo, "signal {}: {}", signalNumber(), base::errnoText(errno));
  return ThreadStacks();
}

ThreadStacks::ThreadStacks(ThreadStacks&& other) noexcept : owns_(std::exchange(other.owns_, false)) {}

ThreadStacks::~ThreadStacks() {
  if (owns_) ::signal(signalNumber(), SIG_IGN);
}

base::Result<ThreadStacks::Taken> ThreadStacks::take(pid_t thread, base::Duration patience) const {
  Slot* const slot = freeSlot();
  if (slot == nullptr) return base::fail(base::Errc::kLimit, "too many threads have not answered yet");
  slot->thread.store(thread);
  if (const int failed = signalTo(thread, signalNumber(), slot); failed != 0) {
    slot->state.store(Slot::kFree);
    if (failed == ESRCH) return base::fail(base::Errc::kGone, "the thread has ended");
    return base::fail(base::Errc::kLimit, "no signal can be sent to it: {}", base::errnoText(failed));
  }
  if (!awaitWritten(*slot, patience))
    return base::fail(base::Errc::kTimedOut,
                      "the thread did not answer: it blocks the signal, or is not let run");
  Taken taken{.inside = slot->inside, .doing = std::string(slot->doing.view())};
  for (std::size_t i = 0; i < slot->count; ++i) taken.frames.push_back(frameAt(slot->frames[i]));
  slot->state.store(Slot::kFree);
  return taken;
}

}  // namespace revenge::observe
