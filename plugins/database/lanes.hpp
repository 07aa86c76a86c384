// Work for the plugin's own threads, first come first served. Thread safety: all functions from any thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace database {

class Lanes {
 public:
  // False, and the work untouched: closed.
  bool post(std::function<void()>&& work);
  // The body of a thread: works until close(), and then until nothing is left.
  void run();
  void close();
  std::size_t waiting() const;

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
  bool closed_ = false;
};

}  // namespace database
