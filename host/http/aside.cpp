#include "http/aside.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include "runtime/named_thread.hpp"

namespace revenge::http {

struct Aside::Core {
  void run() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock, [this] { return closed || !tasks.empty(); });
      if (closed) return;
      base::Task task = std::move(tasks.front());
      tasks.pop_front();
      ++running;
      lock.unlock();
      task();
      task = nullptr;
      lock.lock();
      --running;
      changed.notify_all();
    }
  }

  const std::size_t limit;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<base::Task> tasks;  // guarded by mutex, as what follows
  std::size_t running = 0;
  bool closed = false;
  std::vector<std::thread> threads = {};
};

Aside::Aside(std::size_t threads, std::size_t queue) : core_(std::make_shared<Core>(queue)) {
  for (std::size_t i = 0; i < threads; ++i) {
    auto started = runtime::startThread("aside-" + std::to_string(i), [core = core_] { core->run(); });
    if (started) core_->threads.push_back(std::move(*started));
  }
}

Aside::~Aside() { stop(); }

// getaddrinfo cannot be called off: a thread that is in it for longer than a moment is let go.
void Aside::stop() {
  std::deque<base::Task> dropped;
  std::vector<std::thread> threads;
  bool idle = false;
  {
    std::unique_lock lock(core_->mutex);
    core_->closed = true;
    dropped.swap(core_->tasks);
    threads.swap(core_->threads);
    core_->changed.notify_all();
    idle = core_->changed.wait_for(lock, std::chrono::seconds(1), [this] { return core_->running == 0; });
  }
  for (std::thread& thread : threads) idle ? thread.join() : thread.detach();
}

base::Submitted Aside::submit(base::Task&& task) {
  const std::lock_guard lock(core_->mutex);
  if (core_->closed || core_->threads.empty()) return base::Submitted::kGone;
  if (core_->tasks.size() >= core_->limit) return base::Submitted::kLimit;
  core_->tasks.push_back(std::move(task));
  core_->changed.notify_one();
  return base::Submitted::kTaken;
}

}  // namespace revenge::http
