#include "base/host_threads.hpp"

#include <csignal>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <sys/mman.h>
#include <unistd.h>

namespace revenge::base {

namespace {

constexpr std::size_t kSignalStack = 64UZ * 1024;

std::mutex mutex;

// Requires: mutex. Never destroyed: a thread that was given up may end after main() has returned.
using Marks = std::unordered_map<pid_t, const std::atomic<PluginMark>*>;
Marks& threads() {
  static Marks& all = *std::make_unique<Marks>().release();
  return all;
}

}  // namespace

// Memory that is not touched before a signal costs address space alone.
HostThread::HostThread()
    : id_(::gettid()),
      signal_stack_(
          ::mmap(nullptr, kSignalStack, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
  if (signal_stack_ == MAP_FAILED) signal_stack_ = nullptr;
  stack_t before{};
  if (signal_stack_ != nullptr && ::sigaltstack(nullptr, &before) == 0 &&
      (before.ss_flags & SS_DISABLE) != 0) {
    const stack_t mine{.ss_sp = signal_stack_, .ss_flags = 0, .ss_size = kSignalStack};
    ::sigaltstack(&mine, nullptr);
  }
  const std::lock_guard lock(mutex);
  threads().emplace(id_, &threadMark());
}

HostThread::~HostThread() {
  {
    const std::lock_guard lock(mutex);
    threads().erase(id_);
  }
  if (signal_stack_ == nullptr) return;
  stack_t now{};
  if (::sigaltstack(nullptr, &now) == 0 && now.ss_sp == signal_stack_) {
    const stack_t none{.ss_sp = nullptr, .ss_flags = SS_DISABLE, .ss_size = 0};
    ::sigaltstack(&none, nullptr);
  }
  ::munmap(signal_stack_, kSignalStack);
}

bool isHostThread(pid_t thread) {
  const std::lock_guard lock(mutex);
  return threads().contains(thread);
}

void forEachHostThread(const std::function<void(pid_t thread, PluginMark mark)>& each) {
  const std::lock_guard lock(mutex);
  for (const auto& [thread, mark] : threads()) each(thread, mark->load(std::memory_order_relaxed));
}

}  // namespace revenge::base
