#include "base/host_threads.hpp"

#include <memory>
#include <mutex>
#include <unordered_map>

#include <unistd.h>

namespace revenge::base {

namespace {

std::mutex mutex;

// Requires: mutex. Never destroyed: a thread that was given up may end after main() has returned.
using Marks = std::unordered_map<pid_t, const std::atomic<PluginMark>*>;
Marks& threads() {
  static Marks& all = *std::make_unique<Marks>().release();
  return all;
}

}  // namespace

HostThread::HostThread() : id_(::gettid()) {
  const std::lock_guard lock(mutex);
  threads().emplace(id_, &threadMark());
}

HostThread::~HostThread() {
  const std::lock_guard lock(mutex);
  threads().erase(id_);
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
