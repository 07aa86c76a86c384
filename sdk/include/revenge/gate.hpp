// CallbackGate: lets an owner end while its callback may be running on a host thread.
//
// Shared by the owner and the callback; safe from any thread. close() returns when the callback is not running
// and will not run again, except when the callback itself closes: then it runs to its end.
#pragma once

#include <condition_variable>
#include <mutex>
#include <optional>

#include <pthread.h>

namespace revenge {

class CallbackGate {
 public:
  // False: closed, the callback must not run. Requires: at most one run at a time.
  bool enter() {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    running_ = pthread_self();
    return true;
  }
  void leave() {
    const std::lock_guard lock(mutex_);
    running_.reset();
    idle_.notify_all();
  }
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    idle_.wait(lock, [this] { return !running_ || pthread_equal(*running_, pthread_self()) != 0; });
  }
  bool closed() const {
    const std::lock_guard lock(mutex_);
    return closed_;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::optional<pthread_t> running_;
  bool closed_ = false;
};

}  // namespace revenge
