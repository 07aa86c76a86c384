#include "base/host_threads.hpp"

#include <memory>
#include <mutex>
#include <set>

#include <unistd.h>

namespace revenge::base {

namespace {

std::mutex mutex;

// Requires: mutex. Never destroyed: a thread that was given up may end after main() has returned.
std::set<pid_t>& threads() {
  static std::set<pid_t>& all = *std::make_unique<std::set<pid_t>>().release();
  return all;
}

}  // namespace

HostThread::HostThread() : id_(::gettid()) {
  const std::lock_guard lock(mutex);
  threads().insert(id_);
}

HostThread::~HostThread() {
  const std::lock_guard lock(mutex);
  threads().erase(id_);
}

bool isHostThread(pid_t thread) {
  const std::lock_guard lock(mutex);
  return threads().contains(thread);
}

}  // namespace revenge::base
