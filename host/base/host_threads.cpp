#include "base/host_threads.hpp"

#include <mutex>
#include <set>

#include <unistd.h>

namespace revenge::base {

namespace {

std::mutex mutex;
std::set<pid_t> threads;  // guarded by mutex

}  // namespace

HostThread::HostThread() : id_(::gettid()) {
  const std::lock_guard lock(mutex);
  threads.insert(id_);
}

HostThread::~HostThread() {
  const std::lock_guard lock(mutex);
  threads.erase(id_);
}

bool isHostThread(pid_t thread) {
  const std::lock_guard lock(mutex);
  return threads.contains(thread);
}

}  // namespace revenge::base
